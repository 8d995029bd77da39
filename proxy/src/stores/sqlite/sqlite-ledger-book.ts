/**
 * The book of the ledger inside one SQLite transaction: what each step writes, and which counters it moves.
 */
import type { StatementSync } from 'node:sqlite';
import { refusalOf, UNITS } from '../ledger-rules.ts';
import type {
	Amounts,
	LedgerStore,
	Resolution,
	ReserveOutcome,
	ReserveRequest,
	SettleRequest,
	WindowBalance,
} from '../ledger-store.ts';
import { LedgerCounters, type Counter } from './sqlite-ledger-counters.ts';

type Correction = Parameters< LedgerStore[ 'correct' ] >[ 0 ];
type Resolve = Omit< SettleRequest, 'reservationId' >;

/** What the entry that began a reservation says. */
interface Beginning {
	id: number | bigint;
	siteId: string;
	amounts: Amounts;
	windows: string;
}

interface BeginningRow {
	id: number;
	site_id: string;
	nano_usd: number;
	voice_seconds: number;
	images: number;
	windows: string;
}

/** Reservations that another process expired stay behind, so that there is an end to remembering. */
const MAX_BEGUN = 10_000;

const NOTHING: WindowBalance = { spent: 0, held: 0 };
const ZERO: Amounts = { nanoUsd: 0, voiceSeconds: 0, images: 0 };

/**
 * The steps of one transaction after another. `begin` each inside its transaction and `finish` it before the commit; after a transaction
 * that was not committed make a new book.
 */
export class LedgerBook {
	#prepare: ( sql: string ) => StatementSync;
	#counters: LedgerCounters;
	/** Reservations that were begun here and not resolved yet: their beginnings need not be read again. */
	#begun = new Map< string, Beginning >();

	constructor( prepare: ( sql: string ) => StatementSync ) {
		this.#prepare = prepare;
		this.#counters = new LedgerCounters( prepare );
	}

	begin(): void {
		this.#counters.begin();
	}

	finish(): void {
		this.#counters.finish();
	}

	reserve( request: ReserveRequest ): ReserveOutcome {
		const { reservationId, siteId, amounts } = request;
		const refusal = refusalOf(
			request.windows,
			amounts,
			( key ) => this.#counters.find( key ) ?? NOTHING
		);
		if ( refusal ) {
			return this.#beginningOf( reservationId )
				? { kind: 'duplicate' }
				: refusal;
		}
		const counters = request.windows.map( ( window ) =>
			this.#counters.findOrAdd( window )
		);
		const windows = namesOf( counters );
		const { changes, lastInsertRowid } = this.#prepare(
			`INSERT INTO ledger_entries (reservation_id, site_id, kind, nano_usd, voice_seconds, images, is_estimated, at, windows, details)
			VALUES (?, ?, 'reserve', ?, ?, ?, 1, ?, ?, ?) ON CONFLICT DO NOTHING`
		).run(
			reservationId,
			siteId,
			...inOrder( amounts ),
			request.now,
			windows,
			JSON.stringify( request.details )
		);
		if ( changes === 0 ) {
			return { kind: 'duplicate' };
		}
		this.#prepare(
			'INSERT INTO ledger_open (entry_id, expires_at) VALUES (?, ?)'
		).run( lastInsertRowid, request.expiresAt );
		for ( const counter of counters ) {
			this.#counters.change( counter, 0, amounts[ counter.unit ] ?? 0 );
		}
		if ( this.#begun.size >= MAX_BEGUN ) {
			this.#begun.clear();
		}
		this.#begun.set( reservationId, {
			id: lastInsertRowid,
			siteId,
			amounts,
			windows,
		} );
		return { kind: 'reserved' };
	}

	settle( request: SettleRequest ): Resolution {
		return this.#resolve( request.reservationId, 'settle', request );
	}

	release( reservationId: string, now: number ): Resolution {
		return this.#resolve( reservationId, 'release', {
			amounts: ZERO,
			isEstimated: false,
			usage: undefined,
			now,
		} );
	}

	/** Expires at most `limit` reservations that are due, and returns how many there were. */
	expire( now: number, limit: number ): number {
		const due = this.#prepare(
			`SELECT entry.id, reservation_id, site_id, nano_usd, voice_seconds, images, windows
			FROM ledger_open JOIN ledger_entries AS entry ON entry.id = entry_id WHERE expires_at <= ? LIMIT ?`
		).all( now, limit ) as unknown as Array<
			BeginningRow & { reservation_id: string }
		>;
		for ( const row of due ) {
			const beginning = toBeginning( row );
			const { amounts } = beginning;
			this.#begun.delete( row.reservation_id );
			this.#close( beginning, amounts );
			this.#addEntry( row.reservation_id, row.site_id, 'expire', {
				amounts,
				isEstimated: true,
				usage: undefined,
				now,
			} );
		}
		return due.length;
	}

	correct( correction: Correction, correctionId: string ): void {
		const { siteId, windows, nanoUsd, reason, now } = correction;
		const byAmount = new Map< number, Counter[] >();
		for ( const { key, unit } of windows ) {
			if ( unit !== 'nanoUsd' ) {
				continue;
			}
			const counter = this.#counters.findOrAdd( { key, unit } );
			const added = Math.max( nanoUsd, -counter.spent );
			if ( added !== 0 ) {
				this.#counters.change( counter, added, 0 );
				const same = byAmount.get( added ) ?? [];
				byAmount.set( added, [ ...same, counter ] );
			}
		}
		let count = 0;
		for ( const [ added, counters ] of byAmount ) {
			this.#prepare(
				`INSERT INTO ledger_entries (reservation_id, site_id, kind, nano_usd, at, windows, details) VALUES (?, ?, 'correct', ?, ?, ?, ?)`
			).run(
				`${ correctionId }-${ ++count }`,
				siteId,
				added,
				now,
				namesOf( counters ),
				JSON.stringify( {
					model: '',
					tier: '',
					visitorId: '',
					turnId: '',
					reason,
				} )
			);
		}
	}

	#resolve(
		reservationId: string,
		kind: 'settle' | 'release',
		resolution: Resolve
	): Resolution {
		const beginning =
			this.#begun.get( reservationId ) ??
			this.#beginningOf( reservationId );
		if ( ! beginning ) {
			return 'ignored';
		}
		const { siteId } = beginning;
		this.#begun.delete( reservationId );
		if ( this.#close( beginning, resolution.amounts ) ) {
			this.#addEntry( reservationId, siteId, kind, resolution );
			return 'resolved';
		}
		const end = this.#prepare(
			'SELECT kind FROM ledger_entries WHERE reservation_id = ? AND step = 1'
		).get( reservationId );
		if (
			end?.kind !== 'expire' ||
			! this.#addEntry( reservationId, siteId, 'reconcile', resolution )
		) {
			return 'ignored';
		}
		for ( const counter of this.#counters.named( beginning.windows ) ) {
			const { unit } = counter;
			const counted = beginning.amounts[ unit ] ?? 0;
			const took = resolution.amounts[ unit ] ?? 0;
			this.#counters.change( counter, took - counted, 0 );
		}
		return 'reconciled';
	}

	/** Takes a reservation from what is open and moves its counters; returns false when it was not open. */
	#close( { id, amounts, windows }: Beginning, spent: Amounts ): boolean {
		const { changes } = this.#prepare(
			'DELETE FROM ledger_open WHERE entry_id = ?'
		).run( id );
		if ( changes === 0 ) {
			return false;
		}
		for ( const counter of this.#counters.named( windows ) ) {
			const { unit } = counter;
			this.#counters.change(
				counter,
				spent[ unit ] ?? 0,
				-( amounts[ unit ] ?? 0 )
			);
		}
		return true;
	}

	/** Adds an entry after the first; returns false when the reservation has one of its kind. */
	#addEntry(
		reservationId: string,
		siteId: string,
		kind: 'settle' | 'release' | 'expire' | 'reconcile',
		{ amounts, isEstimated, usage, now }: Resolve
	): boolean {
		const { changes } = this.#prepare(
			`INSERT INTO ledger_entries (reservation_id, site_id, kind, nano_usd, voice_seconds, images, is_estimated, at, usage)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`
		).run(
			reservationId,
			siteId,
			kind,
			...inOrder( amounts ),
			isEstimated ? 1 : 0,
			now,
			usage ? JSON.stringify( usage ) : null
		);
		return changes > 0;
	}

	#beginningOf( reservationId: string ): Beginning | undefined {
		const row = this.#prepare(
			`SELECT id, site_id, nano_usd, voice_seconds, images, windows
			FROM ledger_entries WHERE reservation_id = ? AND step = 0 AND kind = 'reserve'`
		).get( reservationId ) as BeginningRow | undefined;
		return row && toBeginning( row );
	}
}

/** Reads the amounts of an entry. */
export function amountsOf( row: {
	nano_usd: number;
	voice_seconds: number;
	images: number;
} ): Amounts {
	return {
		nanoUsd: row.nano_usd,
		voiceSeconds: row.voice_seconds,
		images: row.images,
	};
}

function toBeginning( row: BeginningRow ): Beginning {
	return {
		id: row.id,
		siteId: row.site_id,
		amounts: amountsOf( row ),
		windows: row.windows,
	};
}

function namesOf( counters: Counter[] ): string {
	return counters.map( ( { id } ) => id ).join( ' ' );
}

function inOrder( amounts: Amounts ): number[] {
	return UNITS.map( ( unit ) => amounts[ unit ] ?? 0 );
}

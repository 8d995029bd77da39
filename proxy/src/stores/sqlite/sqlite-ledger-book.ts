/**
 * The book of the ledger inside one SQLite transaction: entries, what is open, and the counters, which are written once at its end.
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
	SpendingWindow,
	WindowBalance,
	WindowUnit,
} from '../ledger-store.ts';

type Correction = Parameters< LedgerStore[ 'correct' ] >[ 0 ];

/** A counter as the transaction sees it. */
interface Counter extends WindowBalance {
	id: number;
	unit: WindowUnit;
	isChanged: boolean;
}

interface BeginningRow {
	id: number;
	site_id: string;
	nano_usd: number;
	voice_seconds: number;
	images: number;
	windows: string;
}

const NOTHING: WindowBalance = { spent: 0, held: 0 };
const ZERO: Amounts = { nanoUsd: 0, voiceSeconds: 0, images: 0 };

/** The steps of one transaction. Make one inside it, and call `finish` before it ends. */
export class LedgerBook {
	#prepare: ( sql: string ) => StatementSync;
	#byKey = new Map< string, Counter >();
	#byId = new Map< number, Counter >();

	constructor( prepare: ( sql: string ) => StatementSync ) {
		this.#prepare = prepare;
	}

	reserve( request: ReserveRequest ): ReserveOutcome {
		const refusal = refusalOf(
			request.windows,
			request.amounts,
			( key ) => this.#find( key ) ?? NOTHING
		);
		if ( refusal ) {
			return this.#beginningOf( request.reservationId )
				? { kind: 'duplicate' }
				: refusal;
		}
		const counters = request.windows.map( ( window ) =>
			this.#findOrAdd( window )
		);
		const { changes, lastInsertRowid } = this.#prepare(
			`INSERT INTO ledger_entries (reservation_id, site_id, kind, nano_usd, voice_seconds, images, is_estimated, at, windows, details)
			VALUES (?, ?, 'reserve', ?, ?, ?, 1, ?, ?, ?) ON CONFLICT DO NOTHING`
		).run(
			request.reservationId,
			request.siteId,
			...inOrder( request.amounts ),
			request.now,
			counters.map( ( { id } ) => id ).join( ' ' ),
			JSON.stringify( request.details )
		);
		if ( changes === 0 ) {
			return { kind: 'duplicate' };
		}
		this.#prepare(
			'INSERT INTO ledger_open (entry_id, expires_at) VALUES (?, ?)'
		).run( lastInsertRowid, request.expiresAt );
		for ( const counter of counters ) {
			counter.held += request.amounts[ counter.unit ] ?? 0;
			counter.isChanged = true;
		}
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
			const amounts = amountsOf( row );
			this.#close( row, amounts, amounts );
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
			const counter = this.#findOrAdd( { key, unit } );
			const added = Math.max( nanoUsd, -counter.spent );
			if ( added !== 0 ) {
				this.#change( counter, added, 0 );
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
				counters.map( ( { id } ) => id ).join( ' ' ),
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

	/** Writes the counters that changed. */
	finish(): void {
		const update = this.#prepare(
			'UPDATE ledger_windows SET spent = ?, held = ? WHERE id = ?'
		);
		for ( const counter of this.#byId.values() ) {
			if ( counter.isChanged ) {
				update.run( counter.spent, counter.held, counter.id );
			}
		}
	}

	#resolve(
		reservationId: string,
		kind: 'settle' | 'release',
		resolution: Omit< SettleRequest, 'reservationId' >
	): Resolution {
		const row = this.#beginningOf( reservationId );
		if ( ! row ) {
			return 'ignored';
		}
		if ( this.#close( row, resolution.amounts, amountsOf( row ) ) ) {
			this.#addEntry( reservationId, row.site_id, kind, resolution );
			return 'resolved';
		}
		const end = this.#prepare(
			'SELECT kind FROM ledger_entries WHERE reservation_id = ? AND step = 1'
		).get( reservationId );
		if (
			end?.kind !== 'expire' ||
			! this.#addEntry(
				reservationId,
				row.site_id,
				'reconcile',
				resolution
			)
		) {
			return 'ignored';
		}
		const counted = amountsOf( row );
		for ( const counter of this.#countersOf( row.windows ) ) {
			const { unit } = counter;
			this.#change(
				counter,
				( resolution.amounts[ unit ] ?? 0 ) - ( counted[ unit ] ?? 0 ),
				0
			);
		}
		return 'reconciled';
	}

	/** Takes a reservation from what is open and moves its counters; returns false when it was not open. */
	#close( row: BeginningRow, spent: Amounts, held: Amounts ): boolean {
		const { changes } = this.#prepare(
			'DELETE FROM ledger_open WHERE entry_id = ?'
		).run( row.id );
		if ( changes === 0 ) {
			return false;
		}
		for ( const counter of this.#countersOf( row.windows ) ) {
			const { unit } = counter;
			this.#change( counter, spent[ unit ] ?? 0, -( held[ unit ] ?? 0 ) );
		}
		return true;
	}

	/** Adds an entry after the first; returns false when the reservation has one of its kind. */
	#addEntry(
		reservationId: string,
		siteId: string,
		kind: 'settle' | 'release' | 'expire' | 'reconcile',
		{
			amounts,
			isEstimated,
			usage,
			now,
		}: Omit< SettleRequest, 'reservationId' >
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

	#beginningOf( reservationId: string ): BeginningRow | undefined {
		return this.#prepare(
			`SELECT id, site_id, nano_usd, voice_seconds, images, windows
			FROM ledger_entries WHERE reservation_id = ? AND step = 0 AND kind = 'reserve'`
		).get( reservationId ) as BeginningRow | undefined;
	}

	#change( counter: Counter, spent: number, held: number ): void {
		counter.spent += spent;
		counter.held += held;
		counter.isChanged = true;
		if (
			counter.spent > Number.MAX_SAFE_INTEGER ||
			counter.spent < 0 ||
			counter.held < 0
		) {
			throw new RangeError(
				`the window ${ counter.id } cannot count ${ counter.spent } ${ counter.unit } spent and ${ counter.held } held`
			);
		}
	}

	#find( key: string ): Counter | undefined {
		const known = this.#byKey.get( key );
		if ( known ) {
			return known;
		}
		const row = this.#prepare(
			'SELECT id, unit, spent, held FROM ledger_windows WHERE key = ?'
		).get( key ) as Omit< Counter, 'isChanged' > | undefined;
		return row && this.#keep( key, { ...row, isChanged: false } );
	}

	#findOrAdd( { key, unit }: Omit< SpendingWindow, 'limit' > ): Counter {
		const known = this.#find( key );
		if ( known ) {
			if ( known.unit !== unit ) {
				throw new RangeError(
					`the window ${ key } counts ${ known.unit }, not ${ unit }`
				);
			}
			return known;
		}
		const { lastInsertRowid } = this.#prepare(
			'INSERT INTO ledger_windows (key, unit) VALUES (?, ?)'
		).run( key, unit );
		return this.#keep( key, {
			id: Number( lastInsertRowid ),
			unit,
			spent: 0,
			held: 0,
			isChanged: false,
		} );
	}

	#keep( key: string, counter: Counter ): Counter {
		this.#byKey.set( key, counter );
		this.#byId.set( counter.id, counter );
		return counter;
	}

	#countersOf( windows: string ): Counter[] {
		return windowIds( windows ).map( ( id ) => {
			const known = this.#byId.get( id );
			if ( known ) {
				return known;
			}
			const row = this.#prepare(
				'SELECT key, id, unit, spent, held FROM ledger_windows WHERE id = ?'
			).get( id ) as
				( Omit< Counter, 'isChanged' > & { key: string } ) | undefined;
			if ( ! row ) {
				throw new Error( `the ledger has no window ${ id }` );
			}
			return this.#keep( row.key, { ...row, isChanged: false } );
		} );
	}
}

/** Reads the ids of windows as an entry keeps them. */
export function windowIds( windows: string ): number[] {
	return windows === '' ? [] : windows.split( ' ' ).map( Number );
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

function inOrder( amounts: Amounts ): number[] {
	return UNITS.map( ( unit ) => amounts[ unit ] ?? 0 );
}

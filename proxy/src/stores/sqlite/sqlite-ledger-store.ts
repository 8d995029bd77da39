/**
 * Keeps the ledger in SQLite: three tables, each step one transaction.
 */
import type {
	CallDetails,
	LedgerEntry,
	LedgerStore,
	ReserveOutcome,
	ReserveRequest,
	SettleRequest,
	WindowBalance,
} from '../ledger-store.ts';
import type { Database } from './database.ts';

interface ReservationRow {
	site_id: string;
	amount_nano_usd: number;
	window_keys: string;
	details: string;
}

interface Resolution {
	kind: 'settle' | 'release' | 'expire';
	/** What counts as spent; undefined stands for the whole reserve. */
	spentNanoUsd: number | undefined;
	isEstimated: boolean;
	usage: SettleRequest[ 'usage' ];
	now: number;
}

/** Makes a {@link LedgerStore} on an open database. */
export function createSqliteLedgerStore( database: Database ): LedgerStore {
	const { prepare, write, writeSoon } = database;

	const balanceOf = ( key: string ): WindowBalance => {
		const row = prepare(
			'SELECT spent_nano_usd AS spent, held_nano_usd AS held FROM ledger_windows WHERE key = ?'
		).get( key ) as { spent: number; held: number } | undefined;
		return { spentNanoUsd: row?.spent ?? 0, heldNanoUsd: row?.held ?? 0 };
	};

	const refusalOf = (
		request: ReserveRequest
	): ReserveOutcome | undefined => {
		const rows = prepare(
			`SELECT key, spent_nano_usd AS spent, held_nano_usd AS held FROM ledger_windows WHERE key IN (${ marks( request.windows ) })`
		).all( ...request.windows.map( ( { key } ) => key ) );
		for ( const { key, limitNanoUsd } of request.windows ) {
			const row = rows.find( ( candidate ) => candidate.key === key );
			const spentNanoUsd = Number( row?.spent ?? 0 );
			const heldNanoUsd = Number( row?.held ?? 0 );
			const remaining = limitNanoUsd - spentNanoUsd - heldNanoUsd;
			if ( request.amountNanoUsd > remaining ) {
				return {
					kind: 'refused',
					reason: refusalReason(
						request.amountNanoUsd,
						limitNanoUsd,
						spentNanoUsd
					),
					windowKey: key,
					remainingNanoUsd: Math.max( 0, remaining ),
				};
			}
		}
		return undefined;
	};

	const addEntry = (
		entry: Omit< LedgerEntry, 'id' | keyof CallDetails > & {
			details: string;
		}
	) =>
		prepare(
			`INSERT INTO ledger_entries (reservation_id, site_id, kind, amount_nano_usd, is_estimated, usage, details, at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?)`
		).run(
			entry.reservationId,
			entry.siteId,
			entry.kind,
			entry.amountNanoUsd,
			entry.isEstimated ? 1 : 0,
			entry.usage ? JSON.stringify( entry.usage ) : null,
			entry.details,
			entry.at
		);

	const resolve = (
		reservationId: string,
		resolution: Resolution
	): boolean => {
		const row = prepare(
			'DELETE FROM ledger_reservations WHERE id = ? RETURNING site_id, amount_nano_usd, window_keys, details'
		).get( reservationId ) as ReservationRow | undefined;
		if ( ! row ) {
			return false;
		}
		const spent = resolution.spentNanoUsd ?? row.amount_nano_usd;
		const keys = JSON.parse( row.window_keys ) as string[];
		prepare(
			`UPDATE ledger_windows SET held_nano_usd = held_nano_usd - ?, spent_nano_usd = spent_nano_usd + ? WHERE key IN (${ marks( keys ) })`
		).run( row.amount_nano_usd, spent, ...keys );
		addEntry( {
			reservationId,
			siteId: row.site_id,
			kind: resolution.kind,
			amountNanoUsd: spent,
			isEstimated: resolution.isEstimated,
			usage: resolution.usage,
			details: row.details,
			at: resolution.now,
		} );
		return true;
	};

	return {
		reserve: ( request ) =>
			write( () => {
				const refusal = refusalOf( request );
				if ( refusal ) {
					return refusal;
				}
				const details = JSON.stringify( request.details );
				const keys = request.windows.map( ( window ) => window.key );
				prepare(
					`INSERT INTO ledger_windows (key, held_nano_usd) VALUES ${ keys.map( () => '(?, ?)' ).join( ', ' ) }
					ON CONFLICT (key) DO UPDATE SET held_nano_usd = held_nano_usd + excluded.held_nano_usd`
				).run(
					...keys.flatMap( ( key ) => [ key, request.amountNanoUsd ] )
				);
				prepare(
					`INSERT INTO ledger_reservations (id, site_id, amount_nano_usd, window_keys, details, expires_at)
					VALUES (?, ?, ?, ?, ?, ?)`
				).run(
					request.reservationId,
					request.siteId,
					request.amountNanoUsd,
					JSON.stringify( keys ),
					details,
					request.expiresAt
				);
				addEntry( {
					reservationId: request.reservationId,
					siteId: request.siteId,
					kind: 'reserve',
					amountNanoUsd: request.amountNanoUsd,
					isEstimated: true,
					usage: undefined,
					details,
					at: request.now,
				} );
				return { kind: 'reserved' };
			} ),

		settle: ( request ) =>
			writeSoon( () =>
				resolve( request.reservationId, {
					kind: 'settle',
					spentNanoUsd: request.amountNanoUsd,
					isEstimated: request.isEstimated,
					usage: request.usage,
					now: request.now,
				} )
			),

		release: ( reservationId, now ) =>
			write( () =>
				resolve( reservationId, {
					kind: 'release',
					spentNanoUsd: 0,
					isEstimated: false,
					usage: undefined,
					now,
				} )
			),

		expire: ( now ) =>
			write( () => {
				const due = prepare(
					'SELECT id FROM ledger_reservations WHERE expires_at <= ? LIMIT 1000'
				).all( now ) as Array< { id: string } >;
				for ( const { id } of due ) {
					resolve( id, {
						kind: 'expire',
						spentNanoUsd: undefined,
						isEstimated: true,
						usage: undefined,
						now,
					} );
				}
				return due.length;
			} ),

		async balance( windowKey ) {
			return balanceOf( windowKey );
		},

		async entries( siteId, limit ) {
			const rows = prepare(
				'SELECT * FROM ledger_entries WHERE site_id = ? ORDER BY id DESC LIMIT ?'
			).all( siteId, limit ) as unknown as EntryRow[];
			return rows.map( toEntry );
		},
	};
}

interface EntryRow {
	id: number;
	reservation_id: string;
	site_id: string;
	kind: LedgerEntry[ 'kind' ];
	amount_nano_usd: number;
	is_estimated: number;
	usage: string | null;
	details: string;
	at: number;
}

function toEntry( row: EntryRow ): LedgerEntry {
	return {
		...( JSON.parse( row.details ) as CallDetails ),
		id: row.id,
		reservationId: row.reservation_id,
		siteId: row.site_id,
		kind: row.kind,
		amountNanoUsd: row.amount_nano_usd,
		isEstimated: row.is_estimated === 1,
		usage: row.usage === null ? undefined : JSON.parse( row.usage ),
		at: row.at,
	};
}

/** Writes a placeholder for each value. */
function marks( values: readonly unknown[] ): string {
	return values.map( () => '?' ).join( ', ' );
}

function refusalReason(
	amountNanoUsd: number,
	limitNanoUsd: number,
	spentNanoUsd: number
): 'too_large' | 'wait' | 'spent' {
	if ( amountNanoUsd > limitNanoUsd ) {
		return 'too_large';
	}
	return amountNanoUsd > limitNanoUsd - spentNanoUsd ? 'spent' : 'wait';
}

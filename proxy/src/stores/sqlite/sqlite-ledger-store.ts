/**
 * Keeps the ledger in SQLite. Steps that meet in one turn of the event loop share one transaction.
 */
import { randomUUID } from 'node:crypto';
import {
	assertCorrection,
	assertCount,
	assertReserve,
	assertSettle,
} from '../ledger-rules.ts';
import type {
	CallDetails,
	LedgerEntry,
	LedgerStore,
	WindowBalance,
} from '../ledger-store.ts';
import type { Database } from './database.ts';
import { amountsOf, LedgerBook } from './sqlite-ledger-book.ts';
import { windowIds } from './sqlite-ledger-counters.ts';
import { checkLedger } from './sqlite-ledger-check.ts';

/** So many settlements are company enough; a commit shared by more costs each of them little less. */
const ENOUGH_FOR_A_COMMIT = 32;

/** How many reservations expire in one transaction, so that others get their turn. */
const EXPIRE_AT_ONCE = 1_000;

interface Step {
	work( book: LedgerBook ): unknown;
	resolve( value: unknown ): void;
	reject( reason: unknown ): void;
}

/** What a ledger remembers of a file would not notice what another one on the same connection writes: there is one for each. */
const ledgers = new WeakMap< Database, LedgerStore >();

/** Makes the {@link LedgerStore} of an open database, or returns the one that was made before. */
export function createSqliteLedgerStore( database: Database ): LedgerStore {
	let ledger = ledgers.get( database );
	if ( ! ledger ) {
		ledger = makeLedgerStore( database );
		ledgers.set( database, ledger );
	}
	return ledger;
}

function makeLedgerStore( database: Database ): LedgerStore {
	const { prepare } = database;
	let waiting: Step[] = [];
	let isUrgent = false;
	let current = new LedgerBook( prepare );
	/** Whether what the book remembers is what the file holds. */
	let isCommitted = true;
	let transactions = 0;

	/** Writes a group of steps. When one of them cannot be written, each is tried alone, so that it does not spoil the others. */
	const commit = ( take: () => Step[], soon: boolean ): void => {
		let group: Step[] | undefined;
		let transaction = 0;
		const values: unknown[] = [];
		const write = soon ? database.writeSoon : database.write;
		write( () => {
			group ??= take();
			if ( group.length === 0 ) {
				return;
			}
			if ( ! isCommitted ) {
				current = new LedgerBook( prepare );
			}
			isCommitted = false;
			transaction = ++transactions;
			values.length = 0;
			current.begin();
			for ( const { work } of group ) {
				values.push( work( current ) );
			}
			current.finish();
		} ).then(
			() => {
				// Unless another group wrote in the same transaction, with a book of its own.
				isCommitted ||= transaction === transactions;
				for ( const [ index, { resolve } ] of (
					group ?? []
				).entries() ) {
					resolve( values[ index ] );
				}
			},
			( error ) => {
				const failed = group ?? take();
				for ( const step of failed ) {
					if ( failed.length > 1 && isOfOneStep( error ) ) {
						commit( () => [ step ], false );
					} else {
						step.reject( error );
					}
				}
			}
		);
	};

	const takeWaiting = (): Step[] => {
		const group = waiting;
		waiting = [];
		isUrgent = false;
		return group;
	};

	const run = < T >(
		work: ( book: LedgerBook ) => T,
		{ soon = false } = {}
	): Promise< T > =>
		new Promise< T >( ( resolve, reject ) => {
			waiting.push( {
				work,
				resolve: resolve as Step[ 'resolve' ],
				reject,
			} );
			if ( isUrgent ) {
				return;
			}
			isUrgent = ! soon || waiting.length >= ENOUGH_FOR_A_COMMIT;
			if ( isUrgent || waiting.length === 1 ) {
				commit( takeWaiting, ! isUrgent );
			}
		} );

	return {
		async reserve( request ) {
			assertReserve( request );
			return run( ( book ) => book.reserve( request ) );
		},

		async settle( request ) {
			assertSettle( request );
			return run( ( book ) => book.settle( request ), { soon: true } );
		},

		async release( reservationId, now ) {
			assertCount( 'now', now );
			return run( ( book ) => book.release( reservationId, now ) );
		},

		async expire( now ) {
			assertCount( 'now', now );
			let total = 0;
			let expired;
			do {
				expired = await run( ( book ) =>
					book.expire( now, EXPIRE_AT_ONCE )
				);
				total += expired;
			} while ( expired === EXPIRE_AT_ONCE );
			return total;
		},

		async correct( correction ) {
			assertCorrection( correction );
			const id = `correct-${ randomUUID() }`;
			await run( ( book ) => book.correct( correction, id ) );
		},

		async balance( windowKey ) {
			const row = prepare(
				'SELECT spent, held FROM ledger_windows WHERE key = ?'
			).get( windowKey ) as WindowBalance | undefined;
			return { spent: row?.spent ?? 0, held: row?.held ?? 0 };
		},

		async entries( siteId, limit ) {
			const rows = prepare(
				`SELECT entry.id, entry.reservation_id, entry.site_id, entry.kind, entry.nano_usd, entry.voice_seconds, entry.images,
					entry.is_estimated, entry.usage, entry.at, first.windows, first.details
				FROM ledger_entries AS entry
				JOIN ledger_entries AS first ON first.reservation_id = entry.reservation_id AND first.step = 0
				WHERE entry.site_id = ? ORDER BY entry.id DESC LIMIT ?`
			).all( siteId, limit ) as unknown as EntryRow[];
			const keyOf = prepare(
				'SELECT key FROM ledger_windows WHERE id = ?'
			);
			return rows.map( ( row ) =>
				toEntry( row, ( id ) => String( keyOf.get( id )?.key ) )
			);
		},

		async check() {
			return database.read( () => checkLedger( prepare ) );
		},
	};
}

const SQLITE_CONSTRAINT = 19;

/** Tells whether a step brought the error about, or the file, in which nothing can be written now. */
function isOfOneStep( error: unknown ): boolean {
	const { errcode } = error as { errcode?: number };
	return errcode === undefined || errcode % 256 === SQLITE_CONSTRAINT;
}

interface EntryRow {
	id: number;
	reservation_id: string;
	site_id: string;
	kind: LedgerEntry[ 'kind' ];
	nano_usd: number;
	voice_seconds: number;
	images: number;
	is_estimated: number;
	usage: string | null;
	windows: string;
	details: string;
	at: number;
}

function toEntry(
	row: EntryRow,
	keyOf: ( windowId: number ) => string
): LedgerEntry {
	return {
		...( JSON.parse( row.details ) as CallDetails & { reason?: string } ),
		id: row.id,
		reservationId: row.reservation_id,
		siteId: row.site_id,
		kind: row.kind,
		amounts: amountsOf( row ),
		windowKeys: windowIds( row.windows ).map( keyOf ),
		isEstimated: row.is_estimated === 1,
		usage: row.usage === null ? undefined : JSON.parse( row.usage ),
		at: row.at,
	};
}

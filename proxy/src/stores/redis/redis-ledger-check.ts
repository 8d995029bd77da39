/**
 * Adds the books in Redis up again, entry by entry, and compares them with what is open and with the counters.
 */
import { UNITS } from '../ledger-rules.ts';
import type { Amounts, LedgerCheck, WindowBalance } from '../ledger-store.ts';
import type { RedisConnection } from './connection.ts';
import {
	LEDGER_SITES,
	ledgerKeys,
	readLine,
	readWindow,
} from './redis-ledger-format.ts';

/** More problems than these are counted, not listed. */
const MAX_PROBLEMS = 100;

/** Entries that are read at once. */
const PAGE = 1_000;

/** Time limit of a reading, in milliseconds. */
const READ_TIMEOUT_MS = 10_000;

/** A reservation that is open, or that has expired and may still be reconciled. */
interface Unresolved {
	amounts: Amounts;
	windowKeys: string[];
	isOpen: boolean;
}

/**
 * Checks the ledgers of all sites. Counters and the length of the book are read in one moment; the entries before that length never change
 * any more, so the rest may be read while others go on writing.
 */
export async function checkRedisLedgers(
	connection: RedisConnection
): Promise< LedgerCheck > {
	const siteIds = await connection.command< string[] >( [
		'SMEMBERS',
		LEDGER_SITES,
	] );
	const total: LedgerCheck = {
		entries: 0,
		windows: 0,
		openReservations: 0,
		problems: [],
	};
	let problemCount = 0;
	const tell = ( problem: string ): void => {
		problemCount++;
		if ( total.problems.length < MAX_PROBLEMS ) {
			total.problems.push( problem );
		}
	};
	for ( const siteId of siteIds ) {
		await checkSite( connection, siteId, total, tell );
	}
	if ( problemCount > total.problems.length ) {
		total.problems.push(
			`… and ${ problemCount - total.problems.length } more`
		);
	}
	return total;
}

async function checkSite(
	connection: RedisConnection,
	siteId: string,
	total: LedgerCheck,
	tell: ( problem: string ) => void
): Promise< void > {
	const keys = ledgerKeys( siteId );
	const options = { timeoutMs: READ_TIMEOUT_MS };
	const [ length, windows, openRecords ] = await connection.transaction<
		[ number, Record< string, string >, Record< string, string > ]
	>(
		[
			[ 'LLEN', keys.book ],
			[ 'HGETALL', keys.windows ],
			[ 'HGETALL', keys.open ],
		],
		options
	);

	const unresolved = new Map< string, Unresolved >();
	const sums = new Map< string, Record< string, WindowBalance > >();
	const count = (
		windowKeys: readonly string[],
		part: keyof WindowBalance,
		amounts: Amounts,
		sign: 1 | -1
	): void => {
		for ( const key of windowKeys ) {
			const sum = sums.get( key ) ?? {};
			sums.set( key, sum );
			for ( const unit of UNITS ) {
				const balance = ( sum[ unit ] ??= { spent: 0, held: 0 } );
				balance[ part ] += sign * ( amounts[ unit ] ?? 0 );
			}
		}
	};

	for ( let first = 0; first < length; first += PAGE ) {
		const texts = await connection.command< string[] >(
			[
				'LRANGE',
				keys.book,
				String( first ),
				String( Math.min( length, first + PAGE ) - 1 ),
			],
			options
		);
		for ( const [ offset, text ] of texts.entries() ) {
			const index = first + offset;
			const { kind, reservationId, amounts, windowKeys } =
				readLine( text );
			if ( kind === 'correct' ) {
				count( windowKeys, 'spent', amounts, 1 );
				continue;
			}
			if ( kind === 'reserve' ) {
				count( windowKeys, 'held', amounts, 1 );
				if ( unresolved.has( reservationId ) ) {
					tell( `reservation ${ reservationId } begins twice` );
				}
				unresolved.set( reservationId, {
					amounts,
					windowKeys,
					isOpen: true,
				} );
				continue;
			}
			const begun = unresolved.get( reservationId );
			if ( ! begun || begun.isOpen === ( kind === 'reconcile' ) ) {
				tell(
					`entry ${ index + 1 } (${ kind }) resolves reservation ${ reservationId }, which ${
						begun?.isOpen ? 'has not expired' : 'is not open'
					}`
				);
				continue;
			}
			count(
				begun.windowKeys,
				kind === 'reconcile' ? 'spent' : 'held',
				begun.amounts,
				-1
			);
			count( begun.windowKeys, 'spent', amounts, 1 );
			if ( kind === 'expire' ) {
				begun.isOpen = false;
			} else {
				unresolved.delete( reservationId );
			}
		}
	}

	const open = new Set(
		Object.keys( openRecords ).filter( ( id ) => ! id.startsWith( '!' ) )
	);
	total.openReservations += open.size;
	for ( const [ id, { isOpen } ] of unresolved ) {
		if ( isOpen && ! open.delete( id ) ) {
			tell(
				`reservation ${ id } is open in the book and missing from what is open`
			);
		}
	}
	for ( const id of open ) {
		tell(
			`what is open names reservation ${ id }, which is not open in the book`
		);
	}

	total.entries += length;
	for ( const [ key, text ] of Object.entries( windows ) ) {
		const window = readWindow( text );
		if ( key.startsWith( '!' ) || ! window ) {
			continue;
		}
		total.windows++;
		const { unit, spent, held } = window;
		const sum = sums.get( key )?.[ unit ] ?? { spent: 0, held: 0 };
		sums.delete( key );
		if ( sum.spent !== spent || sum.held !== held ) {
			tell(
				`window ${ key } counts ${ spent } ${ unit } spent and ${ held } held, but its entries add up to ${ sum.spent } spent and ${ sum.held } held`
			);
		}
	}
	for ( const key of sums.keys() ) {
		tell( `window ${ key } is in the book and has no counter` );
	}
}

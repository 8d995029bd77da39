/**
 * Reads the newest entries of a site's book in Redis.
 */
import type { CallDetails, LedgerEntry } from '../ledger-store.ts';
import type { RedisConnection } from './connection.ts';
import { ledgerKeys, readLine, type BookLine } from './redis-ledger-format.ts';

/** Time limit of what reads much, in milliseconds. */
const READ_TIMEOUT_MS = 5_000;

/** Entries that are read at once on the way back. */
const PAGE = 1_000;

/** Lists the newest entries first; an entry that ends a reservation is told together with the one that began it. */
export async function readEntries(
	connection: RedisConnection,
	siteId: string,
	limit: number
): Promise< LedgerEntry[] > {
	if ( limit <= 0 ) {
		return [];
	}
	const options = { timeoutMs: READ_TIMEOUT_MS };
	const { book } = ledgerKeys( siteId );
	// Only as one are the length and the last entries of the same moment.
	const [ length, texts ] = await connection.transaction<
		[ number, string[] ]
	>(
		[
			[ 'LLEN', book ],
			[ 'LRANGE', book, String( -limit ), '-1' ],
		],
		options
	);
	const first = length - texts.length;
	const lines = texts.map( readLine );
	const beginnings = await findBeginnings( connection, book, lines, first );
	return lines
		.map( ( line, offset ): LedgerEntry => {
			const { reservationId, kind, amounts, payload } = line;
			const begun = beginnings.get( reservationId ) ?? line;
			const { d, w } = begun.payload;
			return {
				...( d as CallDetails ),
				...( w === undefined ? {} : { reason: w } ),
				id: first + offset + 1,
				reservationId,
				siteId,
				kind,
				amounts,
				windowKeys: begun.windowKeys,
				isEstimated:
					kind === 'reserve' || kind === 'expire' || payload.e === 1,
				usage: payload.u,
				at: payload.t,
			};
		} )
		.reverse();
}

/** Finds the entries that began the reservations of some entries, further and further back in the book. */
async function findBeginnings(
	connection: RedisConnection,
	book: string,
	lines: readonly BookLine[],
	first: number
): Promise< Map< string, BookLine > > {
	const beginnings = new Map< string, BookLine >();
	const missing = new Set(
		lines
			.filter( ( { kind } ) => kind !== 'correct' )
			.map( ( { reservationId } ) => reservationId )
	);
	const look = ( page: readonly BookLine[] ): void => {
		for ( const line of page ) {
			if (
				line.kind === 'reserve' &&
				missing.delete( line.reservationId )
			) {
				beginnings.set( line.reservationId, line );
			}
		}
	};
	look( lines );
	for ( let end = first; end > 0 && missing.size > 0; end -= PAGE ) {
		const texts = await connection.command< string[] >(
			[
				'LRANGE',
				book,
				String( Math.max( 0, end - PAGE ) ),
				String( end - 1 ),
			],
			{ timeoutMs: READ_TIMEOUT_MS }
		);
		look( texts.map( readLine ) );
	}
	return beginnings;
}

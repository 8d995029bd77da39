/**
 * Reads the newest entries of a site's book in Redis.
 */
import type { CallDetails, LedgerEntry } from '../ledger-store.ts';
import type { RedisConnection } from './connection.ts';
import { ledgerKeys, readLine } from './redis-ledger-format.ts';

/** Time limit of what reads much, in milliseconds. */
const READ_TIMEOUT_MS = 5_000;

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
	const entries = await Promise.all(
		texts.map( async ( text, offset ) => {
			const line = readLine( text );
			let begun = line;
			if ( line.begunBy !== undefined ) {
				begun = readLine(
					texts[ line.begunBy - first ] ??
						( await connection.command< string >(
							[ 'LINDEX', book, String( line.begunBy ) ],
							options
						) )
				);
			}
			const { r = '', d, w } = begun.payload;
			return {
				...( d as CallDetails ),
				...( w === undefined ? {} : { reason: w } ),
				id: first + offset + 1,
				reservationId: r,
				siteId,
				kind: line.kind,
				amounts: line.amounts,
				windowKeys: begun.windowKeys,
				isEstimated:
					line.kind === 'reserve' ||
					line.payload.e === 1 ||
					line.kind === 'expire',
				usage: line.payload.u,
				at: line.payload.t,
			};
		} )
	);
	return entries.reverse();
}

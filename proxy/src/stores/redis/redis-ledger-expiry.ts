/**
 * Lets reservations run out in Redis: looks which are due, page by page, and has the script count them.
 */
import type { RedisConnection } from './connection.ts';
import {
	ledgerKeys,
	RECONCILE_MS,
	timeOfRecord,
} from './redis-ledger-format.ts';
import type { LedgerGroups } from './redis-ledger-groups.ts';
import { expireStep, forgetStep } from './redis-ledger-step.ts';

/** How many reservations are looked at, and how many run out, at once, so that others get their turn. */
const PAGE = 500;
const EXPIRE_AT_ONCE = 200;

/** Ids of reservations that look due: to run out, and to be forgotten because they ran out long ago. */
export interface DueReservations {
	toExpire: string[];
	toForget: string[];
}

/** Looks which reservations of a site are due; whoever acts on it asks the script, which looks again. */
export async function findDue(
	connection: RedisConnection,
	siteId: string,
	now: number
): Promise< DueReservations > {
	const keys = ledgerKeys( siteId );
	const [ toExpire, toForget ] = await Promise.all( [
		idsBefore( connection, keys.open, now ),
		idsBefore( connection, keys.lapsed, now - RECONCILE_MS ),
	] );
	return { toExpire, toForget };
}

/** Lets reservations run out that look due, forgets those that did long ago, and returns how many ran out. */
export async function expireSite(
	groups: LedgerGroups,
	siteId: string,
	{ toExpire, toForget }: DueReservations,
	now: number
): Promise< number > {
	const runs = inPages( toExpire ).map( ( ids ) =>
		groups.run( siteId, expireStep( ids, now ) )
	);
	const forgets = inPages( toForget ).map( ( ids ) =>
		groups.run( siteId, forgetStep( ids, now - RECONCILE_MS, now ) )
	);
	const [ counts ] = await Promise.all( [
		Promise.all( runs ),
		Promise.all( forgets ),
	] );
	return counts.reduce< number >(
		( sum, count ) => sum + ( count as number ),
		0
	);
}

async function idsBefore(
	connection: RedisConnection,
	hash: string,
	time: number
): Promise< string[] > {
	const ids = new Set< string >();
	let cursor = '0';
	do {
		const [ next, page ] = await connection.command< [ string, string[] ] >(
			[ 'HSCAN', hash, cursor, 'COUNT', String( PAGE ) ]
		);
		cursor = next;
		for ( let index = 0; index < page.length; index += 2 ) {
			// A field that is no reservation has no time.
			if ( timeOfRecord( page[ index + 1 ] ?? '' ) <= time ) {
				ids.add( page[ index ] ?? '' );
			}
		}
	} while ( cursor !== '0' );
	return [ ...ids ];
}

function inPages( ids: readonly string[] ): string[][] {
	return Array.from(
		{ length: Math.ceil( ids.length / EXPIRE_AT_ONCE ) },
		( _, page ) =>
			ids.slice( page * EXPIRE_AT_ONCE, ( page + 1 ) * EXPIRE_AT_ONCE )
	);
}

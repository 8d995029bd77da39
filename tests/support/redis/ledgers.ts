/**
 * Opens ledgers on a Redis as proxies do, each on a connection of its own, and asks them for money.
 */
import {
	connectRedis,
	type RedisConnection,
} from '../../../proxy/src/stores/redis/connection.ts';
import {
	createRedisLedgerStore,
	type RedisLedgerOptions,
	type RedisLedgerStore,
} from '../../../proxy/src/stores/redis/redis-ledger-store.ts';
import type { ReserveRequest } from '../../../proxy/src/stores/ledger-store.ts';

/** A ledger with the connection that it stands on. */
export interface OpenLedger {
	store: RedisLedgerStore;
	connection: RedisConnection;
	close(): Promise< void >;
}

/** Beats and pauses that do not make a test wait; `closedMs` must hold several beats. */
export const QUICK = { beatMs: 50, closedMs: 500 };

/** Opens a ledger. */
export async function openLedger(
	url: string,
	options: Partial< RedisLedgerOptions > = QUICK
): Promise< OpenLedger > {
	const connection = await connectRedis( { url } );
	const store = createRedisLedgerStore( { connection, ...options } );
	return {
		store,
		connection,
		async close() {
			store.close();
			await connection.close();
		},
	};
}

let next = 0;

/** Makes a request for money, with an id of its own, in the window `day` and, when it is given, in `visitor`. */
export function requestFor(
	nanoUsd: number,
	{
		day = 1_000_000,
		visitor,
		id = `${ process.pid }-${ ++next }`,
		now = 1_000,
		ttlMs = 600_000,
	}: {
		day?: number;
		visitor?: number;
		id?: string;
		now?: number;
		ttlMs?: number;
	} = {}
): ReserveRequest {
	return {
		reservationId: id,
		siteId: 'shop',
		windows: [
			{ key: 'day', unit: 'nanoUsd', limit: day },
			...( visitor === undefined
				? []
				: [
						{
							key: 'visitor',
							unit: 'nanoUsd' as const,
							limit: visitor,
						},
					] ),
		],
		amounts: { nanoUsd },
		now,
		expiresAt: now + ttlMs,
		details: {
			model: 'm',
			tier: 'economy',
			visitorId: 'v',
			turnId: 't',
		},
	};
}

/** Makes the settlement of a request. */
export const settlementOf = (
	{ reservationId }: ReserveRequest,
	nanoUsd: number
) => ( {
	reservationId,
	amounts: { nanoUsd },
	isEstimated: false,
	usage: undefined,
	now: 2_000,
} );

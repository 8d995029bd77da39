/**
 * Keeps rate limits in Redis, so that several proxies count as one.
 */
import { createMemoryRateLimitStore } from '../memory/memory-rate-limit-store.ts';
import { assertLimits, takeOne } from '../rate-limit-rules.ts';
import type { RateLimitStore } from '../rate-limit-store.ts';
import { isStoreAway } from '../store-away.ts';
import type { RedisConnection } from './connection.ts';
import { readScript } from './script.ts';

const script = readScript(
	new URL( './redis-rate-limit.lua', import.meta.url )
);

/** A visitor does not wait longer for a counter, in milliseconds. */
const TIMEOUT_MS = 500;

/** While Redis is away each proxy allows this share of a quota on its own: four of them allow together what was allowed before. */
const SHARE_ALONE = 1 / 4;

/** Makes a {@link RateLimitStore}. While Redis is away a quarter of each quota is counted in this proxy's memory. */
export function createRedisRateLimitStore(
	connection: RedisConnection
): RateLimitStore {
	const alone = createMemoryRateLimitStore();
	return {
		async take( limits, now ) {
			assertLimits( limits );
			try {
				const [ , ...before ] = await connection.script<
					[ number, ...string[] ]
				>(
					script,
					limits.map( ( { key } ) => redisKey( key ) ),
					[
						String( now ),
						...limits.flatMap( ( { quota, periodMs } ) => [
							String( quota ),
							String( periodMs ),
						] ),
					],
					{ timeoutMs: TIMEOUT_MS }
				);
				return takeOne(
					limits,
					before.map( ( text ) => {
						const [ at, backlogMs ] = text
							.split( ' ' )
							.map( Number );
						return { at: at ?? now, backlogMs: backlogMs ?? 0 };
					} ),
					now
				).outcome;
			} catch ( error ) {
				if ( ! isStoreAway( error ) ) {
					throw error;
				}
				return alone.take(
					limits.map( ( limit ) => ( {
						...limit,
						quota: Math.max(
							1,
							Math.floor( limit.quota * SHARE_ALONE )
						),
					} ) ),
					now
				);
			}
		},
	};
}

/** Puts a limit into the slot of its site, which is the second word of its key. */
function redisKey( key: string ): string {
	return `docent:{${ key.split( ':' )[ 1 ] ?? '' }}:limit:${ key }`;
}

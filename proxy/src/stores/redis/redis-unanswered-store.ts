/**
 * Keeps the questions without an answer in Redis.
 */
import type { UnansweredStore } from '../answer-store.ts';
import type { RedisConnection } from './connection.ts';
import { siteKey } from './redis-site-key.ts';
import { readScript } from './script.ts';

const LOG = readScript(
	new URL( './redis-unanswered-log.lua', import.meta.url )
);

/** What is stored beside the normalised question and the time it was last asked. */
interface Entry {
	question: string;
	language: string;
	count: number;
	firstAskedAt: number;
}

/** Makes a store of unanswered questions over a connection. */
export function createRedisUnansweredStore(
	redis: RedisConnection
): UnansweredStore {
	const keys = ( siteId: string ): [ entries: string, times: string ] => [
		siteKey( siteId, 'unanswered' ),
		siteKey( siteId, 'unanswered:asked' ),
	];

	return {
		async log(
			siteId,
			{ question, normalised, language, at },
			maxEntries
		) {
			await redis.script( LOG, keys( siteId ), [
				normalised,
				question,
				language,
				String( at ),
				String( maxEntries ),
			] );
		},

		async list( siteId, limit ) {
			const [ entries, times ] = keys( siteId );
			const [ stored, asked ] = await redis.transaction<
				[
					Record< string, string >,
					Array< [ normalised: string, at: number ] >,
				]
			>( [
				[ 'HGETALL', entries ],
				[ 'ZRANGE', times, '0', '-1', 'WITHSCORES' ],
			] );
			return asked
				.map( ( [ normalised, lastAskedAt ] ) => ( {
					normalised,
					lastAskedAt,
					...( JSON.parse( stored[ normalised ] ?? '{}' ) as Entry ),
				} ) )
				.sort(
					( a, b ) =>
						b.count - a.count || b.lastAskedAt - a.lastAskedAt
				)
				.slice( 0, limit );
		},

		async delete( siteId, normalised ) {
			const [ entries, times ] = keys( siteId );
			const [ deleted ] = await redis.transaction< [ number ] >( [
				[ 'HDEL', entries, normalised ],
				[ 'ZREM', times, normalised ],
			] );
			return deleted === 1;
		},
	};
}

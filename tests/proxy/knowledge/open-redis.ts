/**
 * Starts a Redis for a test file, opens empty databases on it, and opens knowledge and answers over those.
 */
import { afterAll, beforeAll } from 'vitest';
import { createAnswers } from '../../../proxy/src/answers/answers.ts';
import { createUnanswered } from '../../../proxy/src/answers/unanswered.ts';
import { createKnowledge } from '../../../proxy/src/knowledge/knowledge.ts';
import {
	connectRedis,
	type RedisConnection,
} from '../../../proxy/src/stores/redis/connection.ts';
import { createRedisAnswerStore } from '../../../proxy/src/stores/redis/redis-answer-store.ts';
import { createRedisKnowledgeStore } from '../../../proxy/src/stores/redis/redis-knowledge-store.ts';
import { createRedisUnansweredStore } from '../../../proxy/src/stores/redis/redis-unanswered-store.ts';
import { createHandClock } from '../../support/clock.ts';
import { startRedis, type RedisServer } from '../../support/redis/index.ts';
import type { OpenOptions, Rooms } from './rooms.ts';

/** How many databases a server has unless told otherwise. */
const DATABASES = 16;

/** A server for the tests of one file. */
export interface TestRedis {
	readonly server: RedisServer;
	/** Connects to a database that is empty. */
	connect(): Promise< RedisConnection >;
	/** Connects once more to the database that was opened last, as another proxy would. */
	connectAgain(): Promise< RedisConnection >;
}

/** Starts a server before the tests of the file and stops it after them. */
export function redisOfThisFile(): TestRedis {
	let server: RedisServer | undefined;
	let opened = -1;
	beforeAll( async () => {
		server = await startRedis( { isDurable: false } );
	} );
	afterAll( () => server?.stop() );

	const running = (): RedisServer => {
		if ( ! server ) {
			throw new Error( 'The server is started before the first test.' );
		}
		return server;
	};
	const connectTo = ( database: number ) =>
		connectRedis( { url: `${ running().url }/${ database }` } );

	return {
		get server() {
			return running();
		},
		async connect() {
			opened = ( opened + 1 ) % DATABASES;
			const connection = await connectTo( opened );
			await connection.command( [ 'FLUSHDB' ] );
			return connection;
		},
		connectAgain: () => connectTo( opened ),
	};
}

/** Opens rooms over a connection. */
export function roomsOver(
	redis: RedisConnection,
	{
		maxAnswersPerSite,
		maxUnansweredPerSite,
		clock = createHandClock(),
	}: OpenOptions = {}
): Rooms {
	const answers = createAnswers( {
		store: createRedisAnswerStore( redis ),
		clock,
		...( maxAnswersPerSite !== undefined && {
			maxEntriesPerSite: maxAnswersPerSite,
		} ),
	} );
	return {
		knowledge: createKnowledge( {
			store: createRedisKnowledgeStore( redis ),
			clock,
		} ),
		answers,
		unanswered: createUnanswered( {
			store: createRedisUnansweredStore( redis ),
			clock,
			...( maxUnansweredPerSite !== undefined && {
				maxEntriesPerSite: maxUnansweredPerSite,
			} ),
		} ),
		clock,
		async close() {
			await answers.flush();
			await redis.close();
		},
	};
}

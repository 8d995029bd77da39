/**
 * Keeps everything in one Redis (7 or later, or Valkey), which any number of proxies share.
 */
import type { Logger } from 'pino';
import type { Stores } from '../stores.ts';
import { connectRedis } from './connection.ts';
import { watchDurability } from './durability.ts';
import { createRedisAnswerStore } from './redis-answer-store.ts';
import { createRedisCallStore } from './redis-call-store.ts';
import { createRedisConversationStore } from './redis-conversation-store.ts';
import { createRedisKnowledgeStore } from './redis-knowledge-store.ts';
import { createRedisLedgerStore } from './redis-ledger-store.ts';
import { createRedisRateLimitStore } from './redis-rate-limit-store.ts';
import { createRedisSiteStore } from './redis-site-store.ts';
import { createRedisSpeechStore } from './redis-speech-store.ts';
import { createRedisTurnStore } from './redis-turn-store.ts';
import { createRedisUnansweredStore } from './redis-unanswered-store.ts';

/** How long a look at the store may take, in milliseconds. */
const CHECK_TIMEOUT_MS = 1_000;

/** Connects, and goes on when Redis is away: `checkReadable` says so, and everything works as soon as it is there. */
export async function openRedisStores(
	url: string,
	{
		dataDir,
		log,
	}: {
		/** Where the proxy notes which sites have spent through Redis. */
		dataDir?: string | undefined;
		log?: Pick< Logger, 'info' | 'warn' | 'error' > | undefined;
	} = {}
): Promise< Stores > {
	const connection = await connectRedis( { url, log } );
	if ( log ) {
		watchDurability( connection, log );
	}
	const ledger = createRedisLedgerStore( { connection, dataDir, log } );
	const turns = createRedisTurnStore( connection );
	const check = async ( ...command: string[] ): Promise< void > => {
		await connection.command( command, { timeoutMs: CHECK_TIMEOUT_MS } );
	};
	return {
		kind: 'redis',
		sites: createRedisSiteStore( connection ),
		knowledge: createRedisKnowledgeStore( connection ),
		answers: createRedisAnswerStore( connection ),
		unanswered: createRedisUnansweredStore( connection ),
		conversations: createRedisConversationStore( connection ),
		ledger,
		calls: createRedisCallStore( connection ),
		speech: createRedisSpeechStore( connection ),
		rateLimits: createRedisRateLimitStore( connection ),
		turns,
		checkReadable: () => check( 'PING' ),
		checkWritable: () =>
			check( 'SET', 'docent:writable', '1', 'PX', '60000' ),
		async close() {
			ledger.close();
			await turns.close();
			await connection.close();
		},
	};
}

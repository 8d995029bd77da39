/**
 * Looks for stale answers in the Redis store.
 */
import { redisOfThisFile, roomsOver } from '../knowledge/open-redis.ts';
import { describeNeverStale } from './never-stale-contract.ts';

const redis = redisOfThisFile();

describeNeverStale(
	'Redis',
	async ( options ) => roomsOver( await redis.connect(), options ),
	{ seeds: [ 4 ], edits: 100 }
);

describeNeverStale(
	'a Redis that two proxies share',
	async ( options ) => {
		const asked = roomsOver( await redis.connect(), options );
		const edited = roomsOver( await redis.connectAgain() );
		return {
			...asked,
			// The site is edited through one proxy; visitors ask the other.
			knowledge: {
				...asked.knowledge,
				putDocuments: edited.knowledge.putDocuments,
				removeDocument: edited.knowledge.removeDocument,
			},
			async close() {
				await asked.close();
				await edited.close();
			},
		};
	},
	{ seeds: [ 5 ], edits: 100 }
);

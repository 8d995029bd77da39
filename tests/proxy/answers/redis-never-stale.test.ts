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

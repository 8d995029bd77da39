/**
 * Puts the Redis store through the contract of knowledge, and through what only a shared server can suffer.
 */
import { redisOfThisFile, roomsOver } from './open-redis.ts';
import { describeKnowledge } from './knowledge-contract.ts';

const redis = redisOfThisFile();

describeKnowledge( 'Redis', async ( options ) =>
	roomsOver( await redis.connect(), options )
);

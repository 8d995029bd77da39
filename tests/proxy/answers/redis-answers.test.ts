/**
 * Puts the Redis store through the contract of answers.
 */
import { redisOfThisFile, roomsOver } from '../knowledge/open-redis.ts';
import { describeAnswers } from './answers-contract.ts';

const redis = redisOfThisFile();

describeAnswers( 'Redis', async ( options ) =>
	roomsOver( await redis.connect(), options )
);

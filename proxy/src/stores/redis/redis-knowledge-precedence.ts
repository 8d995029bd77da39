/**
 * Lets a change go first that was overtaken by another one, so that many small changes do not hold up a large one for ever.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { StoreAwayError } from '../store-away.ts';
import type { RedisConnection } from './connection.ts';
import { siteKey } from './redis-site-key.ts';

/** How long a change keeps its precedence should its proxy end, in milliseconds. */
const KEEP_MS = 5_000;

/** How long a change waits and tries again, in milliseconds. */
const GIVE_UP_MS = 60_000;
const LONGEST_PAUSE_MS = 60;

/** The place of one change among others of its site. */
export interface Precedence {
	/** Names the change to the step that makes it count. */
	readonly token: string;
	/** To be called when the change was overtaken. Resolves when no other change may overtake it any more; rejects when that takes too long. */
	take(): Promise< void >;
	/** Gives the precedence back, if the change has it and did not come to count. */
	giveBack(): Promise< void >;
}

/** Makes the place of a new change; it has no precedence. */
export function createPrecedence(
	redis: RedisConnection,
	siteId: string
): Precedence {
	const token = randomUUID();
	const key = siteKey( siteId, 'changing' );
	const endsAt = performance.now() + GIVE_UP_MS;
	let isTaken = false;

	return {
		token,

		async take() {
			while ( performance.now() < endsAt ) {
				const holder = await redis.command< string | null >( [
					'SET',
					key,
					token,
					'NX',
					'GET',
					'PX',
					String( KEEP_MS ),
				] );
				if ( holder === null || holder === token ) {
					await redis.command( [
						'PEXPIRE',
						key,
						String( KEEP_MS ),
					] );
					isTaken = true;
					return;
				}
				await pause( Math.random() * LONGEST_PAUSE_MS );
			}
			throw new StoreAwayError(
				'the documents of the site change all the time'
			);
		},

		async giveBack() {
			if ( isTaken ) {
				await redis.command( [ 'DEL', key ] );
			}
		},
	};
}

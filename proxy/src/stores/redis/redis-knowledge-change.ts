/**
 * Changes the documents of a site in Redis: works the change out, stages it, makes it count in one step with the answers that fall, and
 * has it written down.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type {
	KnowledgeChange,
	KnowledgeChangeResult,
} from '../knowledge-store.ts';
import { StoreAwayError } from '../store-away.ts';
import type { RedisConnection } from './connection.ts';
import { ANSWER_ENTRIES } from './redis-answer-store.ts';
import {
	findOutdatedAnswers,
	type Outdated,
} from './redis-knowledge-outdated.ts';
import { planChange, type Plan } from './redis-knowledge-plan.ts';
import {
	CHANGE_TIMEOUT_MS,
	FIELDS_AT_ONCE,
	readKnowledgeStep,
	readSettledSite,
	writeDown,
	type SiteState,
} from './redis-knowledge-site.ts';
import { siteKey } from './redis-site-key.ts';

const COMMIT = readKnowledgeStep( 'commit', ANSWER_ENTRIES );

/** Another proxy may be faster so often; every time, that other one got something done. */
const MAX_ATTEMPTS = 40;
const LONGEST_PAUSE_MS = 100;

/** Applies a change as a whole or not at all. */
export async function changeKnowledge(
	redis: RedisConnection,
	siteId: string,
	change: KnowledgeChange
): Promise< KnowledgeChangeResult > {
	for ( let attempt = 0; attempt < MAX_ATTEMPTS; attempt++ ) {
		const before = await readSettledSite( redis, siteId );
		const plan = await planChange( redis, siteId, before, change );
		if ( ! plan ) {
			return {
				version: before.version,
				changed: [],
				removed: [],
				fallenAnswers: 0,
			};
		}
		const outdated = await findOutdatedAnswers(
			redis,
			siteId,
			plan,
			change
		);
		const result = await makeCount( redis, siteId, before, plan, outdated );
		if ( result ) {
			return result;
		}
		await pause( Math.random() * LONGEST_PAUSE_MS );
	}
	throw new StoreAwayError( 'the documents of the site change all the time' );
}

/** Returns undefined when the site is not any more as it was. */
async function makeCount(
	redis: RedisConnection,
	siteId: string,
	before: SiteState,
	{ site, stage, changed, removed }: Plan,
	{ ids, lastSeen }: Outdated
): Promise< KnowledgeChangeResult | undefined > {
	const changedIds = changed.map( ( { id } ) => id );
	const done = await redis.script<
		[ version: number, fallen: number, left: number ] | null
	>(
		COMMIT,
		[ siteKey( siteId ) ],
		[
			String( before.version ),
			before.epoch,
			randomBytes( 8 ).toString( 'hex' ),
			stage.change,
			String( stage.nowCount ),
			String( stage.laterCount ),
			String( site.passages ),
			String( site.documents ),
			String( site.next ),
			JSON.stringify( site.languages ),
			JSON.stringify( [ ...removed, ...changedIds ] ),
			JSON.stringify( ids ),
			lastSeen,
			String( FIELDS_AT_ONCE ),
		],
		{ timeoutMs: CHANGE_TIMEOUT_MS }
	);
	if ( ! done ) {
		await stage.discard();
		return undefined;
	}
	const [ version, fallenAnswers, left ] = done;
	if ( left > 0 ) {
		await writeDown( redis, siteId, stage.change );
	}
	return { version, changed: changedIds, removed, fallenAnswers };
}

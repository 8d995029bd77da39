/**
 * Changes the documents of a site in Redis: works the change out, stages it, makes it count in one step with the answers and the speech that
 * fall, and has it written down.
 */
import { randomBytes } from 'node:crypto';
import type {
	KnowledgeChange,
	KnowledgeChangeResult,
} from '../knowledge-store.ts';
import type { RedisConnection } from './connection.ts';
import { ANSWER_ENTRIES } from './redis-answer-store.ts';
import {
	findOutdatedAnswers,
	type Outdated,
} from './redis-knowledge-outdated.ts';
import { planChange, type Plan } from './redis-knowledge-plan.ts';
import { createPrecedence } from './redis-knowledge-precedence.ts';
import {
	CHANGE_TIMEOUT_MS,
	FIELDS_AT_ONCE,
	readKnowledgeStep,
	readSettledSite,
	writeDown,
	type SiteState,
} from './redis-knowledge-site.ts';
import { siteKey } from './redis-site-key.ts';
import { SPEECH_ENTRIES } from './redis-speech-store.ts';

const COMMIT = readKnowledgeStep( 'commit', ANSWER_ENTRIES, SPEECH_ENTRIES );

/** Applies a change as a whole or not at all. */
export async function changeKnowledge(
	redis: RedisConnection,
	siteId: string,
	change: KnowledgeChange
): Promise< KnowledgeChangeResult > {
	const precedence = createPrecedence( redis, siteId );
	for (;;) {
		const before = await readSettledSite( redis, siteId );
		const plan = await planChange( redis, siteId, before, change );
		if ( ! plan ) {
			await precedence.giveBack();
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
		const result = await makeCount( redis, siteId, {
			before,
			plan,
			outdated,
			token: precedence.token,
		} );
		if ( result ) {
			return result;
		}
		await precedence.take();
	}
}

/** Returns undefined when the site is not any more as it was. */
async function makeCount(
	redis: RedisConnection,
	siteId: string,
	{
		before,
		plan: { site, stage, changed, removed },
		outdated: { ids, lastSeen },
		token,
	}: { before: SiteState; plan: Plan; outdated: Outdated; token: string }
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
			token,
			JSON.stringify( removed ),
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

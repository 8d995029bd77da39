/**
 * Changes the documents of a site in Redis: works the change out, stages it, makes it count in one step with the answers that fall, and
 * has it written down.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type {
	KnowledgeChange,
	KnowledgeChangeResult,
} from '../knowledge-store.ts';
import { StoreAwayError } from '../store-away.ts';
import type { RedisConnection } from './connection.ts';
import type { CommandArgument } from './link.ts';
import { ANSWER_ENTRIES } from './redis-answer-store.ts';
import {
	findOutdatedAnswers,
	type Outdated,
} from './redis-knowledge-outdated.ts';
import { planChange, type Plan, type Writes } from './redis-knowledge-plan.ts';
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

/** How much one command stages: fields, and bytes of values. */
const STAGED_FIELDS = 1_000;
const STAGED_BYTES = 1_000_000;

/** A change that nobody makes count disappears after this time, in milliseconds. */
const STAGED_MS = 600_000;

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
	{ site, now, later, changed, removed }: Plan,
	{ ids, lastSeen }: Outdated
): Promise< KnowledgeChangeResult | undefined > {
	const change = randomUUID();
	const staged = siteKey( siteId, `change:${ change }` );
	const changedIds = changed.map( ( { id } ) => id );
	await stage( redis, `${ staged }:now`, now );
	await stage( redis, staged, later );
	const done = await redis.script<
		[ version: number, fallen: number, left: number ] | null
	>(
		COMMIT,
		[ siteKey( siteId ) ],
		[
			String( before.version ),
			before.epoch,
			randomBytes( 8 ).toString( 'hex' ),
			change,
			String( now.size ),
			String( later.size ),
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
		await redis.command( [ 'UNLINK', staged, `${ staged }:now` ] );
		return undefined;
	}
	const [ version, fallenAnswers, left ] = done;
	if ( left > 0 ) {
		await writeDown( redis, siteId, change );
	}
	return { version, changed: changedIds, removed, fallenAnswers };
}

/** Puts what a change writes beside what there is, where nobody sees it. */
async function stage(
	redis: RedisConnection,
	key: string,
	writes: Writes
): Promise< void > {
	let some: CommandArgument[] = [];
	let bytes = 0;
	const send = async () => {
		const args = [ 'HSET', key, ...some ];
		some = [];
		bytes = 0;
		await Promise.all( [
			redis.command( args, { timeoutMs: CHANGE_TIMEOUT_MS } ),
			redis.command( [ 'PEXPIRE', key, String( STAGED_MS ) ], {
				timeoutMs: CHANGE_TIMEOUT_MS,
			} ),
		] );
	};
	for ( const [ field, value ] of writes ) {
		some.push( field, value );
		bytes += value.length;
		if ( some.length >= STAGED_FIELDS * 2 || bytes >= STAGED_BYTES ) {
			await send();
		}
	}
	if ( some.length > 0 ) {
		await send();
	}
}

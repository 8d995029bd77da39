/**
 * Describes a question: where it was asked, and what an answer to it must agree on before anybody else is given the same.
 */
import { createHash } from 'node:crypto';
import type { Asked } from '../answers/answers.ts';
import { normaliseQuestion } from '../answers/normalise.ts';
import type { Knowledge } from '../knowledge/knowledge.ts';
import type { Catalog } from '../models/catalog.ts';
import type { Settings } from '../settings.ts';
import type { PastTurn } from '../stores/conversation-store.ts';
import type { AudioFile, PageScope, Voice } from '../types.ts';
import { isPersonal } from './personal.ts';
import { PROMPT_VERSION } from './prompt.ts';
import type { RunningTurn } from './running-turn.ts';

/** A question as the route let it in. */
export interface Question {
	siteId: string;
	requestId: string;
	text: string;
	scope: PageScope | undefined;
	/** BCP 47 tag of the page, for questions whose language cannot be told. */
	language: string | undefined;
	settings: Settings;
	/** What the visitor said; `text` is then what was typed beside it, often nothing, until it is written down. */
	audio?: AudioFile | undefined;
	/** The voice in which the answer is to be heard; undefined: it is only read. */
	voice?: Voice | undefined;
}

/** A question with its place: the turn it streams into, what was said before, the language of its answer. */
export interface Asking {
	question: Question;
	turn: RunningTurn;
	history: PastTurn[];
	language: string;
}

/** What a search brought, and the words it was made with. */
export type Found = Awaited< ReturnType< Knowledge[ 'search' ] > > & {
	query: string;
};

/** Tells whether an answer may go to others, too: to a standalone question that is not personal, unless the owner wants every answer made anew. */
export function mayBeShared( {
	question,
	history,
}: Pick< Asking, 'question' | 'history' > ): boolean {
	return (
		question.settings.cache.enabled &&
		history.length === 0 &&
		! isPersonal( question.text )
	);
}

/**
 * Names the answer that a question shares with others who are waiting for theirs; undefined when it shares none. Passages of the same version of the documents are the same passages.
 */
export function sharingKey(
	asking: Asking,
	asked: Asked,
	{ knowledgeVersion }: Found
): string | undefined {
	if ( ! mayBeShared( asking ) ) {
		return undefined;
	}
	const normalised = normaliseQuestion( asked.question );
	return normalised === ''
		? undefined
		: JSON.stringify( [
				asked.siteId,
				asked.language,
				asked.scopeKey,
				asked.assistantVersion,
				asking.turn.user === undefined ? 'guest' : 'member',
				knowledgeVersion,
				normalised,
			] );
}

/** Says what an answer in the cache must agree on with the question. */
export function describeAsked(
	{ question, language }: Asking,
	catalog: Catalog | undefined
): Asked {
	const { siteId, scope, text, settings } = question;
	return {
		siteId,
		language,
		scopeKey: scope ? `page:${ scope.postId ?? scope.url ?? '' }` : '',
		assistantVersion: assistantVersion(
			settings,
			catalog?.fingerprint ?? 'extractive'
		),
		question: text,
	};
}

/** Settings are one object until they change, and so is their version. */
const versions = new WeakMap<
	Settings,
	{ catalog: string; version: string }
>();

function assistantVersion( settings: Settings, catalog: string ): string {
	const known = versions.get( settings );
	if ( known?.catalog === catalog ) {
		return known.version;
	}
	const version = createHash( 'sha256' )
		.update(
			JSON.stringify( [ PROMPT_VERSION, catalog, settings.assistant ] )
		)
		.digest( 'base64url' );
	versions.set( settings, { catalog, version } );
	return version;
}

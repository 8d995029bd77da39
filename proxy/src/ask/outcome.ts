/**
 * Says what a turn can come to, and streams the outcomes that need no model.
 */
import { extractAnswer } from '../knowledge/extractive.ts';
import type { ReadyAnswer } from '../answers/answers.ts';
import type { CacheOutcome, Mood, Passage, Source } from '../types.ts';
import type { ModelAnswer } from './answer-with-model.ts';
import { phrase } from './phrases.ts';
import { toSources } from './sources.ts';
import type { FinishReason, Turn } from './turn.ts';

/** What a turn came to. */
export interface Outcome {
	answer: string;
	sources: Source[];
	finishReason: FinishReason;
	cache: CacheOutcome;
	tier: string;
	mood: Mood;
	confident: boolean;
	handoff: boolean;
	costNanoUsd: number;
}

const NO_MODEL = {
	tier: 'none',
	mood: 'neutral',
	confident: true,
	handoff: false,
	cache: 'miss',
	costNanoUsd: 0,
} as const;

/** Says a sentence of the proxy's own. */
export function say( turn: Turn, text: string ): Outcome {
	turn.emit( 'text', { delta: text } );
	return { ...NO_MODEL, answer: text, sources: [], finishReason: 'stop' };
}

/** Serves an answer that was ready; a kept quotation is called one. */
export function serveCached(
	turn: Turn,
	match: 'pinned' | 'exact',
	{ text, sources, mood, confident }: ReadyAnswer,
	{ isQuotation, language }: { isQuotation: boolean; language: string }
): Outcome {
	if ( isQuotation ) {
		turn.emit( 'notice', {
			code: 'answered_from_site',
			message: phrase( 'answeredFromSite', language ),
		} );
	}
	turn.emit( 'text', { delta: text } );
	return {
		...NO_MODEL,
		answer: text,
		sources,
		finishReason: 'cached',
		cache: match,
		mood: mood ?? 'neutral',
		confident,
	};
}

/** Answers with the site's own words; the notice says why. */
export function quoteSite(
	turn: Turn,
	{ query, passages }: { query: string; passages: Passage[] },
	language: string,
	code: 'limit_reached' | 'answered_from_site'
): Outcome {
	if ( turn.signal.aborted ) {
		return {
			...NO_MODEL,
			answer: '',
			sources: [],
			finishReason: 'stopped',
		};
	}
	const quotation = extractAnswer( query, passages, language );
	if ( ! quotation ) {
		return abstain( turn, passages, language );
	}
	turn.emit( 'notice', {
		code,
		message: phrase(
			code === 'limit_reached' ? 'limitReached' : 'answeredFromSite',
			language
		),
	} );
	turn.emit( 'text', { delta: quotation.text } );
	return {
		...NO_MODEL,
		answer: quotation.text,
		sources: toSources( quotation.quoted, undefined ),
		finishReason: 'extractive',
	};
}

/** Says that the site does not say it, and shows what is close. */
export function abstain(
	turn: Turn,
	nearest: Passage[],
	language: string
): Outcome {
	const sources = toSources( nearest, undefined );
	const text = phrase(
		sources.length > 0 ? 'abstainedNear' : 'abstained',
		language
	);
	turn.emit( 'text', { delta: text } );
	return {
		...NO_MODEL,
		answer: text,
		sources,
		finishReason: 'abstained',
		confident: false,
	};
}

/** Says, before an answer, that it is shorter because the owner's soft limit is passed. */
export function noticeEconomy( turn: Turn, language: string ): void {
	turn.emit( 'notice', {
		code: 'economy',
		message: phrase( 'economy', language ),
	} );
}

/** Turns a model's answer, which was streamed already, into an outcome. */
export function fromModel(
	turn: Turn,
	result: Extract< ModelAnswer, { kind: 'answered' } >,
	passages: Passage[],
	language: string
): Outcome {
	if ( result.finishReason === 'length' ) {
		turn.emit( 'notice', {
			code: 'shortened',
			message: phrase( 'shortened', language ),
		} );
	}
	return {
		answer: result.text,
		sources: toSources( passages, result.trailer?.used ),
		finishReason: result.finishReason,
		cache: 'miss',
		tier: result.tier,
		mood: result.trailer?.mood ?? 'neutral',
		confident: result.trailer?.confident ?? true,
		handoff: result.trailer?.handoff ?? false,
		costNanoUsd: result.costNanoUsd,
	};
}

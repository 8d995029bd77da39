/**
 * Holds one question of a live conversation and what became of it.
 */
import type { LiveFinding, LiveTurn } from './live-services.ts';

/** A question, perhaps said in several parts, and its answer. */
export interface Exchange {
	id: string;
	question: string;
	askedAt: number;
	/** What the site says; undefined while it is looked up. */
	finding: LiveFinding | undefined;
	/** Counts the parts of the question: what was looked up for fewer is out of date. */
	parts: number;
	/** Whether the provider was asked, or is about to be. */
	isAsked: boolean;
	/** Whether the visitor has heard anything of the answer: then what is said next is a new question. */
	isSpoken: boolean;
	/** How often it was asked again after the provider failed. */
	retries: number;
	answer: string;
	finishReason: LiveTurn[ 'finishReason' ];
	costNanoUsd: number;
}

/** Begins an exchange. */
export function newExchange(
	id: string,
	question: string,
	askedAt: number
): Exchange {
	return {
		id,
		question,
		askedAt,
		finding: undefined,
		parts: 1,
		isAsked: false,
		isSpoken: false,
		retries: 0,
		answer: '',
		finishReason: 'stop',
		costNanoUsd: 0,
	};
}

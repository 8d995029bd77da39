/**
 * Writes and reads `POST /v1/decisions`, which has a model choose between options for the price of reading the question.
 */
import type { Usage } from '../ledger/usage.ts';
import type { Model } from '../models/catalog.ts';
import type { CallPriority } from './chat.ts';
import { errorFromStrangeReply } from './error-reply.ts';
import { readDecisionUsage } from './usage.ts';

/** A choice to be made. */
export interface DecisionRequest {
	model: Model;
	/** What the choice is about. */
	input: string;
	/** What is to be chosen. */
	instructions: string;
	/** 2 to 255 options. */
	options: ReadonlyArray< { value: string; description: string } >;
	priority: CallPriority;
	/** Is told when the call leaves the queue and is about to be sent, and how long it waited, in milliseconds. */
	onStart?( queueMs: number ): void;
	signal: AbortSignal;
}

/** What a model chose. */
export interface Decision {
	/** The value of an option; undefined when the model declined. */
	choice: string | undefined;
	/** From 0 to 1. */
	confidence: number;
	usage: Usage | undefined;
}

/** Makes the body of a request for one choice. */
export function toDecisionBody( {
	model,
	input,
	instructions,
	options,
}: DecisionRequest ): string {
	return JSON.stringify( {
		model: model.upstreamId,
		input,
		questions: [
			{ type: 'choice', name: 'choice', instructions, choices: options },
		],
	} );
}

/** Reads the reply; throws `UpstreamError` for what is none. */
export function readDecision( text: string, now: number ): Decision {
	let reply: unknown;
	try {
		reply = JSON.parse( text );
	} catch {
		throw errorFromStrangeReply( text, now );
	}
	const { answers } = ( reply ?? {} ) as { answers?: unknown };
	const answer = Array.isArray( answers )
		? ( answers[ 0 ] as Record< string, unknown > | undefined )
		: undefined;
	if ( ! answer ) {
		throw errorFromStrangeReply( text, now );
	}
	const { choice, confidence } = answer;
	return {
		choice: typeof choice === 'string' ? choice : undefined,
		confidence: typeof confidence === 'number' ? confidence : 0,
		usage: readDecisionUsage( reply ).usage,
	};
}

/**
 * Waits on behalf of an answer, until it is broken off.
 */
import {
	setImmediate as turnOfLoop,
	setTimeout as delay,
} from 'node:timers/promises';
import type { AnswerReply } from '../voice-behaviour.ts';
import type { AnswerWork } from './answer-events.ts';
import type { AnswerStep } from './answer-plan.ts';

/** Waits until a piece is due. */
export async function paced(
	{ pace, signal }: AnswerWork,
	reply: AnswerReply,
	step: AnswerStep,
	startedAt: number
): Promise< void > {
	const chosen = reply.pace ?? pace;
	if ( reply.chunkDelayMs !== undefined ) {
		await wait( reply.chunkDelayMs, signal );
	}
	if ( chosen === 'fast' ) {
		// Lets events of the client in between two pieces.
		await turnOfLoop( undefined, { signal } );
		return;
	}
	const speed = chosen === 'realtime' ? 1 : chosen;
	await wait( startedAt + step.atMs / speed - performance.now(), signal );
}

/** Waits, for good when `ms` is infinite. */
export async function wait( ms: number, signal: AbortSignal ): Promise< void > {
	signal.throwIfAborted();
	if ( ms === Infinity ) {
		await abortable( new Promise( () => undefined ), signal );
	} else if ( ms > 0 ) {
		await delay( ms, undefined, { signal } );
	}
}

/** Gives up waiting when the answer is broken off. */
export async function abortable< Value >(
	promise: Promise< Value >,
	signal: AbortSignal
): Promise< Value > {
	signal.throwIfAborted();
	const { promise: aborted, reject } = Promise.withResolvers< never >();
	const onAbort = (): void => reject( signal.reason );
	signal.addEventListener( 'abort', onAbort );
	try {
		return await Promise.race( [ promise, aborted ] );
	} finally {
		signal.removeEventListener( 'abort', onAbort );
	}
}

/**
 * Remembers spoken answers for as long as the provider lets them be referred to.
 */
import { newId } from '../realtime/conversation.ts';

/** A spoken answer. */
export interface SpokenAnswer {
	transcript: string;
	audioMs: number;
	expiresAtMs: number;
}

/** Spoken answers by the name they were given. */
export interface AudioMemory {
	/** Names an answer that begins now. */
	keep( nowMs: number ): { id: string; answer: SpokenAnswer };
	/** Undefined: never heard of, or expired. */
	get( id: unknown, nowMs: number ): SpokenAnswer | undefined;
}

/** Starts without any answer. */
export function createAudioMemory( lifetimeMs: number ): AudioMemory {
	const answers = new Map< unknown, SpokenAnswer >();
	return {
		keep( nowMs ) {
			const id = newId( 'audio' );
			const answer = {
				transcript: '',
				audioMs: 0,
				expiresAtMs: nowMs + lifetimeMs,
			};
			answers.set( id, answer );
			return { id, answer };
		},
		get( id, nowMs ) {
			const answer = answers.get( id );
			return answer && answer.expiresAtMs > nowMs ? answer : undefined;
		},
	};
}

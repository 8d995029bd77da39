/**
 * Names the control frames of a live conversation (`docent.v1`). Binary frames are mono PCM16 at 24 kHz, both ways.
 */
import type { Source } from '../../turn-events.ts';

/** Samples a second, both ways. */
export const SAMPLE_RATE = 24_000;

/** What the browser says. */
export type ClientFrame =
	| { type: 'talk'; isTalking: boolean }
	| { type: 'onset' }
	| { type: 'onset_over'; isSpeech: boolean }
	| { type: 'interrupt'; itemId: string; heardMs: number }
	| { type: 'text'; text: string }
	| { type: 'mute'; isMuted: boolean };

/** How a conversation begins. */
export interface LiveStart {
	conversationId?: string | undefined;
	scope?: { postId?: number; url?: string; title?: string } | undefined;
	/** BCP 47 tag of what is probably spoken. */
	language?: string | undefined;
	voiceRole?: string | undefined;
	/** Who tells when a turn is over: the provider, or the visitor's finger. */
	turnDetection?: 'auto' | 'push' | undefined;
}

/** What the visitor can go on with. */
export type FallBack = 'cascade' | 'text';

/** What the proxy says. Frames of a type that is not known here are left alone. */
export type ServerFrame =
	| {
			type: 'ready';
			sessionId: string;
			conversationId: string;
			/** Until the owner's time limit. */
			remainingMs: number;
	  }
	| {
			type: 'state';
			state: 'listening' | 'hearing' | 'thinking' | 'speaking';
	  }
	/** All of what was heard of one utterance so far; empty when it was none. */
	| { type: 'heard'; itemId: string; text: string; isFinal: boolean }
	/** The sound that follows belongs to this. */
	| { type: 'speech'; itemId: string }
	| { type: 'said'; itemId: string; delta: string }
	| { type: 'speech_end'; itemId: string; durationMs: number }
	| { type: 'sources'; itemId: string; sources: Source[] }
	| { type: 'flush' }
	| { type: 'go_on' }
	| { type: 'notice'; code: string; message: string }
	| { type: 'spent'; nanoUsd: number; seconds: number }
	| { type: 'error'; code: string; message: string }
	| { type: 'ended'; reason: string; fallBack?: FallBack };

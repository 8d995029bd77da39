/**
 * Names what a live conversation is made of, where it can stand, and what can be done with it.
 */
import type { Microphone, MicrophoneHooks } from '../capture/microphone.ts';
import type { Refusal, Surroundings } from '../capture/refusal.ts';
import type { FallBack, ServerFrame } from './frames.ts';
import type { createLiveLink, LiveLink } from './live-link.ts';
import type { Broken, createLiveSpeech, LiveSpeech } from './live-speech.ts';

/**
 * Where a conversation stands.
 *
 * - `connecting`: what is said already is kept.
 * - `restoring`: the connection was lost; what is said is kept.
 * - `listening`, `hearing`, `thinking`, `speaking`: whose turn it is.
 * - `muted`: nothing of what is said is sent.
 * - `ended`: final.
 */
export type LiveState =
	| 'connecting'
	| 'restoring'
	| 'listening'
	| 'hearing'
	| 'thinking'
	| 'speaking'
	| 'muted'
	| 'ended';

/** How it ended: by the visitor (`client`), here, or as the proxy says. */
export interface LiveEnd {
	reason: string;
	fallBack?: FallBack | undefined;
	/** Why there was no microphone, when `reason` is `microphone`. */
	refusal?: Refusal;
}

/** What is heard and said, for those who show it. */
export type LiveEvent =
	| ServerFrame
	/** The answer was broken off. */
	| ( { type: 'broken' } & Broken )
	/** Some of what was said was lost on a slow connection. */
	| { type: 'late' }
	/** The earlier conversation is not known any more. */
	| { type: 'forgotten' };

export interface LiveConversation {
	readonly state: LiveState;
	readonly isMuted: boolean;
	/** Whether the assistant is heard. */
	readonly isSpeaking: boolean;
	/** Until the owner's time limit; undefined until that is known. */
	readonly remainingMs: number | undefined;
	/** Whether the microphone is shut while the assistant speaks. */
	isHalfDuplex: boolean;
	mute( isMuted: boolean ): void;
	/** Where the visitor tells when they speak. */
	talk( isTalking: boolean ): void;
	/** Says something in writing. */
	write( text: string ): void;
	/** Stops the assistant. Returns whether it was speaking. */
	interrupt(): boolean;
	/** The network has changed, or is back. */
	reconnect(): void;
	end( reason?: string ): void;
}

/** What a conversation is made of, and who hears of it. */
export interface LiveParts {
	connect: (
		hooks: Pick<
			Parameters< typeof createLiveLink >[ 0 ],
			| 'onFrame'
			| 'onSound'
			| 'onCut'
			| 'onForgotten'
			| 'onLate'
			| 'onLost'
		>
	) => LiveLink;
	speak: (
		hooks: Pick<
			Parameters< typeof createLiveSpeech >[ 0 ],
			'onChange' | 'onTaken'
		>
	) => LiveSpeech;
	open: ( hooks: MicrophoneHooks ) => Promise< Microphone >;
	/** Resolves to undefined while something else of the site has the microphone. */
	claim: ( onTaken: () => void ) => Promise< ( () => void ) | undefined >;
	surroundings: Surroundings;
	/** Whether the visitor tells when they speak. */
	isPush: boolean;
	isHalfDuplex: boolean;
	/** Hears 50 times a second how loud it is, RMS 0 to 1. */
	onLevel: ( rms: number ) => void;
	onEvent: ( event: LiveEvent ) => void;
	/** Hears when any of what can be read here has changed. */
	onChange: () => void;
	onEnd: ( end: LiveEnd ) => void;
	now?: () => number;
}

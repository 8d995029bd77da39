/**
 * Names the control frames of a live conversation (`docent.v1`), and lets in only those that a browser may send.
 */
import { z } from 'zod';
import type { ErrorCode } from '../../errors.ts';
import type { Source } from '../../types.ts';

/** Samples a second, both ways: mono PCM16, little-endian. */
export const SAMPLE_RATE = 24_000;

/** Bytes of one millisecond of sound. */
export const BYTES_PER_MS = ( SAMPLE_RATE * 2 ) / 1_000;

/** The longest text that a visitor may type, in characters. */
const MAX_TEXT = 2_000;

const milliseconds = z.number().int().min( 0 ).max( 7_200_000 );
const id = z.string().regex( /^[0-9a-f]{32}$/ );

const startSchema = z.strictObject( {
	type: z.literal( 'start' ),
	conversationId: id.optional(),
	scope: z
		.strictObject( {
			postId: z.number().int().positive().optional(),
			url: z.string().max( 2_000 ).optional(),
			title: z.string().max( 500 ).optional(),
		} )
		.refine(
			( scope ) => scope.postId !== undefined || scope.url !== undefined
		)
		.optional(),
	language: z
		.string()
		.max( 35 )
		.regex( /^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*$/ )
		.optional(),
	voiceRole: z
		.string()
		.regex( /^[a-z0-9-]{1,40}$/ )
		.optional(),
	turnDetection: z.enum( [ 'auto', 'push' ] ).optional(),
	/** The session to go on with. */
	resume: id.optional(),
	/** How many frames, of both kinds, the browser has received of that session: it gets the next one. */
	received: z.number().int().min( 0 ).optional(),
} );

const clientFrameSchema = z.discriminatedUnion( 'type', [
	startSchema,
	z.strictObject( { type: z.literal( 'talk' ), isTalking: z.boolean() } ),
	z.strictObject( { type: z.literal( 'onset' ) } ),
	z.strictObject( {
		type: z.literal( 'onset_over' ),
		isSpeech: z.boolean(),
	} ),
	z.strictObject( {
		type: z.literal( 'interrupt' ),
		itemId: z.string().min( 1 ).max( 128 ),
		heardMs: milliseconds,
	} ),
	z.strictObject( {
		type: z.literal( 'text' ),
		text: z.string().max( MAX_TEXT ),
	} ),
	z.strictObject( { type: z.literal( 'mute' ), isMuted: z.boolean() } ),
	z.strictObject( { type: z.literal( 'end' ) } ),
] );

/** What a browser may send as text. */
export type ClientFrame = z.infer< typeof clientFrameSchema >;

/** The first frame. */
export type StartFrame = z.infer< typeof startSchema >;

/** Why a conversation ended. */
export type EndReason =
	| 'client'
	| 'idle'
	| 'time'
	| 'limit'
	| 'economy'
	| 'busy'
	| 'unavailable'
	| 'forgotten'
	| 'shutdown';

/** What the browser can go on with. */
export type FallBack = 'cascade' | 'text';

/** What the proxy sends as text. Binary frames after `speech` belong to its item. */
export type ServerFrame =
	| {
			type: 'ready';
			sessionId: string;
			conversationId: string;
			/** Until the owner's time limit for one conversation. */
			remainingMs: number;
			sampleRate: number;
	  }
	| {
			type: 'state';
			state: 'listening' | 'hearing' | 'thinking' | 'speaking';
	  }
	| { type: 'heard'; itemId: string; text: string; isFinal: boolean }
	| { type: 'speech'; itemId: string }
	| { type: 'said'; itemId: string; delta: string }
	| { type: 'speech_end'; itemId: string; durationMs: number }
	| { type: 'sources'; itemId: string; sources: Source[] }
	| { type: 'flush' }
	| { type: 'go_on' }
	| {
			type: 'notice';
			code:
				| 'time_nearly_over'
				| 'limit_nearly_reached'
				| 'limit_reached'
				| 'reconnecting'
				| 'economy';
			message: string;
	  }
	| { type: 'spent'; nanoUsd: number; seconds: number }
	| {
			type: 'error';
			code: ErrorCode;
			message: string;
			retryAfterMs?: number;
	  }
	| { type: 'ended'; reason: EndReason; fallBack?: FallBack };

/** Reads a control frame; undefined for everything that is none. */
export function readClientFrame( text: string ): ClientFrame | undefined {
	try {
		return clientFrameSchema.safeParse( JSON.parse( text ) ).data;
	} catch {
		return undefined;
	}
}

/** Takes control characters and surrogates without a partner out of what was typed, and blanks around it. */
export function plainText( raw: string ): string {
	return raw
		.toWellFormed()
		.replace( /[\u0000-\u001f\u007f]+/g, ' ' )
		.trim();
}

/**
 * Reads a question from a request, whether it comes as JSON or, with a recording, in parts.
 */
import type { Context } from 'hono';
import { z } from 'zod';
import { IDEMPOTENCY_KEY } from '../ask/idempotency.ts';
import { describeProblems, DocentError } from '../errors.ts';
import type { Visitor } from '../middleware/visitor-auth.ts';
import type { Settings } from '../settings.ts';
import type { AudioFile } from '../types.ts';
import { readAudioInTurns } from '../voice/audio/read-audio.ts';
import { readJson } from './json-body.ts';
import { isMultipart, type ReadMultipart } from './multipart.ts';

/** What an idempotency key has to be. */
export const KEY_RULE =
	'must be 8 to 64 letters, digits, dashes or underscores, new for every question';

const askSchema = z.strictObject( {
	question: z.string(),
	conversationId: z
		.string()
		.regex( /^[0-9a-f]{32}$/, 'is not a conversation id' )
		.optional(),
	scope: z
		.strictObject( {
			postId: z.number().int().positive().optional(),
			url: z.string().max( 2_000 ).optional(),
			title: z.string().max( 500 ).optional(),
		} )
		.refine(
			( scope ) => scope.postId !== undefined || scope.url !== undefined,
			'needs a postId or a url'
		)
		.optional(),
	/** Whether the answer is to be heard. */
	speech: z.boolean().optional(),
	/** In which of the owner's voices; an unknown one is the assistant's own. */
	voiceRole: z
		.string()
		.regex( /^[a-z0-9-]{1,40}$/, 'is not the id of a voice role' )
		.optional(),
	language: z
		.string()
		.regex(
			/^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*$/,
			'is not a language tag'
		)
		.optional(),
	/** The idempotency key of a client that cannot set headers. */
	clientId: z.string().regex( IDEMPOTENCY_KEY, KEY_RULE ).optional(),
} );

/** A question as it was sent. */
export type AskBody = z.infer< typeof askSchema > & {
	audio?: AudioFile | undefined;
};

/**
 * Reads the body. Throws `consent_required` or `voice_off` before a recording is read, what {@link ReadMultipart} and {@link readAudioInTurns}
 * throw, and `bad_request` saying which field is wrong.
 */
export async function readAskBody(
	c: Context,
	{
		readMultipart,
		visitor,
		settings,
	}: {
		readMultipart: ReadMultipart;
		visitor: Visitor;
		settings: Settings;
	}
): Promise< AskBody > {
	if ( ! isMultipart( c ) ) {
		return readJson( c, askSchema );
	}
	if ( ! settings.modalities.voice ) {
		throw new DocentError(
			'voice_off',
			'This assistant takes no spoken questions. Please type yours.'
		);
	}
	if ( ! visitor.consent.has( 'voice' ) ) {
		throw new DocentError(
			'consent_required',
			'The visitor has not agreed to send recordings to the assistant.'
		);
	}
	const { fields, audio: bytes } = await readMultipart( c );
	const parsed = askSchema.safeParse( fromFields( fields ) );
	if ( ! parsed.success ) {
		throw new DocentError(
			'bad_request',
			`The form is not as expected: ${ describeProblems( parsed.error ).join( '; ' ) }.`
		);
	}
	const audio = bytes && ( await readAudioInTurns( bytes ) );
	const { maxQuestionSeconds } = settings.voice;
	if ( audio && audio.seconds > maxQuestionSeconds + SLACK_SECONDS ) {
		throw new DocentError(
			'audio_too_long',
			`The recording is longer than ${ maxQuestionSeconds } seconds. Please ask in fewer words.`
		);
	}
	return { ...parsed.data, audio };
}

/** A recorder that stops at the limit may be a breath late. */
const SLACK_SECONDS = 1;

/** Makes of text fields what JSON would have held; what is none of it is left for the schema to refuse. */
function fromFields( fields: Record< string, string > ): unknown {
	const { scope, speech, ...texts } = fields;
	return {
		question: '',
		...texts,
		...( scope === undefined ? {} : { scope: parse( scope ) } ),
		...( speech === undefined ? {} : { speech: parse( speech ) } ),
	};
}

function parse( text: string ): unknown {
	try {
		return JSON.parse( text );
	} catch {
		return text;
	}
}

/**
 * `POST /v1/ask`: takes a question and streams its answer, or sends it whole.
 */
import { Hono } from 'hono';
import { z } from 'zod';
import { IDEMPOTENCY_KEY } from '../ask/idempotency.ts';
import type { AppVariables } from '../middleware/request-context.ts';
import { limitRate, type LimitedVariables } from '../middleware/rate-limit.ts';
import { DocentError } from '../errors.ts';
import {
	visitorAuth,
	type VisitorVariables,
} from '../middleware/visitor-auth.ts';
import type { Services } from '../services.ts';
import { voiceOf } from '../voice/voice-of.ts';
import { followTurn } from './event-stream.ts';
import { readJson } from './json-body.ts';
import { sendWhole, wantsWholeAnswer } from './whole-answer.ts';

/** The longest question, in characters. */
const MAX_QUESTION = 4_000;

const KEY_RULE =
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

/** Makes the route that takes questions. */
export function createAskRoute( {
	ask,
	sites,
	rateLimiter,
	heartbeat,
	verifyVisitor,
}: Services ) {
	return new Hono<
		AppVariables & VisitorVariables & LimitedVariables
	>().post(
		'/ask',
		visitorAuth( verifyVisitor ),
		limitRate( { rateLimiter, sites }, 'ask' ),
		async ( c ) => {
			const { visitor, requestId, settings } = c.var;
			if ( ! visitor.consent.has( 'text' ) ) {
				throw new DocentError(
					'consent_required',
					'The visitor has not agreed to send text to the assistant.'
				);
			}
			const body = await readJson( c, askSchema );
			const key =
				readKey( c.req.header( 'idempotency-key' ) ) ?? body.clientId;
			const turn = await ask( {
				siteId: visitor.siteId,
				visitorId: visitor.visitorId,
				user: visitor.user,
				requestId,
				text: readQuestion( body.question ),
				conversationId: body.conversationId,
				key,
				scope: body.scope,
				language: body.language?.replaceAll( '_', '-' ),
				settings,
				voice:
					body.speech && settings.modalities.voice
						? voiceOf( settings, body.voiceRole )
						: undefined,
			} );
			return wantsWholeAnswer( c.req.header( 'accept' ) )
				? sendWhole( c, turn )
				: followTurn( c, turn, 0, heartbeat );
		}
	);
}

function readKey( header: string | undefined ): string | undefined {
	if ( header !== undefined && ! IDEMPOTENCY_KEY.test( header ) ) {
		throw new DocentError(
			'bad_request',
			`Idempotency-Key ${ KEY_RULE }.`
		);
	}
	return header;
}

/** Trims a question, takes out control characters and checks its length. */
function readQuestion( raw: string ): string {
	const text = raw
		.toWellFormed()
		.replace( /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, '' )
		.trim();
	if ( text === '' ) {
		throw new DocentError( 'question_empty', 'The question is empty.' );
	}
	if ( text.length > MAX_QUESTION ) {
		throw new DocentError(
			'question_too_long',
			`The question is longer than ${ MAX_QUESTION } characters. Please shorten it.`
		);
	}
	return text;
}

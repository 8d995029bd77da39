/**
 * `POST /v1/ask`: takes a question and streams its answer, or sends it whole.
 */
import { Hono } from 'hono';
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
import { KEY_RULE, readAskBody } from './ask-body.ts';
import { createMultipartReader } from './multipart.ts';
import { sendWhole, wantsWholeAnswer } from './whole-answer.ts';

/** The longest question, in characters. */
const MAX_QUESTION = 4_000;

/** Makes the route that takes questions. */
export function createAskRoute( {
	ask,
	sites,
	rateLimiter,
	heartbeat,
	verifyVisitor,
}: Services ) {
	const readMultipart = createMultipartReader();
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
			const body = await readAskBody( c, {
				readMultipart,
				visitor,
				settings,
			} );
			const key =
				readKey( c.req.header( 'idempotency-key' ) ) ?? body.clientId;
			const turn = await ask( {
				siteId: visitor.siteId,
				visitorId: visitor.visitorId,
				user: visitor.user,
				requestId,
				text: readQuestion( body.question, body.audio !== undefined ),
				audio: body.audio,
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

/** Trims a question, takes out control characters and checks its length. Beside a recording nothing need be written. */
function readQuestion( raw: string, isSpoken: boolean ): string {
	const text = raw
		.toWellFormed()
		.replace( /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, '' )
		.trim();
	if ( text === '' && ! isSpoken ) {
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

/**
 * `POST /v1/listen`: what can be heard of an article, and the speech of its segments.
 */
import { Hono } from 'hono';
import { z } from 'zod';
import type { StoredSpeechEvent } from '../ask/turn.ts';
import { DocentError } from '../errors.ts';
import { limitRate, type LimitedVariables } from '../middleware/rate-limit.ts';
import type { AppVariables } from '../middleware/request-context.ts';
import {
	visitorAuth,
	type VisitorVariables,
} from '../middleware/visitor-auth.ts';
import type { Services } from '../services.ts';
import type { StoredSpeech } from '../stores/speech-store.ts';
import { voiceOf } from '../voice/voice-of.ts';
import { readJson } from './json-body.ts';

const voiceRole = z
	.string()
	.regex( /^[a-z0-9-]{1,40}$/, 'is not the id of a voice' )
	.optional();

const listenSchema = z.strictObject( {
	documentId: z.string().min( 1 ).max( 200 ),
	voiceRole,
} );

const segmentSchema = z.strictObject( { voiceRole } );

/** Makes the routes of reading aloud. */
export function createListenRoutes( {
	listen,
	sites,
	rateLimiter,
	verifyVisitor,
}: Services ) {
	return new Hono< AppVariables & VisitorVariables & LimitedVariables >()
		.use(
			'/listen/*',
			visitorAuth( verifyVisitor ),
			limitRate( { rateLimiter, sites }, 'listen' )
		)
		.post( '/listen', async ( c ) => {
			const { visitor, settings } = c.var;
			const body = await readJson( c, listenSchema );
			const article = await listen.article(
				{
					siteId: visitor.siteId,
					settings,
					voice: voiceOf( settings, body.voiceRole ),
				},
				body.documentId
			);
			if ( ! article ) {
				throw noSuchArticle();
			}
			return c.json( {
				title: article.title,
				language: article.language,
				segments: article.segments.map(
					( { heading, sentences }, index ) => {
						const speech = article.speech[ index ];
						return {
							index,
							...( heading === undefined ? {} : { heading } ),
							sentences,
							...( speech ? { speech: toEvent( speech ) } : {} ),
						};
					}
				),
				isAllowed: article.isAllowed,
			} );
		} )
		.post( '/listen/:documentId/segments/:index', async ( c ) => {
			const { visitor, requestId, settings } = c.var;
			const body = await readJson( c, segmentSchema );
			const index = c.req.param( 'index' );
			const speech = /^\d{1,6}$/.test( index )
				? await listen.segment(
						{
							siteId: visitor.siteId,
							visitorId: visitor.visitorId,
							requestId,
							settings,
							voice: voiceOf( settings, body.voiceRole ),
							priority: 'visitor',
						},
						c.req.param( 'documentId' ),
						Number( index )
					)
				: undefined;
			if ( ! speech ) {
				throw noSuchArticle();
			}
			return c.json( toEvent( speech ) );
		} );
}

function toEvent( {
	id,
	mimeType,
	durationMs,
	sentences,
}: StoredSpeech ): StoredSpeechEvent {
	return { url: `/v1/speech/${ id }`, mimeType, durationMs, sentences };
}

function noSuchArticle(): DocentError {
	return new DocentError(
		'not_found',
		'This article, or this part of it, is not known here.'
	);
}

/**
 * Puts the routes and what surrounds them together. Does not listen.
 */
import { Hono } from 'hono';
import { cors } from 'hono/cors';
import { HTTPException } from 'hono/http-exception';
import { routePath } from 'hono/route';
import { asDocentError, DocentError, errorBody } from './errors.ts';
import { accessLog } from './middleware/access-log.ts';
import { limitAnnouncedBody, limitBody } from './middleware/limit-body.ts';
import {
	allowOrigins,
	requestContext,
	requirePrivate,
	type AppVariables,
} from './middleware/request-context.ts';
import { requestMetrics } from './middleware/request-metrics.ts';
import { siteAuth } from './middleware/site-auth.ts';
import { createAskRoute } from './routes/ask.ts';
import { createConversationRoutes } from './routes/conversations.ts';
import { isMultipart, MAX_MULTIPART_BYTES } from './routes/multipart.ts';
import { createAnswerRoutes } from './routes/site-answers.ts';
import { createCallRoutes } from './routes/site-calls.ts';
import { createDocumentRoutes } from './routes/site-documents.ts';
import { createPeopleRoutes } from './routes/site-people.ts';
import { createSettingsRoutes } from './routes/site-settings.ts';
import { createSiteHealthRoute } from './routes/site-health.ts';
import { createUsageRoutes } from './routes/site-usage.ts';
import { createSiteSpeechRoute } from './routes/site-speech.ts';
import { createListenRoutes } from './routes/listen.ts';
import { createOperatorRoutes } from './routes/operator.ts';
import { createRealtimeRoute } from './routes/realtime.ts';
import { createSpeechRoute } from './routes/speech.ts';
import { createTurnRoutes } from './routes/turns.ts';
import type { Services } from './services.ts';

/** The largest body of a visitor's request and of a site's, in bytes. */
const MAX_VISITOR_BODY = 64 * 1024;
const MAX_SITE_BODY = 8 * 1024 * 1024;

/** Makes the HTTP application over wired services. */
export function createApp( services: Services ): Hono< AppVariables > {
	const { config, sites, stores, clock, log } = services;
	const app = new Hono< AppVariables >();

	app.use( requestContext( config.trustedProxies ) );
	app.use( requestMetrics( services.metrics ) );
	if ( log.isLevelEnabled( 'debug' ) ) {
		app.use( accessLog( log ) );
	}
	app.route( '/', createOperatorRoutes( services ) );

	app.use( '/v1/*', requirePrivate );
	app.use(
		'/v1/site/*',
		limitBody( MAX_SITE_BODY ),
		siteAuth( { sites, store: stores.sites, clock } )
	);
	app.route( '/v1/site', createDocumentRoutes( services ) );
	app.route( '/v1/site', createSettingsRoutes( services ) );
	app.route( '/v1/site', createAnswerRoutes( services ) );
	app.route( '/v1/site', createUsageRoutes( services ) );
	app.route( '/v1/site', createCallRoutes( services ) );
	app.route( '/v1/site', createPeopleRoutes( services ) );
	app.route( '/v1/site', createSiteHealthRoute( services ) );
	app.route( '/v1/site', createSiteSpeechRoute( services ) );

	app.options(
		'/v1/*',
		cors( {
			origin: ( origin ) => ( sites.hasOrigin( origin ) ? origin : null ),
			allowMethods: [ 'GET', 'POST', 'DELETE' ],
			allowHeaders: [
				'Authorization',
				'Content-Type',
				'Idempotency-Key',
				'Last-Event-ID',
			],
			maxAge: 7_200,
		} )
	);
	const limitVisitor = limitBody( MAX_VISITOR_BODY );
	// Only `POST /v1/ask` reads parts, and counts them while they arrive.
	const limitRecording = limitAnnouncedBody( MAX_MULTIPART_BYTES );
	app.use( '/v1/*', allowOrigins( sites ), ( c, next ) =>
		c.req.path === '/v1/ask' && isMultipart( c )
			? limitRecording( c, next )
			: limitVisitor( c, next )
	);
	app.route( '/v1', createAskRoute( services ) );
	app.route( '/v1', createTurnRoutes( services ) );
	app.route( '/v1', createConversationRoutes( services ) );
	app.route( '/v1', createListenRoutes( services ) );
	app.route( '/v1', createSpeechRoute( services ) );
	app.route( '/v1', createRealtimeRoute( services ) );

	app.notFound( () => {
		throw new DocentError(
			'not_found',
			'There is nothing at this address.'
		);
	} );

	app.onError( ( error, c ) => {
		const known =
			error instanceof HTTPException
				? fromHttp( error )
				: asDocentError( error );
		if ( known.status >= 500 ) {
			log.error(
				{
					requestId: c.var.requestId,
					route: routePath( c ),
					err: error,
				},
				known.code
			);
		} else {
			log.debug(
				{
					requestId: c.var.requestId,
					route: routePath( c ),
					code: known.code,
				},
				'refused'
			);
		}
		if ( known.retryAfterMs !== undefined ) {
			c.header(
				'Retry-After',
				String( Math.ceil( known.retryAfterMs / 1_000 ) )
			);
		}
		return c.json(
			errorBody( known, c.var.requestId ?? '' ),
			known.status
		);
	} );
	return app;
}

function fromHttp( error: HTTPException ): DocentError {
	return error.status === 413
		? new DocentError( 'payload_too_large', 'The request is too large.' )
		: new DocentError( 'bad_request', 'The request could not be read.', {
				cause: error,
			} );
}

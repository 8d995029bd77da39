/**
 * Puts the routes and what surrounds them together. Does not listen: tests call `app.request()`.
 */
import { randomBytes } from 'node:crypto';
import { Hono, type Context, type MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { cors } from 'hono/cors';
import { HTTPException } from 'hono/http-exception';
import { asDocentError, DocentError, errorBody } from './errors.ts';
import { createConnectionReader } from './middleware/client-address.ts';
import { createAskRoute } from './routes/ask.ts';
import { createConversationRoutes } from './routes/conversations.ts';
import { createHealthRoutes } from './routes/health.ts';
import { createAnswerRoutes } from './routes/site-answers.ts';
import { createDocumentRoutes } from './routes/site-documents.ts';
import { createPeopleRoutes } from './routes/site-people.ts';
import { createSettingsRoutes } from './routes/site-settings.ts';
import { createSiteHealthRoute } from './routes/site-health.ts';
import { createUsageRoutes } from './routes/site-usage.ts';
import { createTurnRoutes } from './routes/turns.ts';
import { siteAuth } from './middleware/site-auth.ts';
import type { Services } from './services.ts';

/** The largest body of a visitor's request and of a site's, in bytes. */
const MAX_VISITOR_BODY = 64 * 1024;
const MAX_SITE_BODY = 8 * 1024 * 1024;

/** What every request carries through the app. */
export type AppVariables = {
	Variables: {
		requestId: string;
		address: string;
		/** Headers of every response, also of those that do not go through Hono. */
		headers: Record< string, string >;
	};
};

/** Makes ids that tell the requests of all processes apart in a log; they open nothing. */
const processId = randomBytes( 5 ).toString( 'hex' );
let requests = 0;
const nextRequestId = () => `${ processId }-${ ( ++requests ).toString( 36 ) }`;

/** Makes the HTTP application over wired services. */
export function createApp( services: Services ): Hono< AppVariables > {
	const { config, sites, log } = services;
	const readConnection = createConnectionReader( config.trustedProxies );
	const app = new Hono< AppVariables >();

	app.use( async function connection( c, next ) {
		c.set( 'requestId', nextRequestId() );
		c.set( 'headers', {} );
		setHeader( c, 'X-Request-Id', c.var.requestId );
		setHeader( c, 'X-Content-Type-Options', 'nosniff' );
		setHeader( c, 'Referrer-Policy', 'no-referrer' );
		const { address, isPrivate } = readConnection( c );
		if ( ! isPrivate ) {
			throw new DocentError(
				'https_required',
				'The proxy answers over https only. Put a TLS server in front of it and name it in DOCENT_TRUSTED_PROXIES.'
			);
		}
		c.set( 'address', address );
		await next();
	} );

	app.route( '/', createHealthRoutes( services ) );

	app.use( '/v1/site/*', limitBody( MAX_SITE_BODY ), siteAuth( services ) );
	app.route( '/v1/site', createDocumentRoutes( services ) );
	app.route( '/v1/site', createSettingsRoutes( services ) );
	app.route( '/v1/site', createAnswerRoutes( services ) );
	app.route( '/v1/site', createUsageRoutes( services ) );
	app.route( '/v1/site', createPeopleRoutes( services ) );
	app.route( '/v1/site', createSiteHealthRoute( services ) );

	app.options(
		'/v1/*',
		cors( {
			origin: ( origin ) => ( sites.hasOrigin( origin ) ? origin : null ),
			allowMethods: [ 'GET', 'POST', 'DELETE' ],
			allowHeaders: [ 'Authorization', 'Content-Type', 'Last-Event-ID' ],
			maxAge: 7_200,
		} )
	);
	app.use(
		'/v1/*',
		async function allowOrigin( c, next ) {
			const origin = c.req.header( 'origin' );
			setHeader( c, 'Vary', 'Origin' );
			if ( origin !== undefined && sites.hasOrigin( origin ) ) {
				setHeader( c, 'Access-Control-Allow-Origin', origin );
				setHeader(
					c,
					'Access-Control-Expose-Headers',
					'Retry-After, X-Request-Id'
				);
			}
			await next();
		},
		limitBody( MAX_VISITOR_BODY )
	);
	app.route( '/v1', createAskRoute( services ) );
	app.route( '/v1', createTurnRoutes( services ) );
	app.route( '/v1', createConversationRoutes( services ) );

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
				{ requestId: c.var.requestId, path: c.req.path, err: error },
				known.code
			);
		} else {
			log.debug(
				{
					requestId: c.var.requestId,
					path: c.req.path,
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

function setHeader(
	c: Context< AppVariables >,
	name: string,
	value: string
): void {
	c.var.headers[ name ] = value;
	c.header( name, value );
}

/** Refuses bodies that are too large: by their announced length at once, without one while they arrive. */
function limitBody( maxSize: number ): MiddlewareHandler {
	const refuse = (): never => {
		throw new DocentError(
			'payload_too_large',
			`The request is larger than ${ maxSize / 1024 } KB.`
		);
	};
	const limitWhileReading = bodyLimit( { maxSize, onError: refuse } );
	return async function limitAnnounced( c, next ) {
		const length = c.req.header( 'content-length' );
		if (
			length === undefined ||
			c.req.header( 'transfer-encoding' ) !== undefined
		) {
			return limitWhileReading( c, next );
		}
		if ( Number( length ) > maxSize ) {
			refuse();
		}
		await next();
	};
}

function fromHttp( error: HTTPException ): DocentError {
	return error.status === 413
		? new DocentError( 'payload_too_large', 'The request is too large.' )
		: new DocentError( 'bad_request', 'The request could not be read.', {
				cause: error,
			} );
}

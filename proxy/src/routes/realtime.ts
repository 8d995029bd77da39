/**
 * `GET /v1/realtime`: lets a browser into a live conversation. Everything is checked here, as for any other request, before the connection
 * becomes a WebSocket.
 */
import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { DocentError } from '../errors.ts';
import type { AppVariables } from '../middleware/request-context.ts';
import { limitRate, type LimitedVariables } from '../middleware/rate-limit.ts';
import {
	visitorAuth,
	type VisitorVariables,
} from '../middleware/visitor-auth.ts';
import type { Services } from '../services.ts';
import type { LiveCaller } from '../voice/live/live-services.ts';

/** The protocol of live conversations. */
export const LIVE_PROTOCOL = 'docent.v1';

const TOKEN_PREFIX = 'docent.token.';

/** What a request brings that wants to become a WebSocket; the route puts in who may. */
export interface UpgradeBindings extends HttpBindings {
	upgrade?: { caller: LiveCaller | undefined };
}

/** Makes the route. It answers 426 to a request that is no upgrade, and 204 to one that may go on. */
export function createRealtimeRoute( {
	sites,
	rateLimiter,
	verifyVisitor,
}: Services ) {
	const app = new Hono<
		AppVariables &
			VisitorVariables &
			LimitedVariables & { Bindings: UpgradeBindings }
	>();
	return app.get(
		'/realtime',
		async function requireUpgrade( c, next ) {
			if ( ! c.env.upgrade ) {
				c.header( 'Upgrade', 'websocket' );
				throw new DocentError(
					'upgrade_required',
					'This address speaks WebSocket only.'
				);
			}
			if ( ! offered( c.req.header() ).includes( LIVE_PROTOCOL ) ) {
				throw new DocentError(
					'bad_request',
					`A live conversation needs the subprotocol ${ LIVE_PROTOCOL }.`
				);
			}
			await next();
		},
		visitorAuth( verifyVisitor, ( c ) => tokenOf( c.req.header() ) ),
		limitRate( { rateLimiter, sites }, 'realtime' ),
		( c ) => {
			const { visitor, settings, requestId } = c.var;
			const { voice, realtime } = settings.modalities;
			if ( ! voice || ! realtime ) {
				throw new DocentError(
					'voice_off',
					'The owner of this site has switched live conversations off.'
				);
			}
			// What is said becomes words, and words can be typed as well.
			if (
				! visitor.consent.has( 'voice' ) ||
				! visitor.consent.has( 'text' )
			) {
				throw new DocentError(
					'consent_required',
					'The visitor has not agreed to send speech to the assistant.'
				);
			}
			if ( c.env.upgrade ) {
				c.env.upgrade.caller = {
					siteId: visitor.siteId,
					visitorId: visitor.visitorId,
					user: visitor.user,
					requestId,
					address: c.var.address,
					settings,
				};
			}
			return c.body( null, 204 );
		}
	);
}

/** Lists the subprotocols that a browser offers. */
function offered( headers: Record< string, string > ): string[] {
	return ( headers[ 'sec-websocket-protocol' ] ?? '' )
		.split( ',' )
		.map( ( name ) => name.trim() );
}

/** Browsers can set no header of a WebSocket but this one. */
function tokenOf( headers: Record< string, string > ): string | undefined {
	return offered( headers )
		.find( ( name ) => name.startsWith( TOKEN_PREFIX ) )
		?.slice( TOKEN_PREFIX.length );
}

/**
 * `DELETE /v1/conversations/:id`: forgets what a visitor asked.
 */
import { Hono } from 'hono';
import type { AppVariables } from '../middleware/request-context.ts';
import { limitRate } from '../middleware/rate-limit.ts';
import { DocentError } from '../errors.ts';
import {
	visitorAuth,
	type VisitorVariables,
} from '../middleware/visitor-auth.ts';
import type { Services } from '../services.ts';

/** Makes the route that forgets conversations. */
export function createConversationRoutes( {
	turns,
	live,
	conversations,
	sites,
	rateLimiter,
	verifyVisitor,
}: Services ) {
	return new Hono< AppVariables & VisitorVariables >().delete(
		'/conversations/:id',
		visitorAuth( verifyVisitor ),
		limitRate( { rateLimiter, sites }, 'conversations' ),
		async ( c ) => {
			const { siteId, visitorId } = c.var.visitor;
			const id = c.req.param( 'id' );
			// First what would be saved in a moment, then what is saved.
			const wasLive = live.forget( siteId, visitorId, id );
			const wasRunning = await turns.forget( siteId, visitorId, id );
			const wasSaved = await conversations.forget(
				siteId,
				visitorId,
				id
			);
			if ( ! wasLive && ! wasRunning && ! wasSaved ) {
				throw new DocentError(
					'not_found',
					'This conversation is not there any more.'
				);
			}
			return c.body( null, 204 );
		}
	);
}

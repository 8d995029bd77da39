/**
 * `DELETE /v1/conversations/:id`: forgets what a visitor asked.
 */
import { Hono } from 'hono';
import type { AppVariables } from '../middleware/request-context.ts';
import { DocentError } from '../errors.ts';
import {
	visitorAuth,
	type VisitorVariables,
} from '../middleware/visitor-auth.ts';
import type { Services } from '../services.ts';

/** Makes the route that forgets conversations. */
export function createConversationRoutes( {
	conversations,
	verifyVisitor,
}: Services ) {
	return new Hono< AppVariables & VisitorVariables >().delete(
		'/conversations/:id',
		visitorAuth( verifyVisitor ),
		async ( c ) => {
			const { siteId, visitorId } = c.var.visitor;
			const isKnown = await conversations.forget(
				siteId,
				visitorId,
				c.req.param( 'id' )
			);
			if ( ! isKnown ) {
				throw new DocentError(
					'not_found',
					'This conversation is not there any more.'
				);
			}
			return c.body( null, 204 );
		}
	);
}

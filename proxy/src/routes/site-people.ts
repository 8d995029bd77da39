/**
 * `/v1/site/people/:user`: exports and erases what the proxy keeps about a signed-in person.
 */
import { Hono } from 'hono';
import type { AppVariables } from '../middleware/request-context.ts';
import type { SiteVariables } from '../middleware/site-auth.ts';
import type { Services } from '../services.ts';

/** Makes the routes of export and erasure. */
export function createPeopleRoutes( { conversations, live }: Services ) {
	return new Hono< AppVariables & SiteVariables >()
		.get( '/people/:user', async ( c ) =>
			c.json( {
				turns: await conversations.exportPerson(
					c.var.siteId,
					c.req.param( 'user' )
				),
			} )
		)
		.delete( '/people/:user', async ( c ) => {
			const { siteId } = c.var;
			const user = c.req.param( 'user' );
			// First what would be saved in a moment, then what is saved.
			live.forgetPerson( siteId, user );
			return c.json( {
				erasedConversations: await conversations.erasePerson(
					siteId,
					user
				),
			} );
		} );
}

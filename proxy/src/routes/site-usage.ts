/**
 * `/v1/site/usage` and `/v1/site/calls`: what was spent, on what, and how questions were answered.
 */
import { Hono } from 'hono';
import type { AppVariables } from '../middleware/request-context.ts';
import { startOfDay } from '../ledger/windows.ts';
import type { SiteVariables } from '../middleware/site-auth.ts';
import type { Services } from '../services.ts';

/** How many entries of the book one request lists. */
const MAX_ENTRIES = 200;

/** Makes the routes of figures. */
export function createUsageRoutes( {
	ledger,
	sites,
	conversations,
	clock,
}: Services ) {
	return new Hono< AppVariables & SiteVariables >()
		.get( '/usage', async ( c ) => {
			const { siteId } = c.var;
			const { limits } = await sites.settings( siteId );
			const counts = await conversations.countAnswers(
				siteId,
				startOfDay( limits.timeZone, clock() )
			);
			const sum = (
				isCounted: ( row: ( typeof counts )[ number ] ) => boolean
			) =>
				counts
					.filter( isCounted )
					.reduce( ( total, row ) => total + row.count, 0 );
			return c.json( {
				...( await ledger.report( siteId, limits ) ),
				answers: {
					total: sum( () => true ),
					cached: sum( ( row ) => row.finishReason === 'cached' ),
					extractive: sum(
						( row ) => row.finishReason === 'extractive'
					),
					unanswered: sum(
						( row ) => row.finishReason === 'abstained'
					),
				},
			} );
		} )
		.get( '/calls', async ( c ) =>
			c.json( {
				calls: await ledger.entries( c.var.siteId, MAX_ENTRIES ),
			} )
		);
}

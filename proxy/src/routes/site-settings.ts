/**
 * `/v1/site/settings`: what the owner has set.
 */
import { Hono } from 'hono';
import type { AppVariables } from '../middleware/request-context.ts';
import type { SiteVariables } from '../middleware/site-auth.ts';
import type { Services } from '../services.ts';
import { settingsPatchSchema } from '../settings.ts';
import { parseJson } from './json-body.ts';

/** Makes the routes of the settings. */
export function createSettingsRoutes( { sites }: Services ) {
	return new Hono< AppVariables & SiteVariables >()
		.get( '/settings', async ( c ) =>
			c.json( await sites.settings( c.var.siteId ) )
		)
		.put( '/settings', async ( c ) => {
			const patch = parseJson(
				c.var.rawBody.toString( 'utf8' ),
				settingsPatchSchema
			);
			return c.json( await sites.changeSettings( c.var.siteId, patch ) );
		} );
}

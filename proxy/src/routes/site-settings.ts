/**
 * `/v1/site/settings`: what the owner has set, and under `abilities` what this proxy can do of voice.
 */
import { Hono } from 'hono';
import type { AppVariables } from '../middleware/request-context.ts';
import type { SiteVariables } from '../middleware/site-auth.ts';
import type { Services } from '../services.ts';
import { settingsPatchSchema } from '../settings.ts';
import { parseJson } from './json-body.ts';
import { voiceAbilities } from './voice-abilities.ts';

/** Makes the routes of the settings. */
export function createSettingsRoutes( {
	sites,
	models,
}: Pick< Services, 'sites' | 'models' > ) {
	return new Hono< AppVariables & SiteVariables >()
		.get( '/settings', async ( c ) =>
			c.json( {
				...( await sites.settings( c.var.siteId ) ),
				abilities: voiceAbilities( models ),
			} )
		)
		.put( '/settings', async ( c ) => {
			const patch = parseJson(
				c.var.rawBody.toString( 'utf8' ),
				settingsPatchSchema
			);
			return c.json( {
				...( await sites.changeSettings( c.var.siteId, patch ) ),
				abilities: voiceAbilities( models ),
			} );
		} );
}

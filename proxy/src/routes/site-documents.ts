/**
 * `/v1/site/documents`: takes the knowledge of a site.
 */
import { Hono } from 'hono';
import { z } from 'zod';
import type { AppVariables } from '../middleware/request-context.ts';
import type { SiteVariables } from '../middleware/site-auth.ts';
import type { Services } from '../services.ts';
import { parseJson } from './json-body.ts';

const documentsSchema = z.object( {
	documents: z.array( z.unknown() ).max( 100 ),
} );

const manifestSchema = z.object( {
	documents: z
		.array(
			z.object( {
				id: z.string().max( 200 ),
				hash: z.string().max( 200 ),
			} )
		)
		.max( 100_000 ),
} );

/** Makes the routes of a site's documents. */
export function createDocumentRoutes( { knowledge }: Services ) {
	return new Hono< AppVariables & SiteVariables >()
		.put( '/documents', async ( c ) => {
			const { documents } = parseJson(
				c.var.rawBody.toString( 'utf8' ),
				documentsSchema
			);
			return c.json(
				await knowledge.putDocuments( c.var.siteId, documents )
			);
		} )
		.post( '/documents/manifest', async ( c ) => {
			const { documents } = parseJson(
				c.var.rawBody.toString( 'utf8' ),
				manifestSchema
			);
			return c.json(
				await knowledge.compareManifest( c.var.siteId, documents )
			);
		} )
		.delete( '/documents/:id', async ( c ) => {
			// Removing what is not there is what the site wanted.
			await knowledge.removeDocument( c.var.siteId, c.req.param( 'id' ) );
			return c.body( null, 204 );
		} );
}

/**
 * `POST /v1/site/speech`: has an article spoken in the background.
 */
import { Hono } from 'hono';
import { z } from 'zod';
import type { AppVariables } from '../middleware/request-context.ts';
import type { SiteVariables } from '../middleware/site-auth.ts';
import type { Services } from '../services.ts';
import { parseJson } from './json-body.ts';

const speechSchema = z.strictObject( {
	documentId: z.string().min( 1 ).max( 200 ),
} );

/** Makes the route. It answers at once (202); what is stored already is not spoken again. */
export function createSiteSpeechRoute( { listenQueue }: Services ) {
	return new Hono< AppVariables & SiteVariables >().post(
		'/speech',
		( c ) => {
			const { documentId } = parseJson(
				c.var.rawBody.toString( 'utf8' ),
				speechSchema
			);
			return c.json(
				{
					waiting: listenQueue.add(
						c.var.siteId,
						documentId,
						c.var.requestId
					),
				},
				202
			);
		}
	);
}

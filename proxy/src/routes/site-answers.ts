/**
 * `/v1/site/answers` and `/v1/site/unanswered`: the frequent answers of a site, and the questions that had none.
 */
import { Hono } from 'hono';
import { z } from 'zod';
import type { AppVariables } from '../middleware/request-context.ts';
import { DocentError } from '../errors.ts';
import type { SiteVariables } from '../middleware/site-auth.ts';
import type { Services } from '../services.ts';
import { parseJson } from './json-body.ts';

/** How many answers or questions one request lists. */
const MAX_LISTED = 200;

const question = z.string().trim().min( 1 ).max( 1_000 );
const language = z.string().max( 35 ).optional();

const answerSchema = z.discriminatedUnion( 'status', [
	z.strictObject( {
		status: z.literal( 'pinned' ),
		question,
		language,
		text: z.string().trim().min( 1 ).max( 10_000 ),
		sources: z
			.array(
				z.object( {
					title: z.string().max( 500 ),
					url: z.url( { protocol: /^https?$/ } ).max( 2_000 ),
				} )
			)
			.max( 10 )
			.default( [] ),
	} ),
	z.strictObject( {
		status: z.literal( 'forbidden' ),
		question,
		language,
	} ),
] );

/** Makes the routes of frequent and missing answers. */
export function createAnswerRoutes( { answers, unanswered }: Services ) {
	return new Hono< AppVariables & SiteVariables >()
		.get( '/answers', async ( c ) =>
			c.json( {
				answers: await answers.list( c.var.siteId, MAX_LISTED ),
			} )
		)
		.put( '/answers/:id', async ( c ) => {
			const { siteId } = c.var;
			const id = c.req.param( 'id' );
			const body = parseJson(
				c.var.rawBody.toString( 'utf8' ),
				answerSchema
			);
			if ( body.status === 'pinned' ) {
				await answers.pin( {
					...body,
					siteId,
					id,
					sources: body.sources.map( ( source, index ) => ( {
						...source,
						id: index + 1,
					} ) ),
				} );
			} else {
				await answers.forbid( { ...body, siteId, id } );
			}
			return c.json( { id } );
		} )
		.delete( '/answers/:id', async ( c ) => {
			if (
				! ( await answers.delete( c.var.siteId, c.req.param( 'id' ) ) )
			) {
				throw new DocentError(
					'not_found',
					'There is no such answer.'
				);
			}
			return c.body( null, 204 );
		} )
		.get( '/unanswered', async ( c ) =>
			c.json( {
				questions: await unanswered.list( c.var.siteId, MAX_LISTED ),
			} )
		);
}

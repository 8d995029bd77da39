/**
 * `/v1/turns/:id`: reads an answer along again, stops it, rates it.
 */
import { Hono } from 'hono';
import { z } from 'zod';
import { readTurn } from '../ask/read-turn.ts';
import type { AppVariables } from '../middleware/request-context.ts';
import { limitRate } from '../middleware/rate-limit.ts';
import { DocentError } from '../errors.ts';
import {
	visitorAuth,
	type Visitor,
	type VisitorVariables,
} from '../middleware/visitor-auth.ts';
import type { Services } from '../services.ts';
import { followTurn } from './event-stream.ts';
import { parseJson, readJson } from './json-body.ts';

const feedbackSchema = z.strictObject( {
	rating: z.enum( [ 'up', 'down' ] ).nullable(),
	remark: z.string().max( 1_000 ).optional(),
} );

const stopSchema = z.strictObject( { token: z.string().max( 2_000 ) } );

/** Makes the routes of one answer. */
export function createTurnRoutes( {
	turns,
	conversations,
	sites,
	rateLimiter,
	heartbeat,
	verifyVisitor,
}: Services ) {
	const stop = async (
		visitor: Visitor,
		turnId: string
	): Promise< void > => {
		const { siteId, visitorId } = visitor;
		// Stopping what has ended is no mistake; stopping what never was one's own is.
		const isKnown =
			( await turns.stop( siteId, visitorId, turnId ) ) ||
			( await conversations.findTurn( siteId, visitorId, turnId ) );
		if ( ! isKnown ) {
			throw unknownTurn();
		}
	};

	return (
		new Hono< AppVariables & VisitorVariables >()
			// A beacon, sent while a page goes away, can neither set a header nor use DELETE.
			.post( '/turns/:id/stop', async ( c ) => {
				const { token } = parseJson( await c.req.text(), stopSchema );
				const visitor = await verifyVisitor(
					token,
					c.req.header( 'origin' )
				);
				await stop( visitor, c.req.param( 'id' ) );
				return c.body( null, 204 );
			} )
			.use(
				'/turns/*',
				visitorAuth( verifyVisitor ),
				limitRate( { rateLimiter, sites }, 'turns' )
			)
			.get( '/turns/:id', async ( c ) => {
				const { siteId, visitorId } = c.var.visitor;
				const afterId = readLastEventId(
					c.req.header( 'last-event-id' )
				);
				const turn = await readTurn(
					{ turns, conversations },
					siteId,
					visitorId,
					c.req.param( 'id' )
				);
				if ( ! turn ) {
					throw unknownTurn();
				}
				return followTurn( c, turn, afterId, heartbeat );
			} )
			.delete( '/turns/:id', async ( c ) => {
				await stop( c.var.visitor, c.req.param( 'id' ) );
				return c.body( null, 204 );
			} )
			.post( '/turns/:id/feedback', async ( c ) => {
				const { siteId, visitorId } = c.var.visitor;
				const { rating, remark } = await readJson( c, feedbackSchema );
				const isKnown = await conversations.rate(
					siteId,
					visitorId,
					c.req.param( 'id' ),
					rating,
					remark ?? null
				);
				if ( ! isKnown ) {
					throw unknownTurn();
				}
				return c.body( null, 204 );
			} )
	);
}

function readLastEventId( header: string | undefined ): number {
	return header !== undefined && /^\d{1,9}$/.test( header )
		? Number( header )
		: 0;
}

function unknownTurn(): DocentError {
	return new DocentError( 'not_found', 'This answer is not there any more.' );
}

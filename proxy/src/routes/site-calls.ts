/**
 * `GET /v1/site/calls`: the call log of a site, page by page as JSON or whole as CSV.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Hono } from 'hono';
import { z } from 'zod';
import { CSV_HEADER, toCsv } from '../calls/calls-csv.ts';
import type { AppVariables } from '../middleware/request-context.ts';
import type { SiteVariables } from '../middleware/site-auth.ts';
import type { Services } from '../services.ts';
import {
	CALL_KINDS,
	CALL_OUTCOMES,
	type CallFilter,
	type CallPage,
	type KeptCall,
} from '../stores/call-store.ts';
import { readQuery, timeSchema } from './query.ts';

/** How many calls a page holds unless told, and at most. */
const PAGE = 50;
const MAX_PAGE = 500;

/** An export reads so many calls at a time: few enough that others are served in between. */
const EXPORT_PAGE = 250;

const CACHE_OUTCOMES = [
	'pinned',
	'exact',
	'semantic',
	'coalesced',
	'miss',
] as const;

const name = z.string().max( 200 );

const querySchema = z
	.strictObject( {
		from: timeSchema.optional(),
		to: timeSchema.optional(),
		model: name.optional(),
		tier: name.optional(),
		kind: z.enum( CALL_KINDS ).optional(),
		cache: z.enum( CACHE_OUTCOMES ).optional(),
		outcome: z.enum( CALL_OUTCOMES ).optional(),
		turnId: name.optional(),
		limit: z.coerce.number().int().min( 1 ).max( MAX_PAGE ).default( PAGE ),
		cursor: z.string().max( 500 ).optional(),
		format: z.enum( [ 'json', 'csv' ] ).optional(),
	} )
	.refine(
		( { from = 0, to = Infinity } ) => from <= to,
		'from is after to'
	);

/** Makes the route of the call log. */
export function createCallRoutes( { stores, clock, log }: Services ) {
	return new Hono< AppVariables & SiteVariables >().get(
		'/calls',
		async ( c ) => {
			const { siteId, requestId } = c.var;
			const { limit, cursor, format, ...filter } = readQuery(
				c,
				querySchema
			);
			const wantsCsv =
				format === 'csv' ||
				( format === undefined &&
					( c.req.header( 'accept' ) ?? '' ).includes( 'text/csv' ) );
			c.header( 'Cache-Control', 'no-store' );
			if ( ! wantsCsv ) {
				const page = await stores.calls.list( siteId, filter, {
					limit,
					cursor,
				} );
				return c.json( {
					calls: page.calls.map( toJson ),
					nextCursor: page.nextCursor ?? null,
				} );
			}
			// What happens during a long export is not part of it, so it always comes to an end.
			const to = Math.min( filter.to ?? Infinity, clock() + 1 );
			const body = await streamCsv(
				( after ) =>
					stores.calls.list(
						siteId,
						{ ...filter, to } satisfies CallFilter,
						{ limit: EXPORT_PAGE, cursor: after }
					),
				( error ) =>
					log.error(
						{ requestId, siteId, err: error },
						'an export of calls broke off'
					)
			);
			return c.body( body, 200, {
				'Content-Type': 'text/csv; charset=utf-8; header=present',
				'Content-Disposition': `attachment; filename="docent-calls-${ new Date( clock() ).toISOString().slice( 0, 10 ) }.csv"`,
			} );
		}
	);
}

/** Reads the first page, so that a store that is away becomes a proper error, and then each further page when the reader has taken the last. */
async function streamCsv(
	readPage: ( cursor: string | undefined ) => Promise< CallPage >,
	onError: ( error: unknown ) => void
): Promise< ReadableStream< Uint8Array > > {
	const encoder = new TextEncoder();
	const first = await readPage( undefined );
	let cursor = first.nextCursor;
	return new ReadableStream(
		{
			start( controller ) {
				controller.enqueue(
					encoder.encode( CSV_HEADER + toCsv( first.calls ) )
				);
				if ( cursor === undefined ) {
					controller.close();
				}
			},
			async pull( controller ) {
				try {
					// Reading and writing may both be done at once, for as long as the export lasts: others get their turn in between.
					await nextTurn();
					const page = await readPage( cursor );
					cursor = page.nextCursor;
					controller.enqueue( encoder.encode( toCsv( page.calls ) ) );
					if ( cursor === undefined ) {
						controller.close();
					}
				} catch ( error ) {
					onError( error );
					controller.error( error );
				}
			},
		},
		{ highWaterMark: 1 }
	);
}

/** Shows a call as JSON; the site is the one that asks, and what is missing is null. */
function toJson( {
	siteId,
	usage,
	features,
	firstTokenMs,
	...call
}: KeptCall ) {
	return {
		...call,
		usage: usage ?? null,
		features: features ?? null,
		firstTokenMs: firstTokenMs ?? null,
	};
}

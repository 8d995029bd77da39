/**
 * `GET /v1/site/usage`: what was spent, on what, and how questions were answered.
 */
import { Hono } from 'hono';
import { z } from 'zod';
import { countAnswers } from '../calls/outcomes.ts';
import {
	sumUsage,
	USAGE_DIMENSIONS,
	type UsageDimension,
} from '../calls/usage-figures.ts';
import { dateIn } from '../ledger/windows.ts';
import type { AppVariables } from '../middleware/request-context.ts';
import type { SiteVariables } from '../middleware/site-auth.ts';
import type { Services } from '../services.ts';
import { DocentError } from '../errors.ts';
import { dateSchema, readQuery } from './query.ts';

/** So many days are summed up unless told, and at most. */
const DAYS = 30;
const MAX_DAYS = 400;
const DAY_MS = 86_400_000;

const querySchema = z.strictObject( {
	from: dateSchema.optional(),
	to: dateSchema.optional(),
	by: z
		.string()
		.transform( ( text ) => text.split( ',' ) )
		.pipe(
			z
				.array( z.enum( USAGE_DIMENSIONS ) )
				.refine(
					( names ) => new Set( names ).size === names.length,
					'names something twice'
				)
		)
		.optional(),
} );

/** Makes the route of figures. */
export function createUsageRoutes( {
	ledger,
	sites,
	stores,
	clock,
}: Services ) {
	return new Hono< AppVariables & SiteVariables >().get(
		'/usage',
		async ( c ) => {
			const { siteId } = c.var;
			const query = readQuery( c, querySchema );
			const { limits } = await sites.settings( siteId );
			const today = dateIn( limits.timeZone, clock() );
			const now = {
				...( await ledger.report( siteId, limits ) ),
				answers: countAnswers(
					await stores.calls.rollups( siteId, today, today )
				),
			};
			if ( Object.keys( query ).length === 0 ) {
				return c.json( now );
			}
			const { from, to } = readPeriod( query, today );
			const by: readonly UsageDimension[] = query.by ?? [ 'day' ];
			return c.json( {
				...now,
				from,
				to,
				timeZone: limits.timeZone,
				by,
				...sumUsage(
					await stores.calls.rollups( siteId, from, to ),
					by
				),
			} );
		}
	);
}

/** Completes a period: up to today, over the usual number of days. Throws `bad_request` for one that ends before it begins or is too long. */
function readPeriod(
	{ from, to }: { from?: string | undefined; to?: string | undefined },
	today: string
): { from: string; to: string } {
	const last = to ?? ( from !== undefined && from > today ? from : today );
	const first = from ?? addDays( last, 1 - DAYS );
	if ( first > last ) {
		throw new DocentError(
			'bad_request',
			'The query is not as expected: from is after to.'
		);
	}
	if ( first < addDays( last, 1 - MAX_DAYS ) ) {
		throw new DocentError(
			'bad_request',
			`The query is not as expected: the period is longer than ${ MAX_DAYS } days.`
		);
	}
	return { from: first, to: last };
}

function addDays( date: string, days: number ): string {
	return new Date( Date.parse( date ) + days * DAY_MS )
		.toISOString()
		.slice( 0, 10 );
}

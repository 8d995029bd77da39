/**
 * Reads the query of a request against a schema, once, at the door.
 */
import type { Context } from 'hono';
import { z } from 'zod';
import { describeProblems, DocentError } from '../errors.ts';

/** Parses a request's query; throws `bad_request` saying which parameter is wrong, also for one that is given twice or that nobody knows. */
export function readQuery< Schema extends z.ZodType >(
	c: Context,
	schema: Schema
): z.infer< Schema > {
	const query: Record< string, string > = {};
	for ( const [ name, values ] of Object.entries( c.req.queries() ) ) {
		if ( values.length > 1 ) {
			throw new DocentError(
				'bad_request',
				`The query is not as expected: ${ name } is given more than once.`
			);
		}
		query[ name ] = values[ 0 ] ?? '';
	}
	const parsed = schema.safeParse( query );
	if ( ! parsed.success ) {
		throw new DocentError(
			'bad_request',
			`The query is not as expected: ${ describeProblems( parsed.error ).join( '; ' ) }.`
		);
	}
	return parsed.data;
}

/** ISO 8601 with or without a time of day; a `+` that was not escaped arrives as a space. */
const ISO_TIME =
	/^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+\- ]\d{2}:\d{2})?)?$/;

/** The furthest time a `Date` can hold, in milliseconds. */
const MAX_TIME = 8_640_000_000_000_000;

/** A moment as ISO 8601 (without an offset: UTC) or as milliseconds since the epoch; becomes the latter. */
export const timeSchema = z.string().transform( ( text, context ) => {
	let time = Number.NaN;
	if ( /^\d{1,16}$/.test( text ) ) {
		time = Number( text );
	} else if ( ISO_TIME.test( text ) ) {
		const hasOffset = /(Z|[+\- ]\d{2}:\d{2})$/.test( text.slice( 10 ) );
		time = Date.parse(
			text.includes( 'T' ) && ! hasOffset
				? `${ text }Z`
				: text.replace( ' ', '+' )
		);
	}
	if ( ! Number.isFinite( time ) || time > MAX_TIME ) {
		context.addIssue(
			'is neither a time such as 2026-11-20T09:30:00Z nor milliseconds since 1970'
		);
		return z.NEVER;
	}
	return time;
} );

/** A date of this millennium that exists, as `YYYY-MM-DD`. */
export const dateSchema = z
	.string()
	.refine( isDate, 'is not a date such as 2026-11-20' );

function isDate( text: string ): boolean {
	const time = /^2\d{3}-\d{2}-\d{2}$/.test( text )
		? Date.parse( text )
		: Number.NaN;
	return (
		Number.isFinite( time ) &&
		new Date( time ).toISOString().startsWith( text )
	);
}

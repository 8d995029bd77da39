/**
 * Reads a JSON body against a schema, once, at the door.
 */
import type { Context } from 'hono';
import type { z } from 'zod';
import { describeProblems, DocentError } from '../errors.ts';

/** Parses a request's JSON body; throws `unsupported_media_type` or `bad_request` saying which field is wrong. */
export async function readJson< Schema extends z.ZodType >(
	c: Context,
	schema: Schema
): Promise< z.infer< Schema > > {
	const mediaType = ( c.req.header( 'content-type' ) ?? '' ).split(
		';'
	)[ 0 ];
	if ( mediaType?.trim().toLowerCase() !== 'application/json' ) {
		throw new DocentError(
			'unsupported_media_type',
			'Send the request as application/json.'
		);
	}
	return parseJson( await c.req.text(), schema );
}

/** Parses JSON text; throws `bad_request`. */
export function parseJson< Schema extends z.ZodType >(
	text: string,
	schema: Schema
): z.infer< Schema > {
	let json: unknown;
	try {
		json = JSON.parse( text );
	} catch ( error ) {
		throw new DocentError( 'bad_request', 'The body is not valid JSON.', {
			cause: error,
		} );
	}
	const parsed = schema.safeParse( json );
	if ( ! parsed.success ) {
		throw new DocentError(
			'bad_request',
			`The body is not as expected: ${ describeProblems( parsed.error ).join( '; ' ) }.`
		);
	}
	return parsed.data;
}

/**
 * Checks the documents that a site sends, one by one, and cleans them.
 */
import { z } from 'zod';
import type { SiteDocument } from '../types.ts';
import { cleanText } from './fold.ts';

/** A document that was not taken, and why. */
export interface RejectedDocument {
	/** Empty when the document had no usable id. */
	id: string;
	code: 'document_invalid';
	message: string;
}

const line = ( limit: number ) =>
	z
		.string()
		.max( limit, `must have at most ${ limit } characters` )
		.transform( ( text ) =>
			cleanText( text ).replaceAll( /\s+/g, ' ' ).trim()
		);

const schema = z.object( {
	id: z
		.string()
		.min( 1, 'must not be empty' )
		.max( 200, 'must have at most 200 characters' )
		.regex( /^[^\0-\x1f\x7f]*$/, 'must not hold control characters' ),
	url: z
		.string()
		.max( 2_000, 'must have at most 2,000 characters' )
		.refine( isWebAddress, 'must be an http or https address' ),
	title: line( 500 ),
	language: line( 35 ),
	type: line( 100 ),
	modifiedAt: line( 40 ),
	hash: z
		.string()
		.min( 1, 'must not be empty' )
		.max( 200, 'must have at most 200 characters' ),
	text: z
		.string()
		.max( 1_000_000, 'must have at most 1,000,000 characters' )
		.transform( cleanText ),
} );

/** Returns the document, cleaned, or why it cannot be taken. */
export function readDocument(
	candidate: unknown
):
	| { kind: 'document'; document: SiteDocument }
	| { kind: 'rejected'; rejection: RejectedDocument } {
	const parsed = schema.safeParse( candidate );
	if ( parsed.success ) {
		return { kind: 'document', document: parsed.data };
	}
	const issue = parsed.error.issues[ 0 ];
	const field = issue?.path.join( '.' );
	return {
		kind: 'rejected',
		rejection: {
			id: idOf( candidate ),
			code: 'document_invalid',
			message: field
				? `${ field }: ${ issue?.message }`
				: 'The document must be an object.',
		},
	};
}

function idOf( candidate: unknown ): string {
	return typeof candidate === 'object' &&
		candidate !== null &&
		'id' in candidate &&
		typeof candidate.id === 'string'
		? cleanText( candidate.id ).slice( 0, 200 )
		: '';
}

function isWebAddress( address: string ): boolean {
	const url = URL.parse( address );
	return url?.protocol === 'https:' || url?.protocol === 'http:';
}

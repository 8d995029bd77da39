/**
 * Collects the codes and words of an error object in every published shape. They are judged, and never shown: they quote keys and questions.
 */
import { readWait } from './rate-headers.ts';

/** What an error object says, whatever its shape. Lower case. */
export interface Words {
	/** Code, type and status words, each as `|word|`. */
	codes: string;
	message: string;
	/** A status that is written inside the object. */
	status: number | undefined;
}

/** Collects the words of every published shape of an error. */
export function readWords( json: unknown ): Words {
	const objects: Array< Record< string, unknown > > = [];
	const messages: string[] = [];
	const visit = ( value: unknown, depth: number ) => {
		if ( typeof value === 'string' ) {
			messages.push( value );
		} else if ( depth > 4 ) {
			// Whoever nests deeper has nothing to say.
		} else if ( Array.isArray( value ) ) {
			visit( value[ 0 ], depth + 1 );
		} else if ( typeof value === 'object' && value !== null ) {
			const object = value as Record< string, unknown >;
			objects.push( object );
			// OpenAI and most others; Azure; vLLM and Mistral; OpenRouter, which keeps the word of the model's host inside.
			for ( const name of [
				'error',
				'innererror',
				'errors',
				'detail',
				'metadata',
			] ) {
				if ( object[ name ] !== undefined ) {
					visit( object[ name ], depth + 1 );
				}
			}
			for ( const name of [ 'message', 'error_msg', 'msg', 'raw' ] ) {
				if ( typeof object[ name ] === 'string' ) {
					messages.push( object[ name ] );
				}
			}
		}
	};
	visit( json, 0 );

	const codes = objects.flatMap( ( object ) =>
		[ 'code', 'type', 'error_type', 'provider_error_code', 'status' ]
			.map( ( name ) => object[ name ] )
			.filter( ( value ) => typeof value === 'string' )
	);
	if (
		objects.some(
			( { reasons, flagged_input: input } ) => reasons || input
		)
	) {
		codes.push( 'moderation' );
	}
	const status = objects
		.flatMap(
			( { code, status_code: statusCode, error_code: errorCode } ) => [
				code,
				statusCode,
				errorCode,
			]
		)
		.map( Number )
		.find( ( number ) => number >= 400 && number < 600 );
	return {
		codes: `|${ codes.join( '||' ) }|`.toLowerCase().slice( 0, 2_000 ),
		message: messages.join( ' ' ).toLowerCase().slice( 0, 4_000 ),
		status,
	};
}

/** Tells whether an object with status 200 is an error: `error` in it, or a code and a message where choices should be. */
export function holdsError( json: unknown ): boolean {
	const object = ( Array.isArray( json ) ? json[ 0 ] : json ) as
		Record< string, unknown > | null | undefined;
	if ( typeof object !== 'object' || object === null ) {
		return false;
	}
	if ( object.error ) {
		return true;
	}
	return (
		object.choices === undefined &&
		( object.error_code !== undefined ||
			( object.code !== undefined && object.message !== undefined ) ||
			object.object === 'error' )
	);
}

/** Reads "Please try again in 7.66s", where no header says it. */
export function waitInWords(
	{ message }: Words,
	now: number
): number | undefined {
	const [ , wait ] =
		/(?:try again|retry)(?: again)? (?:in|after) ([\d.hms]+)/.exec(
			message
		) ?? [];
	return wait === undefined
		? undefined
		: readWait( wait.replace( /\.$/, '' ), now );
}

/** Tells whether a reply is a web page. */
export function isPage( text: string ): boolean {
	return /^\s*<(!doctype|html|head|body|\?xml)/i.test( text );
}

/** Reads JSON; undefined for anything else. */
export function parse( text: string ): unknown {
	try {
		return JSON.parse( text );
	} catch {
		return undefined;
	}
}

/**
 * Reads a list of models in the shapes in which providers send it.
 */
import type { ListedModel } from './chat.ts';
import { errorFromStrangeReply } from './error-reply.ts';

/** Reads the body of a list; throws `UpstreamError` when it is none. */
export function readModelList( text: string, now: number ): ListedModel[] {
	let json: unknown;
	try {
		json = JSON.parse( text );
	} catch {
		throw errorFromStrangeReply( text, now );
	}
	const list = listIn( json );
	if ( ! list ) {
		throw errorFromStrangeReply( text, now );
	}
	return list.flatMap( ( entry ) => {
		const {
			id,
			name,
			shutdown_date: date,
		} = ( entry ?? {} ) as Record< string, unknown >;
		const model = id ?? name;
		return typeof model === 'string'
			? [
					{
						id: model,
						shutdownDate:
							typeof date === 'string' &&
							/^\d{4}-\d{2}-\d{2}/.test( date )
								? date.slice( 0, 10 )
								: undefined,
					},
				]
			: [];
	} );
}

/** OpenAI wraps the list in `data`, Together sends it bare, Ollama's own address calls it `models`. */
function listIn( json: unknown ): unknown[] | undefined {
	if ( Array.isArray( json ) ) {
		// Google's errors are lists as well.
		return json.some( ( entry ) => entry?.error ) ? undefined : json;
	}
	const { data, models } = ( json ?? {} ) as Record< string, unknown >;
	if ( Array.isArray( data ) ) {
		return data;
	}
	return Array.isArray( models ) ? models : undefined;
}

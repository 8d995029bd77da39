/**
 * Speaks to the simulated provider without any SDK, so that tests see the bytes a client sees.
 */
import {
	Agent,
	request as httpRequest,
	type IncomingHttpHeaders,
} from 'node:http';

/** What came back, as far as it came. */
export interface RawReply {
	status: number;
	headers: IncomingHttpHeaders;
	text: string;
	/** Data of each event, without `[DONE]`; empty when the reply was no event stream. */
	events: string[];
	isDone: boolean;
	/** The connection's error, when it broke before the reply was complete. */
	failure: string | undefined;
}

/** The smallest request that the API takes. */
export function chatBody( more: Record< string, unknown > = {} ): object {
	return {
		model: 'gpt-6-luna',
		messages: [
			{ role: 'user', content: 'How long may I return a tent?' },
		],
		...more,
	};
}

/** Asks for a stream with usage. */
export function streamBody( more: Record< string, unknown > = {} ): object {
	return chatBody( {
		stream: true,
		stream_options: { include_usage: true },
		...more,
	} );
}

/** Sends one request on a connection of its own; `hangUpAfterEvents` closes it once so many events have come. */
export function askProvider(
	baseUrl: string,
	options: {
		body?: object;
		path?: string;
		key?: string | undefined;
		hangUpAfterEvents?: number;
		signal?: AbortSignal;
	} = {}
): Promise< RawReply > {
	const { path = '/chat/completions', hangUpAfterEvents = Infinity } =
		options;
	const key = 'key' in options ? options.key : 'sk-test';
	return new Promise( ( resolve ) => {
		const agent = new Agent( { keepAlive: false } );
		const reply: RawReply = {
			status: 0,
			headers: {},
			text: '',
			events: [],
			isDone: false,
			failure: undefined,
		};
		const settle = ( failure?: unknown ): void => {
			const data = [ ...reply.text.matchAll( /^data: (.*)$/gm ) ].map(
				( match ) => match[ 1 ] ?? ''
			);
			resolve( {
				...reply,
				events: data.filter( ( event ) => event !== '[DONE]' ),
				isDone: data.at( -1 ) === '[DONE]',
				failure: failure instanceof Error ? failure.message : undefined,
			} );
		};
		const call = httpRequest(
			`${ baseUrl }${ path }`,
			{
				agent,
				method: options.body ? 'POST' : 'GET',
				headers: {
					'content-type': 'application/json',
					...( key === undefined
						? {}
						: { authorization: `Bearer ${ key }` } ),
				},
				...( options.signal ? { signal: options.signal } : {} ),
			},
			( response ) => {
				reply.status = response.statusCode ?? 0;
				reply.headers = response.headers;
				response.setEncoding( 'utf8' );
				response.on( 'data', ( text: string ) => {
					reply.text += text;
					if (
						reply.text.split( '\n\n' ).length > hangUpAfterEvents
					) {
						call.destroy();
						settle();
					}
				} );
				response.on( 'end', () => settle() );
				response.on( 'error', settle );
			}
		);
		call.on( 'error', settle );
		call.end( options.body ? JSON.stringify( options.body ) : undefined );
	} );
}

/** Joins the text of the content chunks of a stream. */
export function textOf( reply: RawReply ): string {
	return reply.events
		.map( ( event ) => {
			const chunk = JSON.parse( event ) as {
				choices: Array< { delta: { content?: string } } >;
			};
			return chunk.choices[ 0 ]?.delta.content ?? '';
		} )
		.join( '' );
}

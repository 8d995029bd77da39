/**
 * A local server that speaks the proxy's and the token route's wire format, and misbehaves on command.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface RecordedRequest {
	method: string;
	path: string;
	headers: IncomingMessage[ 'headers' ];
	body: string;
}

/** Answers a request itself (returns true) or leaves it to the usual behaviour. */
export type Intervention = (
	request: RecordedRequest,
	response: ServerResponse
) => boolean | void;

export interface AnswerServer {
	readonly url: string;
	readonly tokenUrl: string;
	readonly requests: RecordedRequest[];
	/** Tokens that count as valid; every minted one is added. */
	readonly validTokens: Set< string >;
	/** The events of the one turn the server knows, ids from 1. */
	events: Array< [ name: string, data: unknown ] >;
	/** How many bytes of the nth answer stream (from 0) leave before the socket is torn down; `undefined` sends all. */
	cutAfter: ( connection: number ) => number | undefined;
	intervene: Intervention;
	/** Requests to a path, counted. */
	count( method: string, pathPrefix: string ): number;
	close(): Promise< void >;
}

export const TURN_ID = 'turn-1';

/** A usual answer: named, three pieces, sources, done. */
export function usualAnswer(
	pieces: string[] = [
		'Returns are ',
		'free for 30 days',
		' — even boots. 靴',
	]
): AnswerServer[ 'events' ] {
	return [
		[ 'turn', { turnId: TURN_ID, conversationId: 'conversation-1' } ],
		...pieces.map( ( delta ): [ string, unknown ] => [
			'text',
			{ delta },
		] ),
		[
			'sources',
			[
				{
					id: 1,
					title: 'Returns',
					url: 'https://shop.example/returns',
				},
			],
		],
		[ 'done', { finishReason: 'stop', confident: true } ],
	];
}

/** Writes events as they stand on the wire, those after `afterId` only. */
export function encodeEvents(
	events: AnswerServer[ 'events' ],
	afterId = 0
): Buffer {
	return Buffer.from(
		events
			.map(
				( [ name, data ], index ) =>
					`id: ${ index + 1 }\nevent: ${ name }\ndata: ${ JSON.stringify( data ) }\n\n`
			)
			.slice( afterId )
			.join( '' )
	);
}

/** Starts the server on a free port of the loopback. */
export async function startAnswerServer(): Promise< AnswerServer > {
	let connections = 0;
	let minted = 0;

	const server = createServer( async ( request, response ) => {
		const chunks: Buffer[] = [];
		for await ( const chunk of request ) {
			chunks.push( chunk );
		}
		const recorded: RecordedRequest = {
			method: request.method ?? '',
			path: request.url ?? '',
			headers: request.headers,
			body: Buffer.concat( chunks ).toString(),
		};
		self.requests.push( recorded );
		if ( ! self.intervene( recorded, response ) ) {
			answer( recorded, response );
		}
	} );

	function answer(
		request: RecordedRequest,
		response: ServerResponse
	): void {
		if ( request.path === '/token' ) {
			const token = `token-${ ++minted }`;
			self.validTokens.add( token );
			sendJson( response, 200, {
				token,
				expiresAt: Math.floor( Date.now() / 1000 ) + 900,
			} );
			return;
		}
		const token = request.headers.authorization?.replace( 'Bearer ', '' );
		if ( ! token || ! self.validTokens.has( token ) ) {
			sendError( response, 401, 'token_expired' );
		} else if ( request.path === '/v1/ask' ) {
			stream( response, encodeEvents( self.events ) );
		} else if ( request.method === 'GET' ) {
			const afterId = Number( request.headers[ 'last-event-id' ] ?? 0 );
			stream( response, encodeEvents( self.events, afterId ) );
		} else {
			response.writeHead( 204 ).end();
		}
	}

	function stream( response: ServerResponse, bytes: Buffer ): void {
		const cut = self.cutAfter( connections++ );
		response.writeHead( 200, { 'content-type': 'text/event-stream' } );
		response.flushHeaders();
		if ( cut === undefined || cut >= bytes.length ) {
			response.end( bytes );
			return;
		}
		// The socket is torn down only once the bytes before the cut have left.
		response.write( bytes.subarray( 0, cut ), () => response.destroy() );
		if ( cut === 0 ) {
			response.destroy();
		}
	}

	server.listen( 0, '127.0.0.1' );
	await once( server, 'listening' );
	const { port } = server.address() as AddressInfo;
	const self: AnswerServer = {
		url: `http://127.0.0.1:${ port }`,
		tokenUrl: `http://127.0.0.1:${ port }/token`,
		requests: [],
		validTokens: new Set(),
		events: usualAnswer(),
		cutAfter: () => undefined,
		intervene: () => false,
		count: ( method, pathPrefix ) =>
			self.requests.filter(
				( request ) =>
					request.method === method &&
					request.path.startsWith( pathPrefix )
			).length,
		async close() {
			server.closeAllConnections();
			server.close();
			await once( server, 'close' );
		},
	};
	return self;
}

export function sendJson(
	response: ServerResponse,
	status: number,
	body: unknown,
	headers: Record< string, string > = {}
): void {
	response.writeHead( status, {
		'content-type': 'application/json',
		...headers,
	} );
	response.end( JSON.stringify( body ) );
}

/** Answers with the proxy's error body. */
export function sendError(
	response: ServerResponse,
	status: number,
	code: string,
	headers: Record< string, string > = {}
): void {
	sendJson(
		response,
		status,
		{ error: { code, message: `${ code }.`, requestId: 'request-1' } },
		headers
	);
}

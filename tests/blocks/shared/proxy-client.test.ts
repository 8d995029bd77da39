/**
 * The proxy client against a real server: cuts at every byte, refusals, silence, garbage, and going offline.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AssistantFailure } from '../../../blocks/shared/failure.ts';
import type { TurnEvent } from '../../../blocks/shared/turn-events.ts';
import {
	encodeEvents,
	sendError,
	startAnswerServer,
	TURN_ID,
	usualAnswer,
} from '../support/answer-server.ts';
import type { AnswerServer } from '../support/answer-server.ts';
import { connectTo, heardText, QUICK } from '../support/proxy-client.ts';

let server: AnswerServer;
beforeEach( async () => {
	server = await startAnswerServer();
} );
afterEach( () => server.close() );

const TEXT = 'Returns are free for 30 days — even boots. 靴';

async function ask( client = connectTo( server ) ): Promise< TurnEvent[] > {
	const events: TurnEvent[] = [];
	await client.ask(
		{ question: 'How do returns work?' },
		{
			onEvent: ( event ) => events.push( event ),
			signal: new AbortController().signal,
		}
	);
	return events;
}

async function failureOf(
	promise: Promise< unknown >
): Promise< AssistantFailure > {
	const thrown: unknown = await promise.then(
		() => expect.unreachable( 'it should have failed' ),
		( reason ) => reason
	);
	expect( thrown ).toBeInstanceOf( AssistantFailure );
	return thrown as AssistantFailure;
}

describe( 'an answer that is cut', () => {
	it( 'arrives whole and once, wherever the first connection is cut', async () => {
		const total = encodeEvents( server.events ).length;
		for ( let cut = 0; cut < total; cut++ ) {
			let streams = 0;
			server.cutAfter = () => ( streams++ === 0 ? cut : undefined );
			const events = await ask();
			expect( heardText( events ), `cut after ${ cut } bytes` ).toBe(
				TEXT
			);
			expect( events.map( ( { id } ) => id ) ).toEqual( [
				1, 2, 3, 4, 5, 6,
			] );
		}
	} );

	it( 'arrives whole although every connection is cut after one more event', async () => {
		const [ first, ...rest ] = usualAnswer( [ ...TEXT ] );
		server.events = [ first!, ...rest ];
		const sizes = server.events.map(
			( _, index ) =>
				encodeEvents( server.events.slice( 0, index + 1 ), index )
					.length
		);
		let after = 0;
		server.intervene = ( { headers } ) => {
			after = Number( headers[ 'last-event-id' ] ?? 0 );
		};
		// One whole event and a few bytes of the next.
		server.cutAfter = () =>
			encodeEvents( server.events, after ).length > 90
				? ( sizes[ after ] ?? 0 ) + 10
				: undefined;
		expect( heardText( await ask() ) ).toBe( TEXT );
	} );

	it( 'is resumed after the last event seen, with its id', async () => {
		const firstTwo = encodeEvents( server.events.slice( 0, 2 ) ).length;
		server.cutAfter = ( connection ) =>
			connection === 0 ? firstTwo : undefined;
		await ask();
		const resumed = server.requests.at( -1 );
		expect( resumed?.path ).toBe( `/v1/turns/${ TURN_ID }` );
		expect( resumed?.headers[ 'last-event-id' ] ).toBe( '2' );
	} );

	it( 'is not shown twice when the server repeats what was seen', async () => {
		server.cutAfter = ( connection ) =>
			connection === 0 ? 200 : undefined;
		server.intervene = ( request, response ) => {
			if ( request.method === 'GET' ) {
				response.writeHead( 200, {
					'content-type': 'text/event-stream',
				} );
				response.end( encodeEvents( server.events ) );
				return true;
			}
		};
		expect( heardText( await ask() ) ).toBe( TEXT );
	} );

	it( 'is resumed when an orderly end comes before the turn is over', async () => {
		const [ turn ] = server.events;
		server.intervene = ( request, response ) => {
			if ( request.path === '/v1/ask' ) {
				response.writeHead( 200, {
					'content-type': 'text/event-stream',
				} );
				response.end( encodeEvents( [ turn! ] ) );
				return true;
			}
		};
		expect( heardText( await ask() ) ).toBe( TEXT );
	} );

	it( 'is resumed when nothing was heard for too long', async () => {
		server.intervene = ( request, response ) => {
			if ( request.path === '/v1/ask' ) {
				response.writeHead( 200, {
					'content-type': 'text/event-stream',
				} );
				response.write( encodeEvents( server.events.slice( 0, 2 ) ) );
				return true;
			}
		};
		expect( heardText( await ask() ) ).toBe( TEXT );
		expect( server.count( 'GET', '/v1/turns/' ) ).toBe( 1 );
	} );

	it( 'is left alone while heartbeats come', async () => {
		server.intervene = ( request, response ) => {
			if ( request.path === '/v1/ask' ) {
				response.writeHead( 200, {
					'content-type': 'text/event-stream',
				} );
				response.write( encodeEvents( server.events.slice( 0, 2 ) ) );
				let beats = 0;
				const beat = setInterval( () => {
					if ( ++beats < 6 ) {
						response.write( ': heartbeat\n\n' );
					} else {
						clearInterval( beat );
						response.end( encodeEvents( server.events, 2 ) );
					}
				}, QUICK.stallMs / 3 );
				return true;
			}
		};
		expect( heardText( await ask() ) ).toBe( TEXT );
		expect( server.count( 'GET', '/v1/turns/' ) ).toBe( 0 );
	} );

	it.each( [
		[ 'no JSON', 'id: 3\nevent: text\ndata: {"delta":\n\n' ],
		[ 'a number', 'id: 3\nevent: text\ndata: 7\n\n' ],
		[
			'a text that is none',
			'id: 3\nevent: text\ndata: {"delta":null}\n\n',
		],
		[ 'an id that is none', 'id: x\nevent: text\ndata: {"delta":"!"}\n\n' ],
		[ 'sources that are no list', 'id: 3\nevent: sources\ndata: {}\n\n' ],
	] )( 'is resumed when the stream holds %s', async ( _, garbage ) => {
		server.intervene = ( request, response ) => {
			if ( request.path === '/v1/ask' ) {
				response.writeHead( 200, {
					'content-type': 'text/event-stream',
				} );
				response.write( encodeEvents( server.events.slice( 0, 2 ) ) );
				response.write( garbage );
				return true;
			}
		};
		expect( heardText( await ask() ) ).toBe( TEXT );
	} );

	it( 'tells that it is reconnecting, and that it is back', async () => {
		server.cutAfter = ( connection ) =>
			connection === 0 ? 200 : undefined;
		const told: boolean[] = [];
		await connectTo( server ).ask(
			{ question: 'x' },
			{
				onEvent: () => {},
				onReconnecting: ( value ) => told.push( value ),
				signal: new AbortController().signal,
			}
		);
		expect( told.indexOf( true ) ).toBeGreaterThanOrEqual( 0 );
		expect( told.lastIndexOf( false ) ).toBeGreaterThan(
			told.indexOf( true )
		);
	} );

	it( 'fails as interrupted after as many fruitless attempts as patience allows', async () => {
		server.cutAfter = ( connection ) => ( connection === 0 ? 200 : 0 );
		const failure = await failureOf( ask() );
		expect( failure.kind ).toBe( 'interrupted' );
		expect( server.count( 'GET', '/v1/turns/' ) ).toBe(
			QUICK.attempts - 1
		);
	} );

	it( 'waits for the network while offline and then goes on', async () => {
		let isOnline = true;
		let waited = 0;
		server.intervene = ( { path } ) => {
			if ( path === '/v1/ask' ) {
				isOnline = false;
			}
		};
		server.cutAfter = ( connection ) =>
			connection === 0 ? 200 : undefined;
		const client = connectTo( server, {
			connection: {
				isOnline: () => isOnline,
				whenOnline: async () => {
					waited++;
					isOnline = true;
				},
			},
		} );
		expect( heardText( await ask( client ) ) ).toBe( TEXT );
		expect( waited ).toBe( 1 );
	} );
} );

describe( 'a question', () => {
	const keys = () =>
		server.requests
			.filter( ( { path } ) => path === '/v1/ask' )
			.map( ( { headers } ) => headers[ 'idempotency-key' ] );

	it( 'that is sent again after a cut has the key that it had, so that it is paid for once', async () => {
		let streams = 0;
		// Nothing of the first answer arrives: the client does not know its turn, and has to ask again.
		server.cutAfter = () => ( streams++ === 0 ? 0 : undefined );
		await ask();
		expect( keys() ).toHaveLength( 2 );
		expect( keys()[ 0 ] ).toMatch( /^[A-Za-z0-9_-]{8,64}$/ );
		expect( keys()[ 1 ] ).toBe( keys()[ 0 ] );
	} );

	it( 'that is sent again with a renewed token has the key that it had', async () => {
		server.intervene = ( request, response ) => {
			if ( request.path === '/v1/ask' && keys().length === 1 ) {
				sendError( response, 401, 'token_expired' );
				return true;
			}
		};
		await ask();
		expect( keys() ).toHaveLength( 2 );
		expect( keys()[ 1 ] ).toBe( keys()[ 0 ] );
	} );

	it( 'that is asked anew has a key of its own, be it in the same words', async () => {
		const client = connectTo( server );
		await ask( client );
		await ask( client );
		expect( new Set( keys() ).size ).toBe( 2 );
	} );
} );

describe( 'a refusal', () => {
	it( 'of the token renews it once and repeats the question once', async () => {
		server.validTokens.clear();
		const client = connectTo( server, {
			kept: { token: 'stale', expiresAtMs: Date.now() + 600_000 },
		} );
		expect( heardText( await ask( client ) ) ).toBe( TEXT );
		expect( server.count( 'POST', '/v1/ask' ) ).toBe( 2 );
		expect( server.count( 'POST', '/token' ) ).toBe( 1 );
		expect( JSON.parse( server.requests[ 1 ]?.body ?? '' ) ).toEqual( {
			consent: [ 'text' ],
			previous: 'stale',
		} );
	} );

	it( 'of the renewed token too ends in refused, without asking on', async () => {
		server.intervene = ( { path }, response ) => {
			if ( path === '/v1/ask' ) {
				sendError( response, 401, 'token_invalid' );
				return true;
			}
		};
		expect( ( await failureOf( ask() ) ).kind ).toBe( 'refused' );
		expect( server.count( 'POST', '/v1/ask' ) ).toBe( 2 );
		expect( server.count( 'POST', '/token' ) ).toBe( 2 );
	} );

	it( 'of the token while resuming renews it and goes on', async () => {
		server.cutAfter = ( connection ) =>
			connection === 0 ? 200 : undefined;
		server.intervene = ( { method } ) => {
			if ( method === 'GET' && server.count( 'GET', '/' ) === 1 ) {
				server.validTokens.clear();
			}
		};
		expect( heardText( await ask() ) ).toBe( TEXT );
	} );

	it.each( [
		[ 429, 'rate_limited', 'rate_limited' ],
		[ 403, 'wrong_origin', 'refused' ],
		[ 403, 'consent_required', 'consent_required' ],
		[ 404, 'not_found', 'not_found' ],
		[ 409, 'conversation_busy', 'conversation_busy' ],
		[ 400, 'bad_request', 'outdated' ],
		[ 400, 'question_empty', 'question_empty' ],
		[ 409, 'idempotency_key_reused', 'sent_before' ],
		[ 413, 'payload_too_large', 'too_large' ],
		[ 415, 'unsupported_media_type', 'outdated' ],
		[ 503, 'storage_unavailable', 'storage_away' ],
		[ 503, 'busy', 'busy' ],
		[ 500, 'internal', 'failed' ],
	] )( 'with %i %s becomes %s at once', async ( status, code, kind ) => {
		server.intervene = ( { path }, response ) => {
			if ( path === '/v1/ask' ) {
				sendError( response, status, code, { 'retry-after': '7' } );
				return true;
			}
		};
		const failure = await failureOf( ask() );
		expect( failure.kind ).toBe( kind );
		expect( failure.retryAfterMs ).toBe( 7_000 );
		expect( server.count( 'POST', '/v1/ask' ) ).toBe( 1 );
	} );

	it( 'in the words of WordPress becomes its kind', async () => {
		server.intervene = ( { path }, response ) => {
			if ( path === '/token' ) {
				response.writeHead( 503, {
					'content-type': 'application/json',
				} );
				response.end(
					'{"code":"docent_not_connected","message":"","data":{"status":503}}'
				);
				return true;
			}
		};
		expect( ( await failureOf( ask() ) ).kind ).toBe( 'not_connected' );
	} );

	it( 'in words of somebody in between goes by its status', async () => {
		server.intervene = ( { path }, response ) => {
			if ( path === '/v1/ask' ) {
				response.writeHead( 403, { 'content-type': 'text/html' } );
				response.end( '<h1>Blocked</h1>' );
				return true;
			}
		};
		expect( ( await failureOf( ask() ) ).kind ).toBe( 'refused' );
	} );

	it( 'while resuming that asks to wait is waited for', async () => {
		server.cutAfter = ( connection ) =>
			connection === 0 ? 200 : undefined;
		server.intervene = ( { method }, response ) => {
			if ( method === 'GET' && server.count( 'GET', '/' ) < 3 ) {
				sendError( response, 503, 'busy', { 'retry-after': '0' } );
				return true;
			}
		};
		expect( heardText( await ask() ) ).toBe( TEXT );
		expect( server.count( 'GET', '/' ) ).toBe( 3 );
	} );

	it( 'of a wait beyond reason is cut to a quarter of an hour', async () => {
		server.intervene = ( { path }, response ) => {
			if ( path === '/v1/ask' ) {
				sendError( response, 429, 'rate_limited', {
					'retry-after': '999999',
				} );
				return true;
			}
		};
		expect( ( await failureOf( ask() ) ).retryAfterMs ).toBe( 900_000 );
	} );

	it( 'inside the stream ends the turn without reconnecting', async () => {
		server.events = [
			...usualAnswer().slice( 0, 2 ),
			[ 'error', { code: 'answer_failed', message: '', requestId: 'r' } ],
		];
		const failure = await failureOf( ask() );
		expect( failure.kind ).toBe( 'failed' );
		expect( server.count( 'GET', '/' ) ).toBe( 0 );
	} );

	it( 'because the answer is gone ends in not found', async () => {
		server.cutAfter = ( connection ) =>
			connection === 0 ? 200 : undefined;
		server.intervene = ( { method }, response ) => {
			if ( method === 'GET' ) {
				sendError( response, 404, 'not_found' );
				return true;
			}
		};
		expect( ( await failureOf( ask() ) ).kind ).toBe( 'not_found' );
	} );
} );

describe( 'a proxy that is not there', () => {
	it( 'is tried twice and then called unreachable', async () => {
		const gone = { url: 'http://127.0.0.1:9', tokenUrl: server.tokenUrl };
		expect( ( await failureOf( ask( connectTo( gone ) ) ) ).kind ).toBe(
			'unreachable'
		);
	} );

	it( 'is called offline when the browser is', async () => {
		const gone = { url: 'http://127.0.0.1:9', tokenUrl: server.tokenUrl };
		const client = connectTo( gone, {
			connection: { isOnline: () => false, whenOnline: async () => {} },
		} );
		expect( ( await failureOf( ask( client ) ) ).kind ).toBe( 'offline' );
	} );

	it( 'and a page in its place is not taken for an answer', async () => {
		server.intervene = ( { path }, response ) => {
			if ( path === '/v1/ask' ) {
				response.writeHead( 200, { 'content-type': 'text/html' } );
				response.end( '<title>Log in to the hotel network</title>' );
				return true;
			}
		};
		expect( ( await failureOf( ask() ) ).kind ).toBe( 'unreachable' );
	} );

	it( 'and a page in the place of the token route is not taken for a token', async () => {
		server.intervene = ( { path }, response ) => {
			if ( path === '/token' ) {
				response.writeHead( 200, { 'content-type': 'text/html' } );
				response.end( '<title>Maintenance</title>' );
				return true;
			}
		};
		expect( ( await failureOf( ask() ) ).kind ).toBe( 'unreachable' );
	} );
} );

describe( 'the visitor', () => {
	it( 'who leaves ends the reading with their own reason', async () => {
		const controller = new AbortController();
		server.intervene = ( { path }, response ) => {
			if ( path === '/v1/ask' ) {
				response.writeHead( 200, {
					'content-type': 'text/event-stream',
				} );
				response.write( encodeEvents( server.events.slice( 0, 2 ) ) );
				return true;
			}
		};
		const reason = new Error( 'left' );
		const done = connectTo( server ).ask(
			{ question: 'x' },
			{
				onEvent: ( { type } ) => {
					if ( type === 'text' ) {
						controller.abort( reason );
					}
				},
				signal: controller.signal,
			}
		);
		await expect( done ).rejects.toBe( reason );
		expect( server.count( 'GET', '/' ) ).toBe( 0 );
	} );

	it( 'stops, rates and forgets with one request each', async () => {
		const client = connectTo( server );
		await client.stop( 'a/b' );
		await client.rate( TURN_ID, 'down' );
		await client.forget( 'conversation-1' );
		expect(
			server.requests
				.slice( 1 )
				.map( ( { method, path, body } ) => [ method, path, body ] )
		).toEqual( [
			[ 'DELETE', '/v1/turns/a%2Fb', '' ],
			[ 'POST', `/v1/turns/${ TURN_ID }/feedback`, '{"rating":"down"}' ],
			[ 'DELETE', '/v1/conversations/conversation-1', '' ],
		] );
		expect( client.stopBeacon( TURN_ID ) ).toEqual( {
			url: `${ server.url }/v1/turns/${ TURN_ID }/stop`,
			body: '{"token":"token-1"}',
		} );
	} );

	it( 'whose requests run out of token together renews it once', async () => {
		const client = connectTo( server, {
			kept: { token: 'stale', expiresAtMs: Date.now() + 600_000 },
		} );
		await Promise.all( [
			client.stop( 'a' ),
			client.stop( 'b' ),
			client.stop( 'c' ),
		] );
		expect( server.count( 'POST', '/token' ) ).toBe( 1 );
	} );
} );

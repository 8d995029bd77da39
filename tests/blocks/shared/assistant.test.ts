/**
 * The assistant of a page against a real server: agreement, memory of the tab, resuming on another page, stopping, starting over.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAssistant } from '../../../blocks/shared/assistant.ts';
import type { Assistant } from '../../../blocks/shared/assistant.ts';
import { isRunning } from '../../../blocks/shared/conversation.ts';
import type { Turn } from '../../../blocks/shared/conversation.ts';
import {
	openTabMemory,
	STORAGE_KEY,
} from '../../../blocks/shared/tab-memory.ts';
import type { TabStorage } from '../../../blocks/shared/tab-memory.ts';
import {
	encodeEvents,
	sendError,
	startAnswerServer,
	TURN_ID,
	usualAnswer,
} from '../support/answer-server.ts';
import type { AnswerServer } from '../support/answer-server.ts';
import { ONLINE, QUICK } from '../support/proxy-client.ts';

const TEXT = 'Returns are free for 30 days — even boots. 靴';

let server: AnswerServer;
let storage: TabStorage & { items: Map< string, string > };
let beacons: Array< [ url: string, body: string ] >;

beforeEach( async () => {
	server = await startAnswerServer();
	storage = tabStorage();
	beacons = [];
} );
afterEach( () => server.close() );

function tabStorage(): typeof storage {
	const items = new Map< string, string >();
	return {
		items,
		getItem: ( key ) => items.get( key ) ?? null,
		setItem: ( key, value ) => void items.set( key, value ),
		removeItem: ( key ) => void items.delete( key ),
	};
}

/** A page of the tab, opened now. */
function openPage( kept: TabStorage | undefined = storage ): Assistant {
	return createAssistant( {
		tokenUrl: server.tokenUrl,
		proxyUrl: server.url,
		memory: openTabMemory( kept ),
		connection: ONLINE,
		fetch,
		sendBeacon: ( ...beacon ) => void beacons.push( beacon ),
		patience: QUICK,
	} );
}

/** Resolves when the conversation is as wished. */
function until(
	assistant: Assistant,
	isSo: ( turn: Turn | undefined ) => boolean
): Promise< void > {
	return new Promise( ( resolve ) => {
		const check = () => {
			if ( isSo( assistant.conversation.turns.at( -1 ) ) ) {
				unsubscribe();
				resolve();
			}
		};
		const unsubscribe = assistant.subscribe( check );
		queueMicrotask( check );
	} );
}

const settled = ( assistant: Assistant ) =>
	until( assistant, ( turn ) => ! isRunning( turn ) && ! assistant.running );

async function askAndWait(
	assistant: Assistant,
	question = 'How do returns work?'
): Promise< Turn > {
	assistant.agree();
	assistant.ask( question );
	await settled( assistant );
	return assistant.conversation.turns.at( -1 )!;
}

/** Lets `/v1/ask` send these many events and then say nothing more, without ending. */
function holdAfter( count: number ): void {
	server.intervene = ( { path }, response ) => {
		if ( path === '/v1/ask' ) {
			response.writeHead( 200, { 'content-type': 'text/event-stream' } );
			response.write( encodeEvents( server.events.slice( 0, count ) ) );
			return true;
		}
	};
}

describe( 'asking', () => {
	it( 'without agreement sends and stores nothing', async () => {
		const assistant = openPage();
		assistant.ask( 'How do returns work?' );
		expect( assistant.conversation.turns ).toEqual( [] );
		expect( server.requests ).toEqual( [] );
		expect( storage.items.size ).toBe( 0 );
	} );

	it( 'brings the answer with its sources', async () => {
		const turn = await askAndWait( openPage() );
		expect( turn ).toMatchObject( {
			status: 'done',
			text: TEXT,
			isConfident: true,
			sources: [
				{
					id: 1,
					title: 'Returns',
					url: 'https://shop.example/returns',
				},
			],
		} );
	} );

	it( 'again goes on with the same conversation and sends nothing but the new question', async () => {
		const assistant = openPage();
		await askAndWait( assistant );
		await askAndWait( assistant, 'And worn boots?' );
		expect( JSON.parse( server.requests.at( -1 )?.body ?? '' ) ).toEqual( {
			question: 'And worn boots?',
			conversationId: 'conversation-1',
		} );
	} );

	it( 'while an answer runs does nothing', async () => {
		holdAfter( 2 );
		const assistant = openPage();
		assistant.agree();
		assistant.ask( 'one' );
		await until( assistant, ( turn ) => turn?.status === 'answering' );
		assistant.ask( 'two' );
		expect( assistant.conversation.turns ).toHaveLength( 1 );
		assistant.leave();
	} );

	it( 'from a panel of one page says which page', async () => {
		const assistant = openPage();
		assistant.agree();
		assistant.ask( 'x', {
			scope: { postId: 7, url: 'https://shop.example/boots' },
		} );
		await settled( assistant );
		expect(
			JSON.parse( server.requests.at( -1 )?.body ?? '' ).scope
		).toEqual( {
			postId: 7,
			url: 'https://shop.example/boots',
		} );
	} );

	it( 'in a conversation that expired begins another and says so', async () => {
		const assistant = openPage();
		await askAndWait( assistant );
		server.intervene = ( { path, body }, response ) => {
			if ( path === '/v1/ask' && body.includes( 'conversation-1' ) ) {
				sendError( response, 404, 'not_found' );
				return true;
			}
		};
		server.events = usualAnswer();
		server.events[ 0 ] = [
			'turn',
			{ turnId: 'turn-2', conversationId: 'conversation-2' },
		];
		const turn = await askAndWait( assistant, 'And boots?' );
		expect( turn ).toMatchObject( {
			status: 'done',
			text: TEXT,
			notices: [ { code: 'conversation_expired' } ],
		} );
		expect( assistant.conversation.id ).toBe( 'conversation-2' );
	} );

	it( "without consent in the proxy's eyes takes the agreement back, so that it is asked for again", async () => {
		server.intervene = ( { path }, response ) => {
			if ( path === '/v1/ask' ) {
				sendError( response, 403, 'consent_required' );
				return true;
			}
		};
		const assistant = openPage();
		const turn = await askAndWait( assistant );
		expect( turn.failure?.kind ).toBe( 'consent_required' );
		expect( assistant.hasAgreed ).toBe( false );
	} );
} );

describe( 'another page of the tab', () => {
	it( 'shows the conversation and goes on with it', async () => {
		await askAndWait( openPage() );
		const next = openPage();
		expect( next.conversation.turns.map( ( { text } ) => text ) ).toEqual( [
			TEXT,
		] );
		expect( next.hasAgreed ).toBe( true );
		await askAndWait( next, 'And boots?' );
		expect( server.count( 'POST', '/token' ) ).toBe( 2 );
		expect(
			JSON.parse( server.requests.at( -1 )?.body ?? '' ).conversationId
		).toBe( 'conversation-1' );
	} );

	it.each( [ 1, 2, 3, 4, 5 ] )(
		'takes up an answer that was left after %i events, without loss or repetition',
		async ( count ) => {
			holdAfter( count );
			const first = openPage();
			first.agree();
			first.ask( 'How do returns work?' );
			await until( first, ( turn ) => turn?.lastEventId === count );
			first.leave();
			expect( beacons ).toEqual( [] );

			const next = openPage();
			next.resume();
			await settled( next );
			expect( next.conversation.turns ).toHaveLength( 1 );
			expect( next.conversation.turns[ 0 ] ).toMatchObject( {
				status: 'done',
				text: TEXT,
			} );
			expect( server.requests.at( -1 )?.headers[ 'last-event-id' ] ).toBe(
				String( count )
			);
		}
	);

	it( 'offers to repeat a question whose answer nobody had named yet', async () => {
		holdAfter( 0 );
		const first = openPage();
		first.agree();
		first.ask( 'x' );
		first.leave();
		const next = openPage();
		next.resume();
		const [ turn ] = next.conversation.turns;
		expect( turn?.failure?.kind ).toBe( 'interrupted' );
		server.intervene = () => false;
		next.retry( turn!.key );
		await settled( next );
		expect( next.conversation.turns ).toMatchObject( [
			{ status: 'done', text: TEXT },
		] );
	} );

	it( 'that comes back from the back-forward cache shows what a later page did', async () => {
		const first = openPage();
		await askAndWait( first );
		first.leave();
		await askAndWait( openPage(), 'On the later page' );
		first.comeBack();
		expect(
			first.conversation.turns.map( ( { question } ) => question )
		).toEqual( [ 'How do returns work?', 'On the later page' ] );
	} );

	it.each( [
		'',
		'7',
		'null',
		'[]',
		'{"conversation":{"turns":[null,{"key":1},{"key":"a","question":"q","text":"t","status":"eaten"}]}}',
		'{"consent":"text","token":{"token":1}}',
	] )( 'that finds %j in its storage starts empty', ( value ) => {
		storage.items.set( STORAGE_KEY, value );
		const assistant = openPage();
		expect( assistant.conversation.turns ).toEqual( [] );
		expect( assistant.hasAgreed ).toBe( false );
	} );

	it( 'works without any storage', async () => {
		const blocked: TabStorage = {
			getItem: () => {
				throw new Error( 'blocked' );
			},
			setItem: () => {
				throw new Error( 'blocked' );
			},
			removeItem: () => {
				throw new Error( 'blocked' );
			},
		};
		expect( ( await askAndWait( openPage( blocked ) ) ).text ).toBe( TEXT );
	} );
} );

describe( 'leaving the page', () => {
	it( 'stops by beacon an answer that no page can take up', async () => {
		holdAfter( 2 );
		const assistant = openPage( {
			...storage,
			setItem: () => {
				throw new Error( 'full' );
			},
		} );
		assistant.agree();
		assistant.ask( 'x' );
		await until( assistant, ( turn ) => turn?.status === 'answering' );
		assistant.leave();
		expect( beacons ).toEqual( [
			[
				`${ server.url }/v1/turns/${ TURN_ID }/stop`,
				'{"token":"token-1"}',
			],
		] );
	} );

	it( 'repeats by beacon a stop that was not confirmed yet', async () => {
		server.intervene = ( { path, method }, response ) => {
			if ( path === '/v1/ask' ) {
				response.writeHead( 200, {
					'content-type': 'text/event-stream',
				} );
				response.write( encodeEvents( server.events.slice( 0, 2 ) ) );
				return true;
			}
			return method === 'DELETE';
		};
		const assistant = openPage();
		assistant.agree();
		assistant.ask( 'x' );
		await until( assistant, ( turn ) => turn?.status === 'answering' );
		assistant.stop();
		assistant.leave();
		expect( beacons ).toHaveLength( 1 );
	} );
} );

describe( 'stopping', () => {
	it( 'ends the work at the proxy, keeps what was read and lets the visitor ask on', async () => {
		holdAfter( 3 );
		const assistant = openPage();
		assistant.agree();
		assistant.ask( 'x' );
		await until( assistant, ( turn ) => turn?.lastEventId === 3 );
		assistant.stop();
		expect( assistant.running ).toBeUndefined();
		expect( assistant.conversation.turns.at( -1 ) ).toMatchObject( {
			status: 'stopped',
			text: 'Returns are free for 30 days',
		} );
		server.intervene = () => false;
		assistant.ask( 'y' );
		await settled( assistant );
		const order = server.requests.map(
			( { method, path } ) => `${ method } ${ path }`
		);
		expect( order.indexOf( `DELETE /v1/turns/${ TURN_ID }` ) ).toBeLessThan(
			order.lastIndexOf( 'POST /v1/ask' )
		);
		expect( assistant.conversation.turns.at( -1 )?.status ).toBe( 'done' );
	} );

	it( 'before the proxy named the turn ends the work as soon as it does', async () => {
		let name = () => {};
		server.intervene = ( { path }, response ) => {
			if (
				path === '/v1/ask' &&
				server.count( 'POST', '/v1/ask' ) === 1
			) {
				response.writeHead( 200, {
					'content-type': 'text/event-stream',
				} );
				response.flushHeaders();
				name = () =>
					response.write(
						encodeEvents( server.events.slice( 0, 2 ) )
					);
				return true;
			}
		};
		const assistant = openPage();
		assistant.agree();
		assistant.ask( 'x' );
		await expect.poll( () => server.count( 'POST', '/v1/ask' ) ).toBe( 1 );
		assistant.stop();
		expect( assistant.conversation.turns.at( -1 )?.status ).toBe(
			'stopped'
		);
		assistant.ask( 'y' );
		name();
		await settled( assistant );
		expect( server.count( 'DELETE', `/v1/turns/${ TURN_ID }` ) ).toBe( 1 );
		expect(
			assistant.conversation.turns.map( ( { status, text } ) => [
				status,
				text,
			] )
		).toEqual( [
			[ 'stopped', '' ],
			[ 'done', TEXT ],
		] );
	} );

	it( 'by the proxy, because nobody listened for too long, is offered to be repeated', async () => {
		server.events = [
			...usualAnswer().slice( 0, 2 ),
			[ 'done', { finishReason: 'stopped' } ],
		];
		const assistant = openPage();
		const turn = await askAndWait( assistant );
		expect( turn.failure ).toEqual( {
			kind: 'interrupted',
			isFinal: true,
		} );
	} );
} );

describe( 'trying again', () => {
	it( 'goes on where it broke off while the proxy has the answer', async () => {
		let cutLater: number | undefined = 0;
		server.cutAfter = ( connection ) =>
			connection === 0 ? 220 : cutLater;
		const assistant = openPage();
		const turn = await askAndWait( assistant );
		expect( turn.failure?.kind ).toBe( 'interrupted' );
		cutLater = undefined;
		assistant.retry( turn.key );
		await settled( assistant );
		expect( assistant.conversation.turns ).toMatchObject( [
			{ status: 'done', text: TEXT },
		] );
		expect( server.count( 'POST', '/v1/ask' ) ).toBe( 1 );
	} );

	it( 'asks anew when the proxy ended the turn with an error', async () => {
		server.events = [
			...usualAnswer().slice( 0, 2 ),
			[ 'error', { code: 'answer_failed', message: '' } ],
		];
		const assistant = openPage();
		const turn = await askAndWait( assistant );
		expect( turn ).toMatchObject( {
			status: 'failed',
			text: 'Returns are ',
		} );
		server.events = usualAnswer();
		assistant.retry( turn.key );
		await settled( assistant );
		expect( assistant.conversation.turns ).toMatchObject( [
			{ status: 'done', text: TEXT },
		] );
	} );

	it( 'works after a refusal that asked to wait', async () => {
		server.intervene = ( { path }, response ) => {
			if (
				path === '/v1/ask' &&
				server.count( 'POST', '/v1/ask' ) === 1
			) {
				sendError( response, 429, 'rate_limited', {
					'retry-after': '30',
				} );
				return true;
			}
		};
		const assistant = openPage();
		const turn = await askAndWait( assistant );
		expect( turn.failure?.retryAt ).toBeGreaterThan( Date.now() + 25_000 );
		assistant.retry( turn.key );
		await settled( assistant );
		expect( assistant.conversation.turns.at( -1 )?.status ).toBe( 'done' );
	} );
} );

describe( "the visitor's say", () => {
	it( 'starts over: forgets here and at the proxy, and keeps the agreement', async () => {
		const assistant = openPage();
		await askAndWait( assistant );
		assistant.startOver();
		expect( assistant.conversation.turns ).toEqual( [] );
		expect( openPage().conversation ).toEqual( { turns: [] } );
		expect( assistant.hasAgreed ).toBe( true );
		await askAndWait( assistant, 'y' );
		expect(
			server.count( 'DELETE', '/v1/conversations/conversation-1' )
		).toBe( 1 );
		expect( JSON.parse( server.requests.at( -1 )?.body ?? '' ) ).toEqual( {
			question: 'y',
		} );
	} );

	it( 'starts over in the middle of an answer: the work ends too', async () => {
		holdAfter( 2 );
		const assistant = openPage();
		assistant.agree();
		assistant.ask( 'x' );
		await until( assistant, ( turn ) => turn?.status === 'answering' );
		assistant.startOver();
		expect( assistant.running ).toBeUndefined();
		await expect
			.poll( () => server.count( 'DELETE', `/v1/turns/${ TURN_ID }` ) )
			.toBe( 1 );
	} );

	it( 'withdraws: nothing is left in the tab', async () => {
		const assistant = openPage();
		await askAndWait( assistant );
		assistant.withdraw();
		expect( assistant.hasAgreed ).toBe( false );
		await expect
			.poll( () => server.count( 'DELETE', '/v1/conversations/' ) )
			.toBe( 1 );
		expect( storage.items.size ).toBe( 0 );
	} );

	it( 'rates, changes its mind, and sees it taken back when it could not be sent', async () => {
		const assistant = openPage();
		const { key } = await askAndWait( assistant );
		assistant.rate( key, 'up' );
		expect( assistant.conversation.turns[ 0 ]?.rating ).toBe( 'up' );
		await expect
			.poll( () =>
				server.count( 'POST', `/v1/turns/${ TURN_ID }/feedback` )
			)
			.toBe( 1 );
		server.intervene = ( { path }, response ) => {
			if ( path.endsWith( '/feedback' ) ) {
				sendError( response, 404, 'not_found' );
				return true;
			}
		};
		assistant.rate( key, 'down' );
		expect( assistant.conversation.turns[ 0 ]?.rating ).toBe( 'down' );
		await until( assistant, ( turn ) => turn?.rating === 'up' );
	} );
} );

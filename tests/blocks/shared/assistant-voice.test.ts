/**
 * Questions asked aloud and answers that are heard, against a real server: what is sent, what is kept for trying again, what is told of the speech.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAssistant } from '../../../blocks/shared/assistant.ts';
import type { Assistant } from '../../../blocks/shared/assistant.ts';
import { isRunning } from '../../../blocks/shared/conversation.ts';
import type { Turn } from '../../../blocks/shared/conversation.ts';
import { openTabMemory } from '../../../blocks/shared/tab-memory.ts';
import type { TabStorage } from '../../../blocks/shared/tab-memory.ts';
import {
	encodeEvents,
	sendError,
	startAnswerServer,
	TURN_ID,
} from '../support/answer-server.ts';
import type { AnswerServer } from '../support/answer-server.ts';
import { ONLINE, QUICK } from '../support/proxy-client.ts';

const RECORDING = new Blob( [ 'RIFF…' ], { type: 'audio/wav' } );
const PIECE = { format: 'pcm16', sampleRate: 24_000, data: 'AAAA' };
const STORED = {
	url: '/v1/speech/1',
	mimeType: 'audio/wav',
	durationMs: 900,
	sentences: [ { text: 'Yes.', startMs: 0 } ],
};
const SPOKEN_ANSWER: AnswerServer[ 'events' ] = [
	[ 'turn', { turnId: TURN_ID, conversationId: 'conversation-1' } ],
	[ 'transcript', { text: 'may I return boots', language: 'en' } ],
	[ 'text', { delta: 'Yes.' } ],
	[ 'audio', { ...PIECE, sentence: 0, text: 'Yes.' } ],
	[
		'sources',
		[ { id: 1, title: 'Returns', url: 'https://shop.example/' } ],
	],
	[ 'audio', { ...PIECE, sentence: 0 } ],
	[ 'audio', STORED ],
	[ 'done', { finishReason: 'stop', confident: true } ],
];

let server: AnswerServer;
let items: Map< string, string >;
let storage: TabStorage;

beforeEach( async () => {
	server = await startAnswerServer();
	server.events = SPOKEN_ANSWER;
	items = new Map();
	storage = {
		getItem: ( key ) => items.get( key ) ?? null,
		setItem: ( key, value ) => void items.set( key, value ),
		removeItem: ( key ) => void items.delete( key ),
	};
} );
afterEach( () => server.close() );

function openPage(): Assistant {
	const assistant = createAssistant( {
		tokenUrl: server.tokenUrl,
		proxyUrl: server.url,
		memory: openTabMemory( storage ),
		connection: ONLINE,
		fetch,
		sendBeacon: () => {},
		patience: QUICK,
	} );
	return assistant;
}

/** Resolves when the last turn is as wished. */
function until(
	assistant: Assistant,
	isSo: ( turn: Turn | undefined ) => boolean
): Promise< Turn > {
	return new Promise( ( resolve ) => {
		const check = () => {
			const turn = assistant.conversation.turns.at( -1 );
			if ( isSo( turn ) ) {
				unsubscribe();
				resolve( turn as Turn );
			}
		};
		const unsubscribe = assistant.subscribe( check );
		queueMicrotask( check );
	} );
}

const settled = ( assistant: Assistant ) =>
	until( assistant, ( turn ) => ! isRunning( turn ) && ! assistant.running );

async function askAloud( assistant = openPage() ): Promise< Turn > {
	assistant.agree( true );
	assistant.askAloud( RECORDING, {
		scope: { postId: 7 },
		speech: true,
		language: 'en',
		voiceRole: undefined,
	} );
	return settled( assistant );
}

/** Sends these many events and then nothing more, without ending. */
function holdAfter( count: number ): void {
	server.intervene = ( { path }, response ) => {
		if ( path === '/v1/ask' ) {
			response.writeHead( 200, { 'content-type': 'text/event-stream' } );
			response.write( encodeEvents( server.events.slice( 0, count ) ) );
			return true;
		}
	};
}

const asks = () => server.requests.filter( ( { path } ) => path === '/v1/ask' );

describe( 'a question asked aloud', () => {
	it( 'is sent as a form with the recording, and what was heard becomes the question', async () => {
		const turn = await askAloud();
		expect( turn ).toMatchObject( {
			question: 'may I return boots',
			isSpoken: true,
			text: 'Yes.',
			status: 'done',
			speech: { url: '/v1/speech/1', durationMs: 900 },
		} );
		const [ { headers, body } ] = asks() as [
			ReturnType< typeof asks >[ 0 ],
		];
		expect( headers[ 'content-type' ] ).toMatch( /^multipart\/form-data/ );
		expect( headers[ 'idempotency-key' ] ).toMatch( /^[0-9a-f]{32}$/ );
		for ( const part of [
			'name="audio"; filename="question.wav"',
			'Content-Type: audio/wav',
			'name="scope"\r\n\r\n{"postId":7}',
			'name="speech"\r\n\r\ntrue',
			'name="language"\r\n\r\nen',
		] ) {
			expect( body ).toContain( part );
		}
		expect( body ).not.toContain( 'voiceRole' );
		expect( body ).not.toContain( 'name="question"' );
	} );

	it( 'is asked with a token that says that recordings were agreed to', async () => {
		const assistant = openPage();
		assistant.agree();
		assistant.ask( 'How?' );
		await settled( assistant );
		expect( assistant.hasAgreedToVoice ).toBe( false );
		await askAloud( assistant );
		const minted = server.requests.filter(
			( { path } ) => path === '/token'
		);
		expect(
			minted.map( ( { body } ) => JSON.parse( body ).consent )
		).toEqual( [ [ 'text' ], [ 'text', 'voice' ] ] );
	} );

	it( 'that the browser has written down is sent in words, without the recording', async () => {
		const assistant = openPage();
		assistant.agree( true );
		assistant.askAloud( RECORDING, { speech: true }, 'may I return boots' );
		const turn = await settled( assistant );
		expect( turn.isSpoken ).toBe( true );
		expect( JSON.parse( asks()[ 0 ]?.body ?? '' ) ).toEqual( {
			question: 'may I return boots',
			speech: true,
		} );
	} );

	it( 'that did not get through is sent again with the same recording', async () => {
		server.intervene = ( { path }, response ) => {
			if ( path === '/v1/ask' ) {
				response.destroy();
				return true;
			}
		};
		const assistant = openPage();
		const turn = await askAloud( assistant );
		expect( turn.failure?.kind ).toBe( 'unreachable' );
		server.intervene = () => false;
		assistant.retry( turn.key );
		expect( ( await settled( assistant ) ).question ).toBe(
			'may I return boots'
		);
		expect( asks().at( -1 )?.body ).toContain( 'RIFF…' );
	} );

	it( 'whose answer failed after it was heard is tried again in words: the recording is gone', async () => {
		server.events = [
			...SPOKEN_ANSWER.slice( 0, 2 ),
			[ 'error', { code: 'answer_failed', message: '' } ],
		];
		const assistant = openPage();
		const turn = await askAloud( assistant );
		server.events = SPOKEN_ANSWER;
		assistant.retry( turn.key );
		await settled( assistant );
		expect( JSON.parse( asks().at( -1 )?.body ?? '' ) ).toMatchObject( {
			question: 'may I return boots',
			speech: true,
		} );
	} );

	it( 'in which nothing was heard is not sent again', async () => {
		server.events = [
			...SPOKEN_ANSWER.slice( 0, 1 ),
			[ 'error', { code: 'nothing_heard', message: '' } ],
		];
		const assistant = openPage();
		const turn = await askAloud( assistant );
		expect( turn.failure?.kind ).toBe( 'nothing_heard' );
		assistant.retry( turn.key );
		expect( asks() ).toHaveLength( 1 );
	} );

	it( 'refused before it was heard says why', async () => {
		server.intervene = ( { path }, response ) => {
			if ( path === '/v1/ask' ) {
				sendError( response, 400, 'audio_silent' );
				return true;
			}
		};
		expect( ( await askAloud() ).failure?.kind ).toBe( 'audio_silent' );
	} );

	it( 'left unanswered by a page change is told as lost, on the next page and after it failed', async () => {
		holdAfter( 0 );
		const assistant = openPage();
		assistant.agree( true );
		assistant.askAloud( RECORDING );
		assistant.leave();
		const next = openPage();
		next.resume();
		expect( next.conversation.turns[ 0 ]?.failure?.kind ).toBe(
			'recording_lost'
		);
		expect( openPage().conversation.turns[ 0 ]?.failure?.kind ).toBe(
			'recording_lost'
		);
	} );
} );

describe( 'the speech of an answer', () => {
	it( 'is told piece by piece, with the end, and not to the conversation', async () => {
		const assistant = openPage();
		const heard: string[] = [];
		assistant.onSpeech( ( _key, event ) => void heard.push( event.type ) );
		await askAloud( assistant );
		expect( heard ).toEqual( [
			'speech',
			'speech',
			'stored_speech',
			'done',
		] );
		expect( items.get( 'docent' ) ).not.toContain( 'AAAA' );
	} );

	it( 'stopped while only speech is missing leaves the answer complete', async () => {
		holdAfter( 5 );
		const assistant = openPage();
		assistant.agree( true );
		assistant.askAloud( RECORDING, { speech: true } );
		await until( assistant, ( turn ) => turn?.isWritten === true );
		expect( assistant.running ).toBeDefined();
		assistant.stop();
		expect( assistant.conversation.turns[ 0 ] ).toMatchObject( {
			status: 'done',
			text: 'Yes.',
		} );
	} );

	it( 'that is still coming does not keep the next question waiting', async () => {
		holdAfter( 5 );
		const assistant = openPage();
		assistant.agree( true );
		assistant.askAloud( RECORDING, { speech: true } );
		await until( assistant, ( turn ) => turn?.isWritten === true );
		server.intervene = () => false;
		assistant.ask( 'And jackets?' );
		await settled( assistant );
		expect(
			assistant.conversation.turns.map( ( { status } ) => status )
		).toEqual( [ 'done', 'done' ] );
	} );

	it( 'can be fetched again after a page change', async () => {
		await askAloud();
		expect( openPage().conversation.turns[ 0 ]?.speech ).toEqual( {
			url: '/v1/speech/1',
			durationMs: 900,
			sentences: STORED.sentences,
		} );
	} );
} );

/**
 * What a page speaks and when: pieces as they come, what is stored, what is kept, and the browser's voice for the rest. The player, which only
 * a browser has, is written down instead of heard.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import { createPageSpeech } from '../../../blocks/assistant/view/voice/page-speech.ts';
import type { PageSpeech } from '../../../blocks/assistant/view/voice/page-speech.ts';
import type { SpeechListener } from '../../../blocks/shared/assistant.ts';
import type {
	Conversation,
	Turn,
} from '../../../blocks/shared/conversation.ts';
import type {
	Playback,
	PlaybackState,
} from '../../../blocks/shared/voice/playback/player.ts';

const TEXT = 'Yes, you can. It takes **two days**.';

type Event = Parameters< SpeechListener >[ 1 ];

let tell: ( event: Event ) => void;
let log: string[];
let current: {
	state: PlaybackState;
	sentence: number;
	onChange( playback: Playback ): void;
	playback: Playback;
};
let conversation: Conversation;
let conversationChanged: () => void;

beforeEach( () => {
	log = [];
	conversation = { turns: [ turn() ] };
} );

function turn( changes: Partial< Turn > = {} ): Turn {
	return {
		key: 'a',
		question: 'May I?',
		status: 'done',
		lastEventId: 9,
		text: TEXT,
		sources: [],
		notices: [],
		rating: null,
		...changes,
	};
}

function openPage( hasProvider = true ): PageSpeech {
	const make = (
		kind: string,
		onChange: ( ( playback: Playback ) => void ) | undefined
	): Playback => {
		const playback = {
			id: 'a',
			get state() {
				return own.state;
			},
			get sentence() {
				return own.sentence;
			},
			push: ( pcm: ArrayBuffer, sentence: number ) =>
				log.push( `push ${ sentence } ${ pcm.byteLength }` ),
			play: ( { url }: { url: string } ) => log.push( `play ${ url }` ),
			finish: () => log.push( 'finish' ),
			pause: () => become( 'paused' ),
			resume: () => become( 'playing' ),
			stop: () => become( 'stopped' ),
		} as unknown as Playback;
		const own: typeof current = {
			state: 'playing',
			sentence: 0,
			onChange: ( each ) => onChange?.( each ),
			playback,
		};
		const become = ( state: PlaybackState ) => {
			log.push( state );
			own.state = state;
			own.onChange( playback );
		};
		log.push( kind );
		current = own;
		return playback;
	};
	return createPageSpeech( {
		assistant: {
			get conversation() {
				return conversation;
			},
			onSpeech( listener ) {
				tell = ( event ) => listener( 'a', event );
				return () => {};
			},
			subscribe( listener ) {
				conversationChanged = listener;
				return () => {};
			},
		},
		player: {
			begin: ( { onChange } ) => make( 'begin', onChange ),
			speakInBrowser: ( text, { onChange, language } ) =>
				make(
					`browser ${ language }: ${ [ text ].flat().join( ' | ' ) }`,
					onChange
				),
		},
		proxyUrl: 'https://proxy.example',
		hasProvider,
		pageLanguage: 'en',
	} );
}

const piece = ( sentence: number, text?: string ): Event => ( {
	id: 1,
	type: 'speech',
	sentence,
	data: 'AAAA',
	...( text !== undefined && { text } ),
} );
const stored: Event = {
	id: 1,
	type: 'stored_speech',
	url: '/v1/speech/1',
	durationMs: 900,
	sentences: [ { text: 'Yes, you can.', startMs: 0 } ],
};
const noSpeech: Event = {
	id: 1,
	type: 'notice',
	code: 'no_speech',
	message: '',
};
const done: Event = {
	id: 1,
	type: 'done',
	finishReason: 'stop',
	isConfident: true,
};

/** What the playback comes to by itself. */
function becomes( state: PlaybackState, sentence = current.sentence ): void {
	Object.assign( current, { state, sentence } );
	current.onChange( current.playback );
}

describe( 'an answer that is to be heard', () => {
	it( 'is played piece by piece, and says which sentence is spoken', () => {
		const page = openPage();
		page.expect( 'a' );
		tell( piece( 0, 'Yes, you can.' ) );
		tell( piece( 0 ) );
		tell( piece( 1, 'It takes two days.' ) );
		tell( stored );
		tell( done );
		expect( log ).toEqual( [
			'begin',
			'push 0 2',
			'push 0 2',
			'push 1 2',
			'finish',
		] );
		expect( page.spoken?.sentence ).toBe( 'Yes, you can.' );
		becomes( 'playing', 1 );
		expect( page.spoken?.sentence ).toBe( 'It takes two days.' );
	} );

	it( 'is played from what is stored when nothing came before', () => {
		openPage().expect( 'a' );
		tell( stored );
		tell( done );
		expect( log ).toEqual( [
			'begin',
			'play https://proxy.example/v1/speech/1',
			'finish',
		] );
	} );

	it( 'that nobody speaks is spoken by the browser', () => {
		openPage().expect( 'a' );
		tell( noSpeech );
		tell( done );
		expect( log ).toEqual( [
			'browser en: Yes, you can. | It takes two days.',
		] );
	} );

	it( 'of which only the beginning is spoken is spoken on by the browser after that', () => {
		openPage().expect( 'a' );
		tell( piece( 0, 'Yes, you can.' ) );
		tell( noSpeech );
		tell( done );
		becomes( 'ended' );
		expect( log.at( -1 ) ).toBe( 'browser en: It takes two days.' );
		becomes( 'ended' );
		expect( log ).toHaveLength( 4 );
	} );

	it( 'of a site without a voice of its own is spoken by the browser at its end', () => {
		openPage( false ).expect( 'a' );
		tell( done );
		expect( log ).toEqual( [
			'browser en: Yes, you can. | It takes two days.',
		] );
	} );

	it( 'whose stored speech is gone is spoken by the browser, which is not asked twice', () => {
		const page = openPage();
		page.expect( 'a' );
		tell( stored );
		tell( done );
		becomes( 'failed', -1 );
		expect( log.at( -1 ) ).toMatch( /^browser en: Yes/ );
		becomes( 'failed', -1 );
		expect( page.spoken?.state ).toBe( 'failed' );
		expect( log.filter( ( line ) => line.startsWith( 'b' ) ) ).toHaveLength(
			2
		);
	} );

	it.each( [
		[
			'stopped',
			() =>
				( conversation = { turns: [ turn( { status: 'stopped' } ) ] } ),
		],
		[ 'forgotten', () => ( conversation = { turns: [] } ) ],
	] )( 'is silent once it is %s', ( _how, change ) => {
		const page = openPage();
		page.expect( 'a' );
		tell( piece( 0, 'Yes, you can.' ) );
		change();
		conversationChanged();
		expect( log.at( -1 ) ).toBe( 'stopped' );
		tell( piece( 0 ) );
		expect( log.at( -1 ) ).toBe( 'stopped' );
		expect( page.spoken ).toBeUndefined();
	} );
} );

describe( 'an answer that nobody asked to hear', () => {
	it( 'is not played', () => {
		openPage();
		tell( piece( 0, 'Yes, you can.' ) );
		tell( done );
		expect( log ).toEqual( [] );
	} );

	it( 'is played from memory at the press of its speaker, paused at the next and resumed', () => {
		const page = openPage();
		tell( piece( 0, 'Yes, you can.' ) );
		tell( done );
		page.toggle( turn() );
		page.toggle( turn() );
		page.toggle( turn() );
		expect( log ).toEqual( [
			'begin',
			'push 0 2',
			'finish',
			'paused',
			'playing',
		] );
	} );

	it( 'is fetched when it is stored, and spoken by the browser when there is nothing', () => {
		const page = openPage();
		page.toggle(
			turn( {
				speech: { url: '/v1/speech/2', durationMs: 1, sentences: [] },
			} )
		);
		expect( log ).toEqual( [
			'begin',
			'play https://proxy.example/v1/speech/2',
		] );
		page.stop();
		page.toggle( turn() );
		expect( log.at( -1 ) ).toMatch( /^browser en/ );
	} );

	it( 'in another script is spoken in its language', () => {
		const page = openPage();
		page.toggle( turn( { text: '可以，六十天之内都可以退货。' } ) );
		expect( log.at( -1 ) ).toMatch( /^browser zh/ );
	} );
} );

it( 'stop says whether there was anything to stop', () => {
	const page = openPage();
	expect( page.stop() ).toBe( false );
	page.expect( 'a' );
	expect( page.stop() ).toBe( true );
	page.toggle( turn() );
	expect( page.stop() ).toBe( true );
	expect( page.stop() ).toBe( false );
} );

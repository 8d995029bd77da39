/**
 * The browser's own voice, behind a synthesiser that obeys the test.
 */

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
	createBrowserVoice,
	sentencesOf,
	voiceFor,
} from '../../../blocks/shared/voice/playback/browser-voice.ts';
import type { Playback } from '../../../blocks/shared/voice/playback/playback.ts';

/** What the page says; the test decides when it begins and ends. */
class Utterance {
	lang = '';
	voice: unknown = null;
	rate = 1;
	volume = 1;
	onstart?: () => void;
	onend?: () => void;
	onerror?: ( event: { error: string } ) => void;
	onboundary?: ( event: { charIndex: number } ) => void;
	readonly text: string;

	constructor( text: string ) {
		this.text = text;
	}
}

let spoken: Utterance[];
let voices: object[];
let synthesis: EventTarget & { cancelled: number };
let page: EventTarget;

beforeEach( () => {
	spoken = [];
	voices = [ { lang: 'en-US', localService: true } ];
	page = new EventTarget();
	synthesis = Object.assign( new EventTarget(), {
		cancelled: 0,
		getVoices: () => voices,
		speak: ( utterance: Utterance ) => spoken.push( utterance ),
		cancel: () => synthesis.cancelled++,
		pause() {},
		resume() {},
	} );
	vi.stubGlobal( 'speechSynthesis', synthesis );
	vi.stubGlobal( 'SpeechSynthesisUtterance', Utterance );
	vi.stubGlobal( 'document', page );
} );
afterEach( () => vi.unstubAllGlobals() );

const last = () => spoken.at( -1 ) as Utterance;

function speak( text: string | string[] = 'One. Two. Three.' ) {
	const changes: string[] = [];
	const heard: number[] = [];
	const claims: Playback[] = [];
	const playback = createBrowserVoice( text, {
		id: 'test',
		language: 'en-GB',
		onChange: ( { state } ) => changes.push( state ),
		onSentence: ( sentence ) => heard.push( sentence ),
		claim: ( claimed ) => claims.push( claimed ),
	} );
	return { playback, changes, heard, claims };
}

const settled = () => new Promise( ( resolve ) => setTimeout( resolve ) );

describe( 'the browser’s voice', () => {
	it( 'says sentence after sentence and tells of each', async () => {
		const { playback, changes, heard } = speak();
		for ( let count = 0; count < 3; count++ ) {
			last().onstart?.();
			last().onend?.();
		}
		await settled();
		expect( spoken.map( ( { text } ) => text ) ).toEqual( [
			'One.',
			'Two.',
			'Three.',
		] );
		expect( heard ).toEqual( [ 0, 1, 2 ] );
		expect( playback.state ).toBe( 'ended' );
		expect( changes.at( -1 ) ).toBe( 'ended' );
	} );

	it( 'waits for voices that are loaded late', () => {
		voices = [];
		speak();
		expect( spoken ).toEqual( [] );
		voices = [ { lang: 'en_GB', localService: true } ];
		synthesis.dispatchEvent( new Event( 'voiceschanged' ) );
		expect( last() ).toMatchObject( {
			text: 'One.',
			voice: voices[ 0 ],
			lang: 'en-GB',
		} );
	} );

	it( 'speaks without a voice of its choice when none is ever told', async () => {
		voices = [];
		speak();
		await expect.poll( () => spoken.length, { timeout: 2_000 } ).toBe( 1 );
	} );

	it( 'is silent at once when it is paused, and says the sentence again afterwards', () => {
		const { playback, claims } = speak();
		last().onstart?.();
		last().onend?.();
		const before = synthesis.cancelled;
		playback.pause();
		expect( synthesis.cancelled ).toBeGreaterThan( before );
		// The end of what was cancelled is no end.
		last().onend?.();
		expect( spoken ).toHaveLength( 2 );
		playback.resume();
		expect( last().text ).toBe( 'Two.' );
		expect( claims ).toHaveLength( 2 );
	} );

	it( 'goes to a sentence, while it speaks and while it is paused', () => {
		const { playback } = speak();
		last().onstart?.();
		playback.skipTo( 2 );
		expect( last().text ).toBe( 'Three.' );
		playback.pause();
		const { length } = spoken;
		playback.skipTo( 1 );
		expect( spoken ).toHaveLength( length );
		expect( playback ).toMatchObject( { state: 'paused', sentence: 1 } );
		playback.resume();
		expect( last().text ).toBe( 'Two.' );
	} );

	it( 'that may not speak yet says so, and speaks at the next tap', async () => {
		const { playback } = speak();
		last().onerror?.( { error: 'not-allowed' } );
		expect( playback.state ).toBe( 'blocked' );
		page.dispatchEvent( new Event( 'pointerup' ) );
		expect( spoken ).toHaveLength( 2 );
		last().onstart?.();
		expect( playback.state ).toBe( 'playing' );
	} );

	it( 'that breaks fails, and one that does not exist fails too', () => {
		const { playback } = speak();
		last().onerror?.( { error: 'synthesis-failed' } );
		expect( playback ).toMatchObject( {
			state: 'failed',
			error: 'synthesis-failed',
		} );
		vi.stubGlobal( 'speechSynthesis', undefined );
		expect( speak().playback.state ).toBe( 'failed' );
	} );

	it( 'speaks at another speed from the sentence on that it is in', () => {
		const { playback } = speak();
		last().onstart?.();
		playback.speed = 1.5;
		expect( last() ).toMatchObject( { text: 'One.', rate: 1.5 } );
	} );
} );

describe( 'a text', () => {
	it( 'is cut into sentences in any script', () => {
		expect(
			sentencesOf( 'It costs 4.90 euros. Really? Yes!', 'en' )
		).toEqual( [ 'It costs 4.90 euros.', 'Really?', 'Yes!' ] );
		expect( sentencesOf( '你好。再见！', 'zh-CN' ) ).toEqual( [
			'你好。',
			'再见！',
		] );
		expect( sentencesOf( 'One. Two.', 'no such language' ) ).toEqual( [
			'One.',
			'Two.',
		] );
	} );
} );

describe( 'a voice', () => {
	it.each( [
		[ 'de-AT', 'the same language on the device', 'de-DE local' ],
		[ 'en-GB', 'the same country, on the device', 'en-GB local' ],
		[ 'fr', 'elsewhere when there is no other', 'fr-FR' ],
		[ 'ja', 'none when there is none', undefined ],
	] )( 'for %s is %s', ( language, _why, name ) => {
		const known = [
			{ name: 'en-US local', lang: 'en-US', localService: true },
			{ name: 'de-AT', lang: 'de-AT', localService: false },
			{ name: 'de-DE local', lang: 'de-DE', localService: true },
			{ name: 'en-GB local', lang: 'en_GB', localService: true },
			{ name: 'fr-FR', lang: 'fr-FR', localService: false },
		];
		expect( voiceFor( known, language )?.name ).toBe( name );
	} );
} );

/**
 * The player in a real browser: what it plays is caught on its way to the loudspeaker, measured, and written down again.
 */

import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { giveEars, heardOf, largestStep, trimmed } from '../support/e2e/ear.ts';
import { startPlaybackPage } from '../support/e2e/playback-page.ts';
import type { PlaybackPage } from '../support/e2e/playback-page.ts';
import {
	hasSpeech,
	joined,
	shareHeard,
	silence,
	speak,
	SPEECH_LEFT_OUT,
	tone,
	transcribe,
} from '../support/speech/index.ts';
import { launchBrowser } from '../support/wordpress/browser.ts';
import type { Playback } from '../../blocks/shared/voice/playback/playback.ts';
import type { Player } from '../../blocks/shared/voice/playback/player.ts';

/** What the page lends to the test. */
interface Lent {
	player: Player;
	playback: Playback;
	early: Playback;
	log: Array< { id: string; state: string; sentence: number; at: number } >;
	watch: ( playback: Playback ) => void;
	onTap: () => void;
	unlock: () => void;
}
declare const window: Lent & typeof globalThis;

const SENTENCES = [
	'You can return unused gear within sixty days of delivery.',
	'The refund reaches your account within five working days.',
	'Shipping costs are not refunded.',
];

let server: PlaybackPage;
let browser: Browser;
const contexts: BrowserContext[] = [];

beforeAll( async () => {
	[ server, browser ] = await Promise.all( [
		startPlaybackPage(),
		launchBrowser(),
	] );
} );
afterEach( async () => {
	for ( const context of contexts.splice( 0 ) ) {
		await context.close();
	}
} );
afterAll( async () => {
	await browser?.close();
	await server?.close();
} );

/** Opens the page; `context` shares it with an earlier one, as two tabs do. */
async function openPage(
	path = '/',
	context?: BrowserContext
): Promise< Page > {
	const own = context ?? ( await browser.newContext() );
	if ( ! context ) {
		contexts.push( own );
		await giveEars( own );
	}
	const page = await own.newPage();
	await page.goto( server.url + path );
	await page.locator( 'html[data-ready]' ).waitFor( { state: 'attached' } );
	return page;
}

/** Begins a playback in a real tap. */
async function begin( page: Page, id = 'test' ): Promise< void > {
	await page.evaluate( ( name ) => {
		window.onTap = () => {
			window.playback = window.player.begin( {
				id: name,
				onChange: window.watch,
			} );
		};
	}, id );
	await page.locator( '#tap' ).click();
}

/** Hands samples to the playback, as they would come from the network. */
async function push(
	page: Page,
	pcm: Int16Array,
	sentence = 0
): Promise< void > {
	const base64 = Buffer.from(
		pcm.buffer,
		pcm.byteOffset,
		pcm.byteLength
	).toString( 'base64' );
	await page.evaluate(
		( [ data, number ] ) => {
			const bytes = Uint8Array.from( atob( data ), ( sign ) =>
				sign.charCodeAt( 0 )
			);
			window.playback.push( bytes.buffer, number );
		},
		[ base64, sentence ] as const
	);
}

const reaches = ( page: Page, state: string ) =>
	page.waitForFunction(
		( wanted ) => window.playback.state === wanted,
		state,
		{ polling: 10 }
	);

const speech = () =>
	Promise.all(
		SENTENCES.map( ( text ) => speak( text, { sampleRate: 24_000 } ) )
	);

describe.skipIf( ! hasSpeech() )(
	hasSpeech() ? 'speech that comes in pieces' : SPEECH_LEFT_OUT,
	() => {
		it( 'is heard word for word, without a click or an underrun, and every sentence is announced once', async () => {
			const page = await openPage();
			await begin( page );
			const spoken = await speech();
			for ( const [ number, pcm ] of spoken.entries() ) {
				for ( let at = 0; at < pcm.length; at += 4_800 ) {
					await push( page, pcm.slice( at, at + 4_800 ), number );
				}
			}
			await page.evaluate( () => window.playback.finish() );
			await reaches( page, 'ended' );
			const heard = trimmed( await heardOf( page ) );
			const words = await transcribe( heard.pcm, heard.sampleRate );
			// The recogniser mishears some words of the voice itself.
			const said = SENTENCES.join( ' ' );
			const direct = await transcribe( joined( spoken ), 24_000 );
			expect( shareHeard( said, words ) ).toBeGreaterThan(
				shareHeard( said, direct ) - 0.1
			);
			expect( shareHeard( said, words ) ).toBeGreaterThan( 0.7 );
			// Speech of flite itself moves this much from one sample to the next.
			const own = Math.max( ...spoken.map( largestStep ) );
			expect( largestStep( heard.pcm ) ).toBeLessThan( own * 1.2 );
			const { underruns, heardMs, durationMs, log } = await page.evaluate(
				() => ( {
					underruns: window.playback.underruns,
					heardMs: window.playback.heardMs,
					durationMs: window.playback.durationMs,
					log: window.log,
				} )
			);
			expect( underruns ).toBe( 0 );
			expect( heardMs ).toBe( durationMs );
			expect(
				log
					.filter( ( { sentence } ) => sentence >= 0 )
					.map( ( { sentence } ) => sentence )
					.filter( ( number, at, all ) => number !== all[ at - 1 ] )
			).toEqual( [ 0, 1, 2 ] );
		} );

		it( 'is understood at another speed as well', async () => {
			const page = await openPage();
			await begin( page );
			const [ pcm ] = await speech();
			await page.evaluate( () => {
				window.playback.speed = 1.25;
			} );
			await push( page, pcm as Int16Array );
			await page.evaluate( () => window.playback.finish() );
			await reaches( page, 'ended' );
			const heard = trimmed( await heardOf( page ) );
			const words = await transcribe( heard.pcm, heard.sampleRate );
			expect( shareHeard( SENTENCES[ 0 ] ?? '', words ) ).toBeGreaterThan(
				0.6
			);
		} );
	}
);

describe( 'stored speech', () => {
	it( 'is heard at once, is skipped in by range, and is heard again from memory', async () => {
		const page = await openPage();
		// Two minutes: the last sentence has not come yet when it is skipped to.
		const pcm = new Int16Array( 120 * 24_000 );
		pcm.set( tone( 1_000, { hertz: 300, sampleRate: 24_000 } ) );
		pcm.set(
			tone( 2_000, { hertz: 900, sampleRate: 24_000 } ),
			118 * 24_000
		);
		const path = server.store( 'long', pcm );
		await page.evaluate( ( url ) => {
			window.onTap = () => {
				window.playback = window.player.begin( {
					id: 'stored',
					onChange: window.watch,
				} );
				window.log.push( {
					id: 'tap',
					state: '',
					sentence: -1,
					at: performance.now(),
				} );
				window.playback.play( {
					url,
					durationMs: 120_000,
					sentences: [
						{ text: 'One.', startMs: 0 },
						{ text: 'Two.', startMs: 118_000 },
					],
				} );
				// The turn is over before the first byte is there; the file has its own end.
				window.playback.finish();
			};
		}, path );
		await page.locator( '#tap' ).click();
		await reaches( page, 'playing' );
		const log = await page.evaluate( () => window.log );
		const tappedAt = log.find( ( { id } ) => id === 'tap' )?.at ?? 0;
		const playedAt =
			log.find( ( { state } ) => state === 'playing' )?.at ?? Infinity;
		expect( playedAt - tappedAt ).toBeLessThan( 1_000 );

		await page.evaluate( () => window.playback.skipTo( 1 ) );
		await page.waitForFunction(
			() => window.playback.heardMs > 118_200,
			undefined,
			{ polling: 10 }
		);
		expect( server.ranges.at( -1 ) ).toBe(
			`bytes=${ 44 + 118 * 48_000 }-`
		);
		expect( await page.evaluate( () => window.playback.sentence ) ).toBe(
			1
		);
		await reaches( page, 'ended' );
		expect(
			Math.round( await page.evaluate( () => window.playback.heardMs ) )
		).toBe( 120_000 );

		const before = server.ranges.length;
		await page.evaluate( () => window.playback.skipTo( 1 ) );
		await reaches( page, 'playing' );
		expect( server.ranges.length ).toBe( before );
	} );

	it( 'that is not there fails, and says so', async () => {
		const page = await openPage();
		await begin( page );
		await page.evaluate( () =>
			window.playback.play( {
				url: '/speech/none',
				durationMs: 1_000,
				sentences: [],
			} )
		);
		await reaches( page, 'failed' );
		expect(
			await page.evaluate( () => String( window.playback.error ) )
		).toContain( '404' );
	} );
} );

describe( 'an interruption', () => {
	it( 'ducks and flushes at once, and tells to the millisecond what was heard', async () => {
		const page = await openPage();
		await begin( page );
		await push( page, tone( 5_000, { hertz: 400, sampleRate: 24_000 } ) );
		await page.waitForFunction(
			() => window.playback.heardMs > 500,
			undefined,
			{ polling: 5 }
		);
		await page.evaluate( () => window.playback.duck( true ) );
		await page.waitForFunction(
			() => window.playback.heardMs > 900,
			undefined,
			{ polling: 5 }
		);
		const heardMs = await page.evaluate( () => window.playback.flush() );
		await push( page, silence( 200, 24_000 ) );
		await push( page, tone( 300, { hertz: 1_000, sampleRate: 24_000 } ) );
		await page.evaluate( () => {
			window.playback.duck( false );
			window.playback.finish();
		} );
		await reaches( page, 'ended' );
		const { pcm, sampleRate } = trimmed( await heardOf( page ) );
		const ms = sampleRate / 1_000;
		const isQuiet = ( at: number, length: number ) =>
			pcm
				.slice( at * ms, ( at + length ) * ms )
				.every( ( sample ) => Math.abs( sample ) < 20 );
		// The first 50 ms of nothing are where the flushed speech ended.
		let silentAt = 0;
		while ( ! isQuiet( silentAt, 50 ) ) {
			silentAt++;
		}
		expect( Math.abs( silentAt - heardMs ) ).toBeLessThan( 60 );
		const quiet = pcm.slice(
			( silentAt - 200 ) * ms,
			( silentAt - 50 ) * ms
		);
		expect( Math.max( ...quiet ) ).toBeLessThan( 0.3 * 32_767 * 0.2 );
		expect( largestStep( pcm ) ).toBeLessThan(
			0.3 * 32_767 * ( ( 2 * Math.PI * 1_000 ) / sampleRate ) * 1.3
		);
		expect(
			await page.evaluate( () => window.playback.durationMs )
		).toBeCloseTo( heardMs + 500, 0 );
	} );
} );

describe( 'one voice', () => {
	it( 'a second playback of the page ends the first, also through another player', async () => {
		const page = await openPage();
		await begin( page, 'first' );
		await push( page, tone( 3_000, { sampleRate: 24_000 } ) );
		await reaches( page, 'playing' );
		await page.evaluate( () =>
			Object.assign( window, { early: window.playback } )
		);
		await begin( page, 'second' );
		await page.waitForFunction( () => window.early.state === 'stopped' );
		expect( await page.evaluate( () => window.player.current?.id ) ).toBe(
			'second'
		);
	} );

	it( 'a playback in another tab pauses this one, which goes on when it is asked to', async () => {
		const page = await openPage();
		await begin( page, 'here' );
		await push( page, tone( 20_000, { sampleRate: 24_000 } ) );
		await reaches( page, 'playing' );
		const other = await openPage( '/', page.context() );
		await begin( other, 'there' );
		await push( other, tone( 20_000, { sampleRate: 24_000 } ) );
		await reaches( other, 'playing' );
		await reaches( page, 'paused' );
		await page.bringToFront();
		await page.evaluate( () => {
			window.onTap = () => window.playback.resume();
		} );
		await page.locator( '#tap' ).click();
		await reaches( page, 'playing' );
		await reaches( other, 'paused' );
	} );
} );

describe( 'without a tap', () => {
	it( 'nothing is heard and the playback says that it is held back; the next tap anywhere lets it go on', async () => {
		const page = await openPage( '/?early' );
		await page.waitForFunction( () => window.early.state === 'blocked' );
		await page.evaluate( () => {
			window.playback = window.early;
		} );
		await page.mouse.click( 200, 200 );
		await push( page, tone( 20_000, { sampleRate: 24_000 } ) );
		await reaches( page, 'playing' );
	} );
} );

describe( 'a page that is left', () => {
	it( 'and comes back as it was is paused where it stopped, and goes on at a tap', async () => {
		const page = await openPage();
		await begin( page );
		await push( page, tone( 20_000, { sampleRate: 24_000 } ) );
		await page.waitForFunction( () => window.playback.heardMs > 100 );
		await page.evaluate( () => {
			dispatchEvent(
				new PageTransitionEvent( 'pagehide', { persisted: true } )
			);
		} );
		await reaches( page, 'paused' );
		const heardMs = await page.evaluate( () => window.playback.heardMs );
		expect( heardMs ).toBeGreaterThan( 0 );
		await page.evaluate( () => {
			window.onTap = () => window.playback.resume();
		} );
		await page.locator( '#tap' ).click();
		await reaches( page, 'playing' );
		expect(
			await page.evaluate( () => window.playback.heardMs )
		).toBeGreaterThanOrEqual( heardMs - 1 );
	} );

	it( 'for good is silent', async () => {
		const page = await openPage();
		await begin( page );
		await push( page, tone( 20_000, { sampleRate: 24_000 } ) );
		await reaches( page, 'playing' );
		await page.evaluate( () => {
			dispatchEvent( new PageTransitionEvent( 'pagehide' ) );
		} );
		await reaches( page, 'stopped' );
	} );
} );

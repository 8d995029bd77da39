/**
 * Money, seconds and time in live conversations: never more than allowed, and a polite end.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silence, tone } from '../../../support/speech/index.ts';
import { openLive, type LiveBrowser } from './live-client.ts';
import {
	callsOf,
	sentUpstream,
	spending,
	startStage,
	type Stage,
} from './live-stage.ts';

let stage: Stage;
let offsetMs = 0;
beforeEach( async () => {
	offsetMs = 0;
	stage = await startStage(
		{ clock: () => Date.now() + offsetMs },
		{ hasRealSpeech: false }
	);
} );
afterEach( () => stage.close() );

/** Asks a question aloud. */
function ask( browser: LiveBrowser, words: string, ms = 700 ): void {
	stage.provider.script( { for: 'hearing', text: words } );
	browser.sendSound( tone( ms, { sampleRate: 24_000 } ) );
	browser.sendSound( silence( 1_000, 24_000 ) );
}

describe( 'when money runs out', () => {
	it( 'refuses at once, before the provider is called, where there is none', async () => {
		await stage.set( { limits: { siteDayNanoUsd: 0 } } );
		const browser = await openLive( stage.proxy );
		expect( await browser.wait( 'ended' ) ).toMatchObject( {
			reason: 'limit',
			fallBack: 'text',
		} );
		await browser.isClosed;
		expect( callsOf( stage ) ).toEqual( [] );
	} );

	it( 'does not begin beyond the soft limit', async () => {
		const before = await openLive( stage.proxy );
		await before.wait( 'ready' );
		ask( before, 'How long can I return unused gear?' );
		await before.wait( 'speech_end' );
		before.send( { type: 'end' } );
		await before.isClosed;
		await expect.poll( () => stage.proxy.services.live.count ).toBe( 0 );
		await stage.set( {
			limits: { siteDayNanoUsd: 1_000_000_000, softShare: 0.000_001 },
		} );
		const browser = await openLive( stage.proxy );
		expect( await browser.wait( 'ended' ) ).toMatchObject( {
			reason: 'economy',
			fallBack: 'cascade',
		} );
		await browser.wait( 'notice', ( f ) => f.code === 'economy' );
		expect( callsOf( stage ).length ).toBe( 1 );
	} );

	it( 'warns in words and aloud, says goodbye, and holds nothing afterwards', async () => {
		await stage.set( {
			limits: { visitorDayNanoUsd: 40_000_000 },
			voice: { showSpent: true },
		} );
		const browser = await openLive( stage.proxy );
		await browser.wait( 'ready' );
		stage.provider.setDefault( {
			for: 'answer',
			text: ( { isInConversation, question } ) =>
				isInConversation
					? `About that: ${ 'unused gear can be returned within sixty days. '.repeat( 4 ) }`
					: question,
		} );
		for ( let i = 0; i < 12; i++ ) {
			const from = browser.frames.length;
			ask( browser, `How long can I return unused gear, number ${ i }?` );
			const next = await Promise.race( [
				browser.wait( 'speech_end', () => true, from ),
				browser.wait( 'ended', () => true, from ),
			] );
			if ( next.type === 'ended' ) {
				break;
			}
			// The browser has heard it all.
			offsetMs += next.durationMs + 400;
			if (
				browser.frames.some(
					( { code } ) => code === 'limit_nearly_reached'
				)
			) {
				await expect
					.poll( () => browser.said(), { timeout: 5_000 } )
					.toContain( 'a little longer' );
				offsetMs += 5_000;
			}
		}
		const keepListening = setInterval( () => ( offsetMs += 500 ), 50 );
		const ended = await browser.wait( 'ended' );
		clearInterval( keepListening );
		expect( ended ).toMatchObject( { reason: 'limit', fallBack: 'text' } );
		await browser.isClosed;
		expect( browser.said() ).toContain( 'a little longer' );
		expect( browser.said() ).toContain( 'Goodbye' );
		expect(
			browser.frames
				.filter( ( { type } ) => type === 'notice' )
				.map( ( { code } ) => code )
		).toEqual( [ 'limit_nearly_reached', 'limit_reached' ] );
		const { spentNanoUsd, billNanoUsd } = await stage.settle();
		expect( spentNanoUsd ).toBe( billNanoUsd );
		expect( billNanoUsd ).toBeLessThanOrEqual( 40_000_000 );
		expect(
			browser.frames.findLast( ( { type } ) => type === 'spent' )?.nanoUsd
		).toBeLessThanOrEqual( spentNanoUsd );
	} );

	it( 'ends when the day’s seconds of voice are used up', async () => {
		await stage.set( { limits: { voiceSecondsDay: 110 } } );
		const browser = await openLive( stage.proxy );
		await browser.wait( 'ready' );
		const speak = setInterval( () => {
			offsetMs += 1_000;
			browser.sendSound( tone( 1_000, { sampleRate: 24_000 } ) );
		}, 20 );
		const ended = await browser.wait( 'ended' );
		clearInterval( speak );
		expect( ended ).toMatchObject( { reason: 'limit' } );
		expect( browser.said() ).toContain( 'Goodbye' );
		await browser.isClosed;
		await stage.settle();
		const { limits } =
			await stage.proxy.services.sites.settings( 'test-shop' );
		const { voiceSeconds } = await stage.proxy.services.ledger.report(
			'test-shop',
			limits
		);
		expect( voiceSeconds.spent ).toBeLessThanOrEqual( 110 );
		expect( voiceSeconds.held ).toBe( 0 );
	} );

	it( 'twenty conversations at once never spend more than the limit, and the ledger is the bill', async () => {
		await stage.set( {
			limits: {
				siteDayNanoUsd: 300_000_000,
				visitorDayNanoUsd: 300_000_000,
				voiceSecondsDay: 100_000,
			},
			rateLimits: { addressPerMinute: 1_000 },
		} );
		const browsers = await Promise.all(
			Array.from( { length: 20 }, () => openLive( stage.proxy ) )
		);
		stage.provider.setDefault( {
			for: 'hearing',
			text: 'How long can I return unused gear?',
		} );
		const ends = browsers.map( async ( browser, at ) => {
			for ( let i = 0; i < 3 && browser.closeCode === undefined; i++ ) {
				const from = browser.frames.length;
				browser.sendSound(
					tone( 500 + at * 20, { sampleRate: 24_000 } )
				);
				browser.sendSound( silence( 900, 24_000 ) );
				await Promise.race( [
					browser.wait( 'speech_end', () => true, from ),
					browser.isClosed,
				] ).catch( () => {} );
			}
			if ( at % 4 === 0 ) {
				await browser.drop();
			} else if ( browser.closeCode === undefined ) {
				browser.send( { type: 'end' } );
			}
			await browser.isClosed;
		} );
		const day = setInterval( () => ( offsetMs += 200 ), 50 );
		await Promise.all( ends );
		offsetMs += 20_000;
		await expect
			.poll( () => stage.proxy.services.live.count, { timeout: 10_000 } )
			.toBe( 0 );
		clearInterval( day );
		const { spentNanoUsd, billNanoUsd } = await stage.settle();
		expect( spentNanoUsd ).toBe( billNanoUsd );
		expect( billNanoUsd ).toBeGreaterThan( 0 );
		expect( billNanoUsd ).toBeLessThanOrEqual( 300_000_000 );
	}, 60_000 );
} );

describe( 'when time runs out', () => {
	it( 'says half a minute before, and says goodbye', async () => {
		await stage.set( { voice: { liveMaxSeconds: 120 } } );
		const browser = await openLive( stage.proxy );
		const { remainingMs } = await browser.wait( 'ready' );
		expect( remainingMs ).toBeGreaterThan( 115_000 );
		ask( browser, 'How long can I return unused gear?' );
		await browser.wait( 'speech_end' );
		offsetMs += 95_000;
		await browser.wait( 'notice', ( f ) => f.code === 'time_nearly_over' );
		await expect.poll( () => browser.said() ).toContain( 'half a minute' );
		offsetMs += 40_000;
		await expect.poll( () => browser.said() ).toContain( 'Goodbye' );
		offsetMs += 8_000;
		expect( await browser.wait( 'ended' ) ).toMatchObject( {
			reason: 'time',
			fallBack: 'cascade',
		} );
		await browser.isClosed;
		const { spentNanoUsd, billNanoUsd } = await stage.settle();
		expect( spentNanoUsd ).toBe( billNanoUsd );
	} );

	it( 'ends when nobody has spoken for two minutes', async () => {
		const browser = await openLive( stage.proxy );
		await browser.wait( 'ready' );
		browser.sendSound( silence( 3_000, 24_000 ) );
		offsetMs += 121_000;
		expect( await browser.wait( 'ended' ) ).toMatchObject( {
			reason: 'idle',
		} );
		await browser.isClosed;
		expect( ( await stage.settle() ).spentNanoUsd ).toBe( 0 );
	} );

	it( 'goes on in a new session before the provider’s ends, and knows what was said', async () => {
		await stage.close();
		stage = await startStage(
			{
				clock: () => Date.now() + offsetMs,
				liveTimes: { idleMs: 90 * 60_000 },
			},
			{ hasRealSpeech: false }
		);
		await stage.set( { voice: { liveMaxSeconds: 7_200 } } );
		const browser = await openLive( stage.proxy );
		await browser.wait( 'ready' );
		ask( browser, 'How long can I return unused gear?' );
		await browser.wait( 'speech_end' );
		offsetMs += 59 * 60_000;
		await expect.poll( () => callsOf( stage ).length ).toBe( 2 );
		await expect
			.poll( () => callsOf( stage )[ 0 ]?.closeCode )
			.toBe( 1000 );
		const from = browser.frames.length;
		ask( browser, 'And how long does the refund take?' );
		await browser.wait( 'speech_end', () => true, from );
		const [ , second ] = callsOf( stage );
		const seeded = second?.received
			.filter( ( { type } ) => type === 'conversation.item.create' )
			.map( ( { event } ) => JSON.stringify( event ) );
		expect( seeded?.[ 0 ] ).toContain(
			'How long can I return unused gear?'
		);
		expect( seeded?.[ 1 ] ).toContain( 'assistant' );
		browser.send( { type: 'end' } );
		await browser.isClosed;
		const { spentNanoUsd, billNanoUsd } = await stage.settle();
		expect( spentNanoUsd ).toBe( billNanoUsd );
		expect( ( await spending( stage.proxy ) ).heldNanoUsd ).toBe( 0 );
	} );
} );

it( 'a call that nobody speaks in for long holds little, and renews what would run out', async () => {
	await stage.close();
	stage = await startStage(
		{
			clock: () => Date.now() + offsetMs,
			liveTimes: { idleMs: 90 * 60_000 },
		},
		{ hasRealSpeech: false }
	);
	await stage.set( { voice: { liveMaxSeconds: 3_600 } } );
	const browser = await openLive( stage.proxy );
	await browser.wait( 'ready' );
	const { ledger } = stage.proxy.services;
	for ( let time = 1; time <= 3; time++ ) {
		browser.sendSound( silence( 6_000, 24_000 ) );
		offsetMs += 8.5 * 60_000;
		// Two that are kept back for the last words, and one for what is heard.
		await expect
			.poll(
				async () =>
					( await ledger.entries( 'test-shop', 100 ) ).filter(
						( { kind } ) => kind === 'reserve'
					).length
			)
			.toBe( 3 + 3 * time );
		await expect.poll( () => ledger.openCount ).toBe( 3 );
	}
	ask( browser, 'How long can I return unused gear?' );
	await browser.wait( 'speech_end' );
	browser.send( { type: 'end' } );
	await browser.isClosed;
	expect( sentUpstream( stage, 'response.create' ).length ).toBe( 1 );
	const { spentNanoUsd, billNanoUsd } = await stage.settle();
	expect( spentNanoUsd ).toBe( billNanoUsd );
} );

it( 'a limit that the owner lowers in the middle of a conversation holds at once', async () => {
	const browser = await openLive( stage.proxy );
	await browser.wait( 'ready' );
	await stage.set( { limits: { visitorDayNanoUsd: 1 } } );
	ask( browser, 'How long can I return unused gear?' );
	await expect.poll( () => browser.said() ).toContain( 'Goodbye' );
	offsetMs += 10_000;
	expect( await browser.wait( 'ended' ) ).toMatchObject( {
		reason: 'limit',
	} );
	await browser.isClosed;
	expect( browser.said() ).not.toContain( '60 days' );
	const { spentNanoUsd, billNanoUsd } = await stage.settle();
	expect( spentNanoUsd ).toBe( billNanoUsd );
} );

/**
 * Providers that close, stall or lie, and browsers that come and go.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newVisitorId } from '../../../support/proxy/credentials.ts';
import {
	faults,
	type SimulatedProviderOptions,
} from '../../../support/simulated-provider/index.ts';
import { silence, tone } from '../../../support/speech/index.ts';
import { msOf, openLive, voiceToken, type LiveBrowser } from './live-client.ts';
import { callsOf, sentUpstream, startStage, type Stage } from './live-stage.ts';

const QUESTION = 'How long can I return unused gear?';
const ANSWER =
	'You can return unused gear within sixty days of delivery, and the refund reaches your account within five working days after that.';

let stage: Stage;
let offsetMs = 0;
const begin = async ( options: SimulatedProviderOptions = {} ) => {
	offsetMs = 0;
	stage = await startStage(
		{
			clock: () => Date.now() + offsetMs,
			liveTimes: { openMs: 6_000, silenceMs: 1_500 },
		},
		{ hasRealSpeech: false, ...options }
	);
};
const restart = async ( options: SimulatedProviderOptions = {} ) => {
	await stage.close();
	await begin( options );
};
beforeEach( () => begin() );
afterEach( () => stage.close() );

function ask( browser: LiveBrowser, words = QUESTION ): void {
	stage.provider.script( { for: 'hearing', text: words } );
	browser.sendSound( tone( 700, { sampleRate: 24_000 } ) );
	browser.sendSound( silence( 1_000, 24_000 ) );
}

/** Ends it; the ledger may know more than the bill, where nobody can know, and never less. */
async function end( browser: LiveBrowser, isExact: boolean ): Promise< void > {
	if ( browser.closeCode === undefined ) {
		browser.send( { type: 'end' } );
	}
	await browser.isClosed;
	await expect
		.poll( () => stage.proxy.services.live.count, { timeout: 8_000 } )
		.toBe( 0 );
	const { spentNanoUsd, billNanoUsd } = await stage.settle();
	expect( spentNanoUsd ).toBeGreaterThanOrEqual( billNanoUsd );
	if ( isExact ) {
		expect( spentNanoUsd ).toBe( billNanoUsd );
	}
}

/** Lets time pass until the conversation that was left is over. */
async function graceIsOver(): Promise< void > {
	await expect
		.poll(
			() => {
				offsetMs += 1_000;
				return stage.proxy.services.live.count;
			},
			{ timeout: 5_000 }
		)
		.toBe( 0 );
}

describe( 'a provider', () => {
	it( 'that closes in the middle of an answer is tried once more, and knows what was said', async () => {
		const browser = await openLive( stage.proxy );
		await browser.wait( 'ready' );
		ask( browser );
		offsetMs += ( await browser.wait( 'speech_end' ) ).durationMs + 500;
		stage.provider.script( {
			for: 'answer',
			text: ANSWER,
			cut: { afterChunks: 3, how: 'reset' },
		} );
		ask( browser, 'And how long does the refund take?' );
		await browser.wait( 'notice', ( f ) => f.code === 'reconnecting' );
		await expect.poll( () => callsOf( stage ).length ).toBe( 2 );
		const from = browser.frames.length;
		ask( browser, 'What does shipping cost?' );
		await browser.wait( 'speech_end', () => true, from );
		expect( browser.said() ).toContain( '4.90' );
		const seeded = JSON.stringify( callsOf( stage )[ 1 ]?.received );
		expect( seeded ).toContain( QUESTION );
		await end( browser, false );
	} );

	it( 'that closes before it said a word is asked again in the next session', async () => {
		stage.provider.script( {
			for: 'answer',
			cut: { afterChunks: 0, how: 'reset' },
		} );
		const browser = await openLive( stage.proxy );
		await browser.wait( 'ready' );
		ask( browser );
		await browser.wait( 'speech_end' );
		expect( browser.said() ).toContain( '60 days' );
		expect( callsOf( stage ).length ).toBe( 2 );
		await end( browser, false );
	} );

	it( 'that closes twice is given up, and the browser goes on without it', async () => {
		stage.provider.setDefault( {
			for: 'answer',
			cut: { afterChunks: 0, how: 'reset' },
		} );
		const browser = await openLive( stage.proxy );
		await browser.wait( 'ready' );
		ask( browser );
		expect( await browser.wait( 'ended' ) ).toMatchObject( {
			reason: 'unavailable',
			fallBack: 'cascade',
		} );
		await end( browser, false );
	} );

	it( 'that falls silent in the middle of an answer is left', async () => {
		stage.provider.script( {
			for: 'answer',
			text: ANSWER,
			stall: { afterChunks: 2 },
		} );
		const browser = await openLive( stage.proxy );
		await browser.wait( 'ready' );
		ask( browser );
		await browser.wait( 'speech' );
		await browser.wait( 'notice', ( f ) => f.code === 'reconnecting' );
		await browser.wait( 'speech_end' );
		await expect.poll( () => callsOf( stage ).length ).toBe( 2 );
		await end( browser, false );
	} );

	it( 'that sends what is no event is left', async () => {
		stage.provider.script( {
			for: 'answer',
			text: ANSWER,
			garbage: { afterChunks: 1, bytes: '{"type":' },
		} );
		const browser = await openLive( stage.proxy );
		await browser.wait( 'ready' );
		ask( browser );
		await browser.wait( 'notice', ( f ) => f.code === 'reconnecting' );
		await end( browser, false );
	} );

	it( 'that says that an answer cost nothing is not believed', async () => {
		stage.provider.script( {
			for: 'answer',
			reportedUsage: {
				total_tokens: 0,
				input_tokens: 0,
				output_tokens: 0,
			},
		} );
		const browser = await openLive( stage.proxy );
		await browser.wait( 'ready' );
		ask( browser );
		await browser.wait( 'speech_end' );
		await end( browser, false );
	} );

	it( 'that says nothing of what an answer cost is settled in full', async () => {
		stage.provider.script( { for: 'answer', reportedUsage: null } );
		const browser = await openLive( stage.proxy );
		await browser.wait( 'ready' );
		ask( browser );
		await browser.wait( 'speech_end' );
		await end( browser, false );
	} );

	it( 'that sends sound before its session does no harm', async () => {
		stage.provider.script( { for: 'realtime', beforeSession: 'audio' } );
		const browser = await openLive( stage.proxy );
		await browser.wait( 'ready' );
		expect( browser.sound.size ).toBe( 0 );
		ask( browser );
		await browser.wait( 'speech_end' );
		await end( browser, true );
	} );

	it( 'that never opens its session, or refuses it, is not waited for', async () => {
		stage.provider.script( { for: 'realtime', beforeSession: 'silence' } );
		const silent = await openLive( stage.proxy );
		expect( await silent.wait( 'ended' ) ).toMatchObject( {
			reason: 'unavailable',
			fallBack: 'cascade',
		} );
		await end( silent, true );
		await restart();
		stage.provider.setDefault( {
			for: 'realtime',
			...faults.serverError(),
		} );
		const refused = await openLive( stage.proxy );
		expect( await refused.wait( 'ended' ) ).toMatchObject( {
			reason: 'unavailable',
			fallBack: 'cascade',
		} );
		await end( refused, true );
	} );

	it( 'that failed again and again is not asked at all', async () => {
		stage.provider.setDefault( {
			for: 'realtime',
			...faults.unauthorized(),
		} );
		const first = await openLive( stage.proxy );
		await first.wait( 'ended' );
		const asked = stage.provider.journal.entries.length;
		const second = await openLive( stage.proxy );
		expect( await second.wait( 'ended' ) ).toMatchObject( {
			reason: 'unavailable',
			fallBack: 'cascade',
		} );
		expect( stage.provider.journal.entries.length ).toBe( asked );
	} );

	it( 'that could not write down what was said: the visitor is asked to say it again', async () => {
		stage.provider.script( {
			for: 'hearing',
			fails: { code: 'audio_unintelligible', message: 'Not heard.' },
		} );
		const browser = await openLive( stage.proxy );
		await browser.wait( 'ready' );
		browser.sendSound( tone( 700, { sampleRate: 24_000 } ) );
		browser.sendSound( silence( 1_000, 24_000 ) );
		await browser.wait( 'speech_end' );
		expect( browser.said() ).toContain( 'say it again' );
		const from = browser.frames.length;
		ask( browser );
		await browser.wait( 'speech_end', () => true, from );
		expect( browser.said() ).toContain( '60 days' );
		await end( browser, false );
	} );
} );

describe( 'a browser', () => {
	it( 'that was cut off comes back and misses nothing, and hears nothing twice', async () => {
		await restart( { pace: 'realtime' } );
		stage.provider.script( { for: 'answer', text: ANSWER } );
		const token = voiceToken( { sub: newVisitorId() } );
		const first = await openLive( stage.proxy, { token } );
		const { sessionId, conversationId } = await first.wait( 'ready' );
		ask( first );
		const { itemId } = await first.wait( 'speech' );
		await expect
			.poll( () => msOf( first.sound.get( itemId ) ), { timeout: 5_000 } )
			.toBeGreaterThan( 1_000 );
		await first.drop();
		const second = await openLive( stage.proxy, {
			token,
			start: { resume: sessionId, received: first.received },
		} );
		expect( await second.wait( 'ready' ) ).toMatchObject( {
			sessionId,
			conversationId,
		} );
		const { durationMs } = await second.wait( 'speech_end' );
		expect( first.said() + second.said() ).toBe( ANSWER );
		const both = [ ...first.sound.values(), ...second.sound.values() ];
		expect(
			Math.round( both.reduce( ( sum, one ) => sum + msOf( one ), 0 ) )
		).toBe( durationMs );
		await end( second, true );
	} );

	it( 'that is cut off in the middle of a word costs what was said, and no more', async () => {
		const browser = await openLive( stage.proxy );
		await browser.wait( 'ready' );
		browser.sendSound( tone( 900, { sampleRate: 24_000 } ) );
		await browser.wait( 'state', ( f ) => f.state === 'hearing' );
		await browser.drop();
		await graceIsOver();
		const { spentNanoUsd, billNanoUsd } = await stage.settle();
		expect( spentNanoUsd ).toBe( billNanoUsd );
	} );

	it( 'that comes too late finds its conversation over', async () => {
		const token = voiceToken( { sub: newVisitorId() } );
		const first = await openLive( stage.proxy, { token } );
		const { sessionId } = await first.wait( 'ready' );
		await first.drop();
		await graceIsOver();
		const second = await openLive( stage.proxy, {
			token,
			start: { resume: sessionId },
		} );
		expect( ( await second.wait( 'error' ) ).code ).toBe( 'not_found' );
		await second.isClosed;
	} );

	it( 'that comes back while the old connection still stands takes over', async () => {
		const token = voiceToken( { sub: newVisitorId() } );
		const first = await openLive( stage.proxy, { token } );
		const { sessionId } = await first.wait( 'ready' );
		const second = await openLive( stage.proxy, {
			token,
			start: { resume: sessionId },
		} );
		await second.wait( 'ready' );
		await first.isClosed;
		expect( first.closeCode ).toBe( 1000 );
		ask( second );
		await second.wait( 'speech_end' );
		await end( second, true );
	} );

	it( 'that is there when the proxy stops is told so, and everything is in the book', async () => {
		const browser = await openLive( stage.proxy );
		await browser.wait( 'ready' );
		ask( browser );
		await browser.wait( 'speech' );
		void stage.proxy.services.live.drain( 500 );
		expect( await browser.wait( 'ended' ) ).toMatchObject( {
			reason: 'shutdown',
			fallBack: 'cascade',
		} );
		await end( browser, true );
		expect( sentUpstream( stage, 'session.update' ).length ).toBe( 1 );
	} );
} );

/**
 * Interrupting the assistant, or seeming to: what is cancelled, what the model remembers, what is kept.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silence, tone } from '../../../support/speech/index.ts';
import { openLive, type LiveBrowser } from './live-client.ts';
import { sentUpstream, startStage, type Stage } from './live-stage.ts';

const ANSWER =
	'You can return unused gear within sixty days of delivery, and the refund reaches your account within five working days after that.';

let stage: Stage;
let browser: LiveBrowser;
beforeEach( async () => {
	stage = await startStage( {}, { hasRealSpeech: false, pace: 'realtime' } );
	browser = await openLive( stage.proxy );
	await browser.wait( 'ready' );
} );
afterEach( () => stage.close() );

/** Sounds like speech to the provider, which is told what the words are. */
function speakAs( words: string, ms = 700 ): void {
	stage.provider.script( { for: 'hearing', text: words } );
	browser.sendSound( tone( ms, { sampleRate: 24_000 } ) );
	browser.sendSound( silence( 1_000, 24_000 ) );
}

/** Asks about returns, and waits until so many milliseconds of the answer are here. */
async function hearAnswer( ms: number ): Promise< string > {
	stage.provider.script( { for: 'answer', text: ANSWER } );
	speakAs( 'How long can I return unused gear?' );
	const { itemId } = await browser.wait( 'speech' );
	await expect
		.poll( () => ( browser.sound.get( itemId )?.byteLength ?? 0 ) / 48, {
			timeout: 10_000,
		} )
		.toBeGreaterThan( ms );
	return itemId;
}

/** Ends the conversation, and returns the turns that were kept. */
async function end(): Promise< Array< { question: string; answer: string } > > {
	const { conversationId } = await browser.wait( 'ready' );
	browser.send( { type: 'end' } );
	await browser.isClosed;
	const { spentNanoUsd, billNanoUsd } = await stage.settle();
	expect( spentNanoUsd ).toBe( billNanoUsd );
	const { sub } = JSON.parse(
		Buffer.from(
			browser.token.split( '.' )[ 1 ] ?? '',
			'base64url'
		).toString()
	);
	return (
		( await stage.proxy.services.conversations.history(
			'test-shop',
			sub,
			conversationId,
			10
		) ) ?? []
	);
}

describe( 'a visitor who interrupts', () => {
	it( 'has the answer cancelled, and the model remembers only what was heard', async () => {
		const itemId = await hearAnswer( 1_500 );
		browser.send( { type: 'onset' } );
		browser.send( { type: 'interrupt', itemId, heardMs: 1_100 } );
		await browser.wait( 'speech_end', ( f ) => f.itemId === itemId );
		const soundThen = browser.sound.get( itemId )?.byteLength;
		await browser.wait( 'state', ( f ) => f.state === 'listening' );
		const [ cancel ] = sentUpstream( stage, 'response.cancel' );
		expect( cancel?.event?.response_id ).toMatch( /^resp_/ );
		const [ truncate ] = sentUpstream(
			stage,
			'conversation.item.truncate'
		);
		expect( truncate?.event ).toMatchObject( {
			item_id: itemId,
			content_index: 0,
			audio_end_ms: 1_100,
		} );
		speakAs( 'And how long does a refund take?' );
		await browser.wait( 'speech', ( f ) => f.itemId !== itemId );
		expect( browser.sound.get( itemId )?.byteLength ).toBe( soundThen );
		const [ kept ] = await end();
		expect( kept?.question ).toBe( 'How long can I return unused gear?' );
		expect( kept?.answer.length ).toBeGreaterThan( 3 );
		expect( ANSWER.startsWith( kept?.answer ?? '-' ) ).toBe( true );
		expect( kept?.answer.length ).toBeLessThan( ANSWER.length / 2 );
	} );

	it( 'cannot have heard more than was sent', async () => {
		const itemId = await hearAnswer( 500 );
		browser.send( { type: 'interrupt', itemId, heardMs: 3_600_000 } );
		const { durationMs } = await browser.wait( 'speech_end' );
		await expect
			.poll(
				() => sentUpstream( stage, 'conversation.item.truncate' ).length
			)
			.toBe( 1 );
		const [ truncate ] = sentUpstream(
			stage,
			'conversation.item.truncate'
		);
		expect( Number( truncate?.event?.audio_end_ms ) ).toBeLessThanOrEqual(
			durationMs
		);
		await end();
	} );

	it( 'is noticed by the provider as well: the browser is told to stop', async () => {
		await hearAnswer( 600 );
		stage.provider.script( {
			for: 'hearing',
			text: 'Wait, what about tents?',
		} );
		// Speech that goes on, and words that take long: it is the length that tells.
		browser.sendSound( tone( 1_500, { sampleRate: 24_000 } ) );
		await browser.wait( 'flush' );
		// This browser does not answer; the proxy stops where it was by its own clock.
		await expect
			.poll( () => sentUpstream( stage, 'response.cancel' ).length, {
				timeout: 5_000,
			} )
			.toBe( 1 );
		browser.sendSound( silence( 1_000, 24_000 ) );
		await end();
	} );

	it( 'who says nothing but a sound of listening lets the assistant go on', async () => {
		const itemId = await hearAnswer( 600 );
		browser.send( { type: 'onset' } );
		speakAs( 'Uh-huh.', 300 );
		await browser.wait( 'go_on' );
		const { durationMs } = await browser.wait( 'speech_end' );
		expect( durationMs ).toBeGreaterThan( 5_000 );
		expect( browser.frames.some( ( f ) => f.type === 'flush' ) ).toBe(
			false
		);
		expect( sentUpstream( stage, 'response.cancel' ) ).toEqual( [] );
		expect( sentUpstream( stage, 'conversation.item.delete' ).length ).toBe(
			1
		);
		expect( browser.said() ).toBe( ANSWER );
		expect( browser.sound.has( itemId ) ).toBe( true );
		const [ kept ] = await end();
		expect( kept?.question ).toBe( 'How long can I return unused gear?' );
	} );

	it( 'coughs, which the browser tells from a voice: the assistant goes on, however long it lasts', async () => {
		await hearAnswer( 800 );
		stage.provider.script( { for: 'hearing', text: '' } );
		browser.send( { type: 'onset' } );
		browser.send( { type: 'onset_over', isSpeech: false } );
		browser.sendSound( tone( 1_300, { sampleRate: 24_000 } ) );
		browser.sendSound( silence( 1_000, 24_000 ) );
		await browser.wait( 'go_on' );
		await browser.wait( 'speech_end' );
		expect( browser.frames.some( ( f ) => f.type === 'flush' ) ).toBe(
			false
		);
	} );

	it( 'is a noise without words: the assistant goes on', async () => {
		await hearAnswer( 600 );
		browser.send( { type: 'onset' } );
		speakAs( '', 300 );
		await browser.wait( 'go_on' );
		await browser.wait( 'speech_end' );
		expect( browser.said() ).toBe( ANSWER );
		await end();
	} );
} );

it( 'a question that goes on after a pause is answered once, as a whole', async () => {
	stage.provider.script( { for: 'hearing', text: 'How long can I return' } );
	stage.provider.script( { for: 'hearing', text: 'unused gear?' } );
	for ( let i = 0; i < 2; i++ ) {
		browser.sendSound( tone( 600, { sampleRate: 24_000 } ) );
		browser.sendSound( silence( 800, 24_000 ) );
	}
	await browser.wait( 'speech_end' );
	const [ kept, ...more ] = await end();
	expect( kept?.question ).toBe( 'How long can I return unused gear?' );
	expect( more ).toEqual( [] );
} );

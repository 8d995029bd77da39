/**
 * Whole live conversations over real WebSockets, with real speech where the machine has it.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hasSpeech, SPEECH_LEFT_OUT } from '../../../support/speech/index.ts';
import { msOf, openLive } from './live-client.ts';
import { startStage, type Stage } from './live-stage.ts';

let stage: Stage;
beforeEach( async () => {
	stage = await startStage();
} );
afterEach( () => stage.close() );

describe.skipIf( ! hasSpeech() )(
	hasSpeech() ? 'a live conversation' : SPEECH_LEFT_OUT,
	() => {
		it( 'hears a spoken question and answers it from the site, with captions, sources and an honest bill', async () => {
			const browser = await openLive( stage.proxy );
			const ready = await browser.wait( 'ready' );
			expect( ready ).toMatchObject( {
				sampleRate: 24_000,
				sessionId: expect.stringMatching( /^[0-9a-f]{32}$/ ),
			} );
			await browser.say( 'how long can I return unused gear' );
			const heard = await browser.wait( 'heard', ( f ) => f.isFinal );
			expect( heard.text ).toMatch( /return/i );
			const end = await browser.wait( 'speech_end' );
			expect( browser.said() ).toContain( '60 days' );
			const sources = await browser.wait( 'sources' );
			expect( sources.sources[ 0 ].title ).toBe( 'Returns' );
			expect( sources.itemId ).toBe( end.itemId );
			expect( msOf( browser.sound.get( end.itemId ) ) ).toBeCloseTo(
				end.durationMs,
				-1
			);
			browser.send( { type: 'end' } );
			await browser.wait( 'ended', ( f ) => f.reason === 'client' );
			await browser.isClosed;
			expect( browser.closeCode ).toBe( 1000 );
			const { spentNanoUsd, billNanoUsd } = await stage.settle();
			expect( billNanoUsd ).toBeGreaterThan( 0 );
			expect( spentNanoUsd ).toBe( billNanoUsd );
		} );
	}
);

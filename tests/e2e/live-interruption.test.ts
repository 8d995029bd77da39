/**
 * Interrupting the assistant with real speech, and with what only sounds like it, measured from what the page plays.
 */
import { setTimeout as pass } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { giveEars, heardOf } from '../support/e2e/ear.ts';
import {
	livePanel,
	offerLive,
	sentFrames,
	watchFrames,
} from '../support/e2e/live-panel.ts';
import type { LivePanel } from '../support/e2e/live-panel.ts';
import { launchHearing } from '../support/e2e/microphone.ts';
import type { HearingBrowser } from '../support/e2e/microphone.ts';
import { openStage } from '../support/e2e/stage.ts';
import type { Stage } from '../support/e2e/stage.ts';
import {
	cough,
	hasSpeech,
	joined,
	scaled,
	shareHeard,
	speak,
	SPEECH_LEFT_OUT,
} from '../support/speech/index.ts';
import type { Page } from 'playwright-core';

const QUESTION = 'what is your return policy';
const SECOND = 'how long does delivery take';
const ANSWER =
	'You can return unused gear within sixty days of delivery, and the refund reaches your account within five working days after that. Boots that were worn outside cannot be taken back, but we can repair them for you in our own workshop. Please keep the receipt, and put the shoes into the box in which they came.';

/** From the end of the question until the assistant has been speaking for a while. */
const PAUSE_MS = 8_000;

let stage: Stage;

describe.skipIf( ! hasSpeech() )(
	hasSpeech() ? 'while the assistant speaks' : SPEECH_LEFT_OUT,
	() => {
		let hearing: HearingBrowser | undefined;
		beforeAll( async () => {
			stage = await openStage( { isFaulty: true } );
			await offerLive( stage );
		} );
		afterEach( async () => {
			stage.provider.reset();
			await hearing?.leave();
			await hearing?.close();
			hearing = undefined;
			await stage.leave();
		} );
		afterAll( () => stage?.close() );

		/** A visitor who asks, and makes another sound while they are answered. */
		async function interruptWith(
			sound: Int16Array
		): Promise< LivePanel & { page: Page } > {
			stage.provider.script( { for: 'answer', text: ANSWER } );
			hearing = await launchHearing(
				joined( [
					150,
					await speak( QUESTION ),
					PAUSE_MS,
					sound,
					20_000,
				] ),
				stage.url
			);
			const { page, context } = await hearing.newVisitor();
			await giveEars( context );
			await watchFrames( page );
			await page.goto( '/ask/' );
			const panel = livePanel( page );
			await panel.begin();
			await panel.is( 'speaking' );
			await panel.sees( 'in which they came.' );
			return { ...panel, page };
		}

		it( 'a visitor who speaks silences it at once, and is answered', async () => {
			const panel = await interruptWith( await speak( SECOND ) );
			const [ first ] = await panel.turns.all();
			await panel.turns.nth( 1 ).waitFor();
			const frames = await sentFrames( panel.page );
			const onset = frames.findLast( ( { type } ) => type === 'onset' );
			const interrupt = frames.find(
				( { type } ) => type === 'interrupt'
			);
			// How long it takes is the bench's to measure: two browsers share this machine.
			expect( interrupt?.at ?? 0 ).toBeGreaterThan(
				onset?.at ?? Infinity
			);
			// What was heard after it was sure, until it was silent; the second answer is not spoken yet.
			const { pcm, sampleRate } = await heardOf( panel.page );
			const from = interrupt?.samples ?? 0;
			const until = from + 0.8 * sampleRate;
			const lastLoud = pcm
				.subarray( from, until )
				.findLastIndex( ( sample ) => Math.abs( sample ) > 60 );
			expect( ( lastLoud / sampleRate ) * 1_000 ).toBeLessThan( 200 );
			const shown =
				( await first?.locator( '.docent-answer' ).textContent() ) ??
				'';
			expect( ANSWER.startsWith( shown ) ).toBe( true );
			expect( shown.length ).toBeGreaterThan( 20 );
			expect( shown.length ).toBeLessThan( ANSWER.length * 0.8 );
			await panel.sees( 'working days' );
			expect(
				shareHeard(
					SECOND,
					( await panel.turn.question.textContent() ) ?? ''
				)
			).toBeGreaterThan( 0.7 );
			expect( await panel.turn.sources.allTextContents() ).toContain(
				'Shipping'
			);
		} );

		it( 'a cough makes it quiet for a moment, and it goes on to its end', async () => {
			// The provider takes it for speech, as providers do, and finds no words in it.
			stage.provider.script( { for: 'hearing', text: QUESTION } );
			stage.provider.setDefault( { for: 'hearing', text: '' } );
			const panel = await interruptWith( scaled( cough(), 0.3 ) );
			await expect
				.poll(
					async () =>
						( await sentFrames( panel.page ) ).map(
							( { type } ) => type
						),
					{ timeout: 15_000 }
				)
				.toContain( 'onset_over' );
			// It is a long answer.
			await panel.is( 'listening', 30_000 );
			expect(
				( await sentFrames( panel.page ) ).map( ( { type } ) => type )
			).not.toContain( 'interrupt' );
			expect( await panel.turn.answer.textContent() ).toBe( ANSWER );
			expect( await panel.turns.count() ).toBe( 1 );
		} );

		it( 'the button stops it', async () => {
			const panel = await interruptWith( new Int16Array( 160 ) );
			// Sooner it would be a double click.
			await pass( 600 );
			await panel.stop.click();
			await panel.is( 'listening' );
			expect( await panel.turn.status.textContent() ).toBe( 'Stopped.' );
		} );

		it( 'a cut is said, and the answer goes on without a gap when it is over', async () => {
			const panel = await interruptWith( new Int16Array( 160 ) );
			stage.faults?.refuse( true );
			stage.faults?.resetAll();
			await panel.is( 'restoring' );
			expect( await panel.state.textContent() ).toBe(
				'The connection is being restored…'
			);
			stage.faults?.refuse( false );
			await panel.is( 'speaking' );
			// It is a long answer.
			await panel.is( 'listening', 30_000 );
			expect( await panel.turn.answer.textContent() ).toBe( ANSWER );
			expect( await panel.turn.status.isVisible() ).toBe( false );
		} );
	}
);

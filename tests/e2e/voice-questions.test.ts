/**
 * A visitor asks aloud, with real speech: what was heard stands there, is answered from the site, and is heard and marked.
 */
import { setTimeout as pass } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { launchHearing } from '../support/e2e/microphone.ts';
import type { HearingBrowser } from '../support/e2e/microphone.ts';
import { asModel, openStage } from '../support/e2e/stage.ts';
import type { Stage } from '../support/e2e/stage.ts';
import {
	areReleased,
	voicePanel,
	watchMicrophones,
} from '../support/e2e/voice-panel.ts';
import type { VoicePanel } from '../support/e2e/voice-panel.ts';
import {
	hasSpeech,
	shareHeard,
	SPEECH_LEFT_OUT,
} from '../support/speech/index.ts';
import type { BrowserContext, Page } from 'playwright-core';

const QUESTION = 'what is your return policy';
const ANSWER =
	'You can return unused gear within 60 days. The refund reaches you within five working days.';

let stage: Stage;
let hearing: HearingBrowser;

describe.skipIf( ! hasSpeech() )(
	hasSpeech() ? 'voice' : SPEECH_LEFT_OUT,
	() => {
		beforeAll( async () => {
			stage = await openStage( { launcher: true } );
			await stage.setProxySettings( { cache: { enabled: false } } );
			hearing = await launchHearing( QUESTION, stage.url );
		} );
		afterEach( async () => {
			stage.provider.reset();
			await hearing.leave();
			await stage.leave();
		} );
		afterAll( async () => {
			await hearing?.close();
			await stage?.close();
		} );

		interface Speaker extends VoicePanel {
			page: Page;
			context: BrowserContext;
		}

		/** A visitor in front of the panel; `hasAgreed` to be recorded. */
		async function openAsk( hasAgreed = true ): Promise< Speaker > {
			const { page, context } = await hearing.newVisitor();
			await watchMicrophones( page );
			await page.goto( '/ask/' );
			const panel = voicePanel( page );
			if ( hasAgreed ) {
				await panel.agree();
			}
			return { ...panel, page, context };
		}

		/** Waits until the whole question was said into the open microphone. */
		async function sayIt( { recorder }: VoicePanel ): Promise< void > {
			await recorder.waitFor();
			await pass( hearing.saidMs );
		}

		describe( 'a question', () => {
			it( 'asked while Space is held is heard, answered with its source, and spoken', async () => {
				stage.provider.script( { text: asModel( ANSWER ) } );
				const panel = await openAsk();
				await panel.microphone.focus();
				await panel.page.keyboard.down( 'Space' );
				await sayIt( panel );
				await panel.page.keyboard.up( 'Space' );
				await panel.recorder.waitFor( { state: 'detached' } );
				await panel.sees( 'You can return unused gear' );
				expect(
					shareHeard(
						QUESTION,
						( await panel.turn.question.textContent() ) ?? ''
					)
				).toBe( 1 );
				await expect
					.poll( panel.spokenSentence )
					.toBe( 'You can return unused gear within 60 days.' );
				await expect
					.poll( panel.spokenSentence, { timeout: 10_000 } )
					.toBe( 'The refund reaches you within five working days.' );
				await panel.end();
				expect( await panel.turn.sources.allTextContents() ).toEqual( [
					'Returns',
				] );
				expect( await areReleased( panel.page ) ).toBe( true );
				expect(
					await panel.microphone.evaluate( ( button ) =>
						button.matches( ':focus' )
					)
				).toBe( true );
				// Nothing more is marked once all is heard.
				await expect
					.poll( panel.spokenSentence, { timeout: 10_000 } )
					.toBe( '' );
			} );

			it( 'asked while the button is held is sent where it is let go', async () => {
				stage.provider.script( { text: asModel( ANSWER ) } );
				const panel = await openAsk();
				await panel.microphone.hover();
				await panel.page.mouse.down();
				await sayIt( panel );
				await panel.page.mouse.move( 5, 5 );
				await panel.page.mouse.up();
				await panel.sees( 'You can return' );
			} );

			it( 'that was answered aloud before is heard from what is stored, and only its transcription is paid for', async () => {
				await stage.setProxySettings( { cache: { enabled: true } } );
				stage.provider.setDefault( { text: asModel( ANSWER ) } );
				stage.provider.setDefault( {
					for: 'transcription',
					text: QUESTION,
				} );
				const calls = async () => {
					const panel = await openAsk();
					const before = stage.provider.journal.entries.length;
					await panel.microphone.click();
					await sayIt( panel );
					await panel.done.click();
					await expect
						.poll( panel.spokenSentence, { timeout: 10_000 } )
						.toContain( 'unused gear' );
					await panel.end();
					return stage.provider.journal.entries.length - before;
				};
				expect( await calls() ).toBeGreaterThan( 1 );
				expect( await calls() ).toBe( 1 );
				await stage.setProxySettings( { cache: { enabled: false } } );
			} );

			it( 'that did not get through is kept, sent again, and its answer heard', async () => {
				stage.provider.script( { text: asModel( ANSWER ) } );
				const panel = await openAsk();
				await panel.page.route( '**/v1/ask', ( route ) =>
					route.abort()
				);
				await panel.microphone.click();
				await sayIt( panel );
				await panel.done.click();
				await panel.turn.failure.waitFor();
				await panel.page.unroute( '**/v1/ask' );
				await panel.turn.retry.click();
				await expect
					.poll( panel.spokenSentence, { timeout: 10_000 } )
					.toContain( 'unused gear' );
			} );

			it( 'begun with a tap is sent with another, whichever button it is', async () => {
				const panel = await openAsk();
				for ( const end of [ panel.microphone, panel.done ] ) {
					stage.provider.script( { text: asModel( ANSWER ) } );
					await panel.microphone.click();
					expect(
						await panel.microphone.getAttribute( 'aria-pressed' )
					).toBe( 'true' );
					await sayIt( panel );
					await end.click();
					await panel.sees( 'You can return' );
					await panel.end();
					expect(
						await panel.microphone.getAttribute( 'aria-pressed' )
					).toBe( 'false' );
				}
				expect( await panel.turns.count() ).toBe( 2 );
			} );

			it( 'asked while the assistant speaks silences it at once', async () => {
				stage.provider.setDefault( { text: asModel( ANSWER ) } );
				const panel = await openAsk();
				await panel.microphone.click();
				await sayIt( panel );
				await panel.done.click();
				await expect
					.poll( panel.spokenSentence, { timeout: 10_000 } )
					.toContain( 'unused gear' );
				await panel.microphone.click();
				await expect.poll( panel.spokenSentence ).toBe( '' );
				await panel.cancel.click();
				expect( await panel.turn.answer.textContent() ).toBe( ANSWER );
				expect( await panel.turn.status.isVisible() ).toBe( false );
			} );

			it( 'that was misheard is corrected and asked again, and its answer is spoken', async () => {
				stage.provider.script( {
					for: 'transcription',
					text: 'what is your fern policy',
				} );
				stage.provider.setDefault( { text: asModel( ANSWER ) } );
				const panel = await openAsk();
				await panel.microphone.click();
				await sayIt( panel );
				await panel.done.click();
				await panel.turn.question
					.filter( { hasText: 'what is your fern policy' } )
					.waitFor();
				await panel.end();
				await panel.correct.click();
				expect( await panel.field.inputValue() ).toBe(
					'what is your fern policy'
				);
				await panel.field.fill( 'what is your return policy' );
				await panel.field.press( 'Enter' );
				await panel.sees( 'You can return' );
				await expect
					.poll( panel.spokenSentence )
					.toContain( 'unused gear' );
				expect( await panel.turns.count() ).toBe( 2 );
			} );
		} );

		describe( 'a recording', () => {
			it.each( [ 'the button', 'Escape' ] )(
				'given up with %s sends nothing and closes the microphone',
				async ( how ) => {
					const panel = await openAsk();
					const sent: string[] = [];
					panel.page.on( 'request', ( request ) => {
						sent.push( request.url() );
					} );
					await panel.microphone.click();
					await panel.recorder.waitFor();
					if ( how === 'Escape' ) {
						await panel.page.keyboard.press( 'Escape' );
					} else {
						await panel.cancel.click();
					}
					await panel.recorder.waitFor( { state: 'detached' } );
					await expect
						.poll( () => areReleased( panel.page ) )
						.toBe( true );
					expect( await panel.turns.count() ).toBe( 0 );
					expect( await panel.field.isVisible() ).toBe( true );
					expect( sent ).toEqual( [] );
				}
			);

			it( 'in the floating panel is given up with Escape before the panel closes', async () => {
				const { page } = await openAsk();
				const panel = voicePanel( page, 'launcher' );
				await panel.open();
				await panel.microphone.click();
				await panel.recorder.waitFor();
				await page.keyboard.press( 'Escape' );
				await panel.recorder.waitFor( { state: 'detached' } );
				expect( await panel.panel.isVisible() ).toBe( true );
				await page.keyboard.press( 'Escape' );
				await panel.panel.waitFor( { state: 'hidden' } );
			} );

			it( 'of a slip of the finger is not sent, and the way to talk is said', async () => {
				const panel = await openAsk();
				await panel.microphone.click();
				await panel.recorder.waitFor();
				await panel.done.click();
				await panel.note
					.filter( { hasText: 'Hold the button' } )
					.waitFor();
				expect( await panel.turns.count() ).toBe( 0 );
			} );

			it( 'in which no words were made out offers to record again', async () => {
				stage.provider.script( { for: 'transcription', text: '' } );
				const panel = await openAsk();
				await panel.microphone.click();
				await sayIt( panel );
				await panel.done.click();
				await panel.turn.failure
					.filter( { hasText: 'No words could be made out.' } )
					.waitFor();
				stage.provider.script( { text: asModel( ANSWER ) } );
				await panel.recordAgain.click();
				await sayIt( panel );
				await panel.done.click();
				await panel.sees( 'You can return' );
			} );

			it( 'of which the page is hidden is sent as far as it was said', async () => {
				stage.provider.script( { text: asModel( ANSWER ) } );
				const panel = await openAsk();
				await panel.microphone.click();
				await sayIt( panel );
				// A tab of a browser without windows is never hidden by another: the page is told so.
				await panel.page.evaluate( () => {
					Object.defineProperty( document, 'visibilityState', {
						configurable: true,
						get: () => 'hidden',
					} );
					document.dispatchEvent( new Event( 'visibilitychange' ) );
				} );
				await panel.sees( 'You can return' );
				expect( await areReleased( panel.page ) ).toBe( true );
			} );
		} );

		it( 'an answer is heard again, and paused, at the press of its speaker', async () => {
			stage.provider.script( { text: asModel( ANSWER ) } );
			const panel = await openAsk();
			await panel.microphone.click();
			await sayIt( panel );
			await panel.done.click();
			await panel.sees( 'five working days' );
			await panel.end();
			await panel.page.keyboard.press( 'Escape' );
			await expect.poll( panel.spokenSentence ).toBe( '' );
			await expect
				.poll( () => panel.listen.getAttribute( 'aria-label' ) )
				.toBe( 'Listen' );
			const asked = stage.provider.journal.entries.length;
			await panel.listen.click();
			await expect
				.poll( panel.spokenSentence )
				.toContain( 'unused gear' );
			await expect
				.poll( () => panel.listen.getAttribute( 'aria-label' ) )
				.toBe( 'Pause' );
			await panel.listen.click();
			await expect
				.poll( () => panel.listen.getAttribute( 'aria-label' ) )
				.toBe( 'Listen' );
			expect( stage.provider.journal.entries ).toHaveLength( asked );
		} );
	}
);

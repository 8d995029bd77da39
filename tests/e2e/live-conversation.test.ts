/**
 * A visitor speaks with the assistant live, with real speech: captions of both sides, answers from the site, and every way to end.
 */
import { setTimeout as pass } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { findBarriers } from '../support/e2e/axe.ts';
import {
	announcements,
	livePanel,
	offerLive,
	watchAnnouncements,
} from '../support/e2e/live-panel.ts';
import type { LivePanel } from '../support/e2e/live-panel.ts';
import { launchHearing } from '../support/e2e/microphone.ts';
import type { HearingBrowser } from '../support/e2e/microphone.ts';
import { asModel, openStage } from '../support/e2e/stage.ts';
import type { Stage } from '../support/e2e/stage.ts';
import { areReleased, watchMicrophones } from '../support/e2e/voice-panel.ts';
import {
	hasSpeech,
	joined,
	shareHeard,
	speak,
	SPEECH_LEFT_OUT,
} from '../support/speech/index.ts';
import type { Page } from 'playwright-core';

const QUESTION = 'what is your return policy';

let stage: Stage;
let hearing: HearingBrowser;

describe.skipIf( ! hasSpeech() )(
	hasSpeech() ? 'a live conversation' : SPEECH_LEFT_OUT,
	() => {
		beforeAll( async () => {
			stage = await openStage( { launcher: true } );
			await offerLive( stage );
			hearing = await launchHearing(
				joined( [ 150, await speak( QUESTION ), 20_000 ] ),
				stage.url
			);
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

		interface Speaker extends LivePanel {
			page: Page;
		}

		async function beginLive(): Promise< Speaker > {
			const { page } = await hearing.newVisitor();
			await watchMicrophones( page );
			await watchAnnouncements( page );
			await page.goto( '/ask/' );
			const panel = livePanel( page );
			await panel.begin();
			return { ...panel, page };
		}

		it( 'hears a question, answers it from the site, shows both with the source, and ends', async () => {
			const panel = await beginLive();
			await panel.is( 'speaking' );
			await panel.sees( 'return unused gear within 60 days' );
			expect(
				shareHeard(
					QUESTION,
					( await panel.turn.question.textContent() ) ?? ''
				)
			).toBe( 1 );
			expect( await panel.turn.sources.allTextContents() ).toEqual( [
				'Returns',
			] );
			await panel.is( 'listening' );
			expect( await areReleased( panel.page ) ).toBe( false );
			// Whoever hears the screen reader hears the assistant too.
			const announced = await announcements( panel.page );
			expect( announced ).toContain( 'Listening' );
			expect( announced ).not.toContain( 'unused gear' );
			await panel.endLive.click();
			await panel.bar.waitFor( { state: 'detached' } );
			await expect.poll( () => areReleased( panel.page ) ).toBe( true );
			expect( await panel.turns.count() ).toBe( 1 );
		} );

		it( 'goes on by typing, and in writing after its end, in one thread', async () => {
			const panel = await beginLive();
			await panel.is( 'speaking' );
			await panel.sees( 'return unused gear' );
			await panel.stop.waitFor();
			await panel.field.fill( 'How long does delivery take?' );
			await panel.send.click();
			await panel.turns.nth( 1 ).waitFor();
			await panel.sees( 'working days' );
			expect( await panel.field.inputValue() ).toBe( '' );
			await panel.is( 'listening' );
			await panel.endLive.click();
			await panel.bar.waitFor( { state: 'detached' } );
			stage.provider.script( {
				text: asModel( 'We told you a moment ago.' ),
			} );
			await panel.ask( 'And what was the first thing I asked?' );
			await panel.sees( 'a moment ago' );
			expect(
				JSON.stringify( stage.provider.journal.entries.at( -1 )?.body )
			).toContain( 'How long does delivery take?' );
			expect( await panel.turns.count() ).toBe( 3 );
		} );

		it( 'goes on only while a button is held, for who wants that', async () => {
			const panel = await beginLive();
			await panel.is( 'listening' );
			await panel.push.click();
			await panel.talk.waitFor();
			await panel.is( 'listening' );
			// Nothing is heard without it.
			await pass( hearing.saidMs - 17_000 );
			expect( await panel.turns.count() ).toBe( 0 );
			stage.provider.script(
				{ for: 'hearing', text: QUESTION },
				{ for: 'answer', text: 'Within sixty days.' }
			);
			await panel.talk.focus();
			await panel.page.keyboard.down( 'Space' );
			await panel.is( 'hearing' );
			await pass( 600 );
			await panel.page.keyboard.up( 'Space' );
			await panel.sees( 'Within sixty days.' );
			expect( await panel.turn.question.textContent() ).toContain(
				QUESTION
			);
		} );

		it( 'is muted and heard again, and says so by a word and a pressed button', async () => {
			const panel = await beginLive();
			await panel.mute.click();
			await panel.is( 'muted' );
			expect( await panel.state.textContent() ).toBe( 'Muted' );
			expect( await panel.mute.textContent() ).toBe( 'Unmute' );
			await pass( hearing.saidMs - 17_000 );
			expect( await panel.turns.count() ).toBe( 0 );
			await panel.mute.click();
			await panel.is( 'listening' );
		} );

		it( 'ends with Escape, gives the microphone back and focus to its button', async () => {
			const panel = await beginLive();
			await panel.is( 'listening' );
			await panel.mute.focus();
			await panel.page.keyboard.press( 'Escape' );
			await panel.bar.waitFor( { state: 'detached' } );
			await expect.poll( () => areReleased( panel.page ) ).toBe( true );
			expect(
				await panel.live.evaluate( ( button ) =>
					button.matches( ':focus' )
				)
			).toBe( true );
		} );

		it( 'is over when the page is loaded anew; what was said stands there', async () => {
			const panel = await beginLive();
			await panel.sees( 'return unused gear' );
			await panel.page.reload();
			await panel.sees( 'return unused gear' );
			expect( await panel.bar.count() ).toBe( 0 );
			expect( await panel.turn.failure.count() ).toBe( 0 );
		} );

		it( 'gives way to a newer one in another tab, and says so', async () => {
			const older = await beginLive();
			await older.is( 'listening' );
			const page = await older.page.context().newPage();
			await page.goto( '/ask/' );
			const newer = livePanel( page );
			await newer.begin();
			await older.note
				.filter( { hasText: 'begun in another tab' } )
				.waitFor();
			await newer.bar
				.and( newer.root.locator( '[data-state]' ) )
				.waitFor();
			await newer.is( 'listening' );
			expect( await areReleased( older.page ) ).toBe( true );
		} );

		it( 'at the end of its time says goodbye, and a spoken question works after it', async () => {
			await stage.setProxySettings( {
				voice: { liveMaxSeconds: 60, showSpent: true },
			} );
			const panel = await beginLive();
			await panel.bar.getByText( '$0.0' ).waitFor();
			await panel.bar.getByText( 'seconds left' ).waitFor();
			await panel.note
				.filter( {
					hasText: 'The time for a live conversation is over.',
				} )
				.waitFor( { timeout: 75_000 } );
			expect( await panel.note.textContent() ).toContain(
				'You can go on here with the microphone or in writing.'
			);
			await stage.setProxySettings( {
				voice: { liveMaxSeconds: 600, showSpent: false },
			} );
			stage.provider.script( {
				text: asModel( 'Within 60 days of delivery.' ),
			} );
			const before = await panel.turns.count();
			await panel.microphone.click();
			await panel.recorder.waitFor();
			await pass( 3_000 );
			await panel.done.click();
			await panel.turns.nth( before ).waitFor();
			await panel.sees( 'Within 60 days' );
		}, 120_000 );

		it( 'that cannot be reached says so calmly, and leaves nothing open', async () => {
			await stage.setProxySettings( { modalities: { realtime: false } } );
			const panel = await beginLive();
			await panel.note
				.filter( { hasText: 'not possible right now' } )
				.waitFor();
			await expect.poll( () => areReleased( panel.page ) ).toBe( true );
			expect( await panel.live.isVisible() ).toBe( true );
			await stage.setProxySettings( { modalities: { realtime: true } } );
		} );

		it.each( [ 'listening', 'speaking', 'muted' ] )(
			'has no barriers while it is %s',
			async ( state ) => {
				const panel = await beginLive();
				if ( state === 'muted' ) {
					await panel.mute.click();
				}
				await panel.is( state );
				expect( await findBarriers( panel.page ) ).toEqual( [] );
			}
		);
	}
);

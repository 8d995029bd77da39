/**
 * A visitor speaks with the assistant live, with real speech: captions of both sides, answers from the site, and every way to end.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { livePanel, offerLive } from '../support/e2e/live-panel.ts';
import type { LivePanel } from '../support/e2e/live-panel.ts';
import { launchHearing } from '../support/e2e/microphone.ts';
import type { HearingBrowser } from '../support/e2e/microphone.ts';
import { openStage } from '../support/e2e/stage.ts';
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
			await panel.endLive.click();
			await panel.bar.waitFor( { state: 'detached' } );
			await expect.poll( () => areReleased( panel.page ) ).toBe( true );
			expect( await panel.turns.count() ).toBe( 1 );
		} );
	}
);

/**
 * Gives tests a Chromium whose microphone hears real speech.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
	Browser,
	BrowserContext,
	BrowserContextOptions,
	Page,
} from 'playwright-core';
import { joined, speak, wav } from '../speech/index.ts';
import { launchBrowser } from '../wordpress/browser.ts';
import { watchPage } from './page-watch.ts';

/** Samples a second of what the microphone is fed. */
const RATE = 16_000;

export type MicrophoneChoice = 'allowed' | 'blocked' | 'unasked';

/** A browser with a microphone. */
export interface HearingBrowser {
	browser: Browser;
	/** How long what is said lasts; then it begins again, from the moment the microphone was opened. */
	saidMs: number;
	/** Opens a browser of its own for a visitor who has allowed the microphone, has `blocked` it, or was never asked. */
	newVisitor(
		options?: BrowserContextOptions & { choice?: MicrophoneChoice }
	): Promise< { context: BrowserContext; page: Page } >;
	/** Closes what visitors opened; throws when a page of theirs failed. */
	leave(): Promise< void >;
	close(): Promise< void >;
}

/** Starts it. It hears `said` (or the samples given) over and over, from 150 ms after the microphone was opened on. */
export async function launchHearing(
	said: string | Int16Array,
	siteUrl: string
): Promise< HearingBrowser > {
	const folder = await mkdtemp( join( tmpdir(), 'docent-microphone-' ) );
	const speech =
		typeof said === 'string'
			? joined( [ 150, await speak( said ), 400 ] )
			: said;
	const file = join( folder, 'said.wav' );
	await writeFile( file, wav( speech, RATE ) );
	const browser = await launchBrowser( {
		args: [
			'--use-fake-device-for-media-stream',
			`--use-file-for-fake-audio-capture=${ file }`,
		],
	} );
	const visitors: Array< {
		context: BrowserContext;
		problems: readonly string[];
	} > = [];
	return {
		browser,
		saidMs: ( speech.length / RATE ) * 1_000,
		async newVisitor( { choice = 'allowed', ...options } = {} ) {
			const context = await browser.newContext( {
				baseURL: siteUrl,
				// Naming some blocks all others; only naming none leaves them open.
				...( choice !== 'unasked' && {
					permissions: choice === 'allowed' ? [ 'microphone' ] : [],
				} ),
				...options,
			} );
			context.setDefaultTimeout( 15_000 );
			const page = await context.newPage();
			visitors.push( { context, problems: watchPage( page ).problems } );
			return { context, page };
		},
		async leave() {
			const left = visitors.splice( 0 );
			for ( const { context } of left ) {
				await context.close();
			}
			const problems = left.flatMap( ( each ) => each.problems );
			if ( problems.length > 0 ) {
				throw new Error( problems.join( '\n' ) );
			}
		},
		async close() {
			await browser.close();
			await rm( folder, { recursive: true, force: true } );
		},
	};
}

/**
 * Starts what voice is measured on: the real panel in a real WordPress and a real Chromium, the real proxy, and a provider that takes no time.
 */
import { areBlocksOutdated, buildBlocks } from '../../dev/build-blocks.ts';
import { addMustUsePlugin, manyVisitors } from '../support/e2e/must-use.ts';
import { launchHearing } from '../support/e2e/microphone.ts';
import { publishPages, shopPages } from '../support/e2e/pages.ts';
import { signRequest } from '../support/proxy/credentials.ts';
import {
	preciseNowMs,
	startSimulatedProvider,
	type SimulatedProvider,
} from '../support/simulated-provider/index.ts';
import { tone } from '../support/speech/index.ts';
import { startSite } from '../support/wordpress/site.ts';
import { giveProbes } from './voice-probe.ts';
import type { Page } from 'playwright-core';

/** Sound of a visitor louder than this is somebody who speaks, 0 to 1. */
const LOUD = 0.02;

/** A piece of a visitor's sound as it reached the provider. */
export interface Appended {
	atMs: number;
	isLoud: boolean;
}

export interface VoiceSite {
	provider: SimulatedProvider;
	/** Sound that reached the provider in calls. */
	appended: Appended[];
	/** Opens the page with the panel; see `giveProbes`. */
	openPage( options: { isDriven: boolean } ): Promise< Page >;
	close(): Promise< void >;
}

/** Starts it, and builds the blocks before when they are outdated. */
export async function startVoiceSite(): Promise< VoiceSite > {
	if ( await areBlocksOutdated() ) {
		await buildBlocks();
	}
	const ends: Array< () => Promise< unknown > > = [];
	const close = async (): Promise< void > => {
		for ( const end of ends.splice( 0 ).reverse() ) {
			await end();
		}
	};
	try {
		const appended: Appended[] = [];
		const provider = await startSimulatedProvider( {
			hasRealSpeech: false,
			inspector( schema, event ) {
				if ( schema === 'RealtimeClientEventInputAudioBufferAppend' ) {
					const atMs = preciseNowMs();
					const { audio } = event as { audio: string };
					appended.push( { atMs, isLoud: isLoud( audio ) } );
				}
				return [];
			},
		} );
		ends.push( provider.close );
		const site = await startSite( {
			demo: false,
			proxyEnv: {
				OPENAI_BASE_URL: provider.baseUrl,
				OPENAI_API_KEY: 'sk-bench',
			},
		} );
		ends.push( site.stop );
		await addMustUsePlugin( site.wordpress, 'many-visitors', manyVisitors );
		await publishPages( site.wordpress, shopPages );
		await site.sync();
		await putSettings( site.proxy.url, site.wordpress );
		await site.wordpress.runPhp( "do_action( 'docent_view' );" );
		const hearing = await launchHearing( tone( 2_000 ), site.url );
		ends.push( hearing.close );
		return {
			provider,
			appended,
			async openPage( { isDriven } ) {
				const { context, page } = await hearing.newVisitor();
				await giveProbes( context, { isDriven } );
				await page.goto( '/ask/' );
				return page;
			},
			close,
		};
	} catch ( error ) {
		await close();
		throw error;
	}
}

/** Returns how far the clocks of a page and of this process are apart, in milliseconds: the best of some looks, each off by half its length. */
export async function clocksApart( page: Page ): Promise< number > {
	let best = { tookMs: Infinity, apartMs: NaN };
	for ( let look = 0; look < 10; look++ ) {
		const before = preciseNowMs();
		const there = await page.evaluate(
			() => performance.timeOrigin + performance.now()
		);
		const after = preciseNowMs();
		if ( after - before < best.tookMs ) {
			best = {
				tookMs: after - before,
				apartMs: there - ( before + after ) / 2,
			};
		}
	}
	return Math.abs( best.apartMs );
}

/** Switches every kind of voice on, with limits that never bite. */
async function putSettings(
	proxyUrl: string,
	site: { siteId: string; secret: string }
): Promise< void > {
	const path = '/v1/site/settings';
	const plenty = 1_000_000_000_000_000;
	const body = JSON.stringify( {
		modalities: { voice: true, realtime: true },
		limits: {
			siteDayNanoUsd: plenty,
			siteMonthNanoUsd: plenty,
			visitorDayNanoUsd: plenty,
			voiceSecondsDay: 1_000_000_000,
		},
		rateLimits: {
			visitorPerMinute: 100_000,
			addressPerMinute: 100_000,
			sitePerMinute: 100_000,
		},
		voice: { liveMaxSeconds: 3_600 },
	} );
	const response = await fetch( proxyUrl + path, {
		method: 'PUT',
		headers: signRequest( 'PUT', path, body, site ),
		body,
	} );
	if ( ! response.ok ) {
		throw new Error( await response.text() );
	}
}

function isLoud( base64: string ): boolean {
	const bytes = Buffer.from( base64, 'base64' );
	for ( let at = 0; at + 1 < bytes.length; at += 2 ) {
		if ( Math.abs( bytes.readInt16LE( at ) ) > LOUD * 32_768 ) {
			return true;
		}
	}
	return false;
}

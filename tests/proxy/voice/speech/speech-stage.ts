/**
 * Sets up a proxy with a provider that really speaks, has its speaker say something, and looks at what it came to on all sides.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SettingsPatch } from '../../../../proxy/src/settings.ts';
import type { CallRecord } from '../../../../proxy/src/stores/call-store.ts';
import type { Voice } from '../../../../proxy/src/types.ts';
import type {
	Speaking,
	SpokenPiece,
} from '../../../../proxy/src/voice/speech/speaker.ts';
import { newVisitorId, SITE_ID } from '../../../support/proxy/credentials.ts';
import {
	startProxy,
	type TestProxy,
} from '../../../support/proxy/start-proxy.ts';
import {
	startSimulatedProvider,
	type SimulatedProvider,
} from '../../../support/simulated-provider/index.ts';

export const VOICE: Voice = { name: 'alloy', instructions: '' };

/** Speech under way. */
export interface Heard {
	speaking: Speaking;
	pieces: SpokenPiece[];
	/** Aborts as the visitor's going does. */
	stop(): void;
	/** Resolves with the first piece. */
	firstPiece: Promise< void >;
}

export interface SpeechStage {
	proxy: TestProxy;
	provider: SimulatedProvider;
	/** Begins to speak for a visitor; the text is still to come. */
	begin( options?: {
		visitorId?: string;
		turnId?: string;
		voice?: Voice;
	} ): Promise< Heard >;
	calls(): Promise< CallRecord[] >;
	settings( patch: SettingsPatch ): Promise< void >;
	/** What the ledger says of today, and what the provider bills. */
	money(): Promise< {
		spent: number;
		held: number;
		billed: number;
		voiceSeconds: number;
	} >;
	/** Requests for speech that reached the provider: answers in calls, and requests to the speech route. */
	spokenCalls(): number;
	close(): Promise< void >;
}

/** Starts everything; `speech` names the models of the role in their order. */
export async function startSpeechStage( {
	speech = [ 'gpt-realtime-2.1-mini' ],
	settings = {},
	hasRealSpeech = false,
	redisUrl,
}: {
	speech?: string[];
	settings?: SettingsPatch;
	hasRealSpeech?: boolean;
	/** Keeps everything in this Redis instead of a file. */
	redisUrl?: string;
} = {} ): Promise< SpeechStage > {
	const folder = await mkdtemp( join( tmpdir(), 'docent-speech-' ) );
	const provider = await startSimulatedProvider( { hasRealSpeech } );
	const modelsFile = join( folder, 'models.json' );
	const [ first = '', ...others ] = speech;
	await writeFile(
		modelsFile,
		JSON.stringify( {
			models:
				others.length > 0 ? { [ first ]: { fallback: others } } : {},
			roles: { speech: first },
		} )
	);
	const proxy = await startProxy( {
		providerUrl: provider.baseUrl,
		silenceMs: 1_000,
		random: () => 0,
		env: {
			DOCENT_MODELS_FILE: modelsFile,
			...( redisUrl === undefined ? {} : { REDIS_URL: redisUrl } ),
		},
	} );
	const change = async ( patch: SettingsPatch ): Promise< void > => {
		const response = await proxy.site( 'PUT', '/v1/site/settings', patch );
		if ( ! response.ok ) {
			throw new Error( await response.text() );
		}
	};
	await change( settings );
	const { services } = proxy;

	return {
		proxy,
		provider,
		async begin( {
			visitorId = newVisitorId(),
			turnId = newVisitorId(),
			voice = VOICE,
		} = {} ) {
			const { speaker, sites } = services;
			if ( ! speaker ) {
				throw new Error( 'A proxy with a key has a speaker.' );
			}
			const stop = new AbortController();
			const pieces: SpokenPiece[] = [];
			const heard = Promise.withResolvers< void >();
			return {
				speaking: speaker.begin(
					{
						siteId: SITE_ID,
						visitorId,
						turnId,
						requestId: 'request-1',
						settings: await sites.settings( SITE_ID ),
						signal: stop.signal,
					},
					{
						voice,
						language: 'en',
						priority: 'visitor',
						show( piece ) {
							pieces.push( piece );
							heard.resolve();
						},
					}
				),
				pieces,
				stop: () => stop.abort(),
				firstPiece: heard.promise,
			};
		},
		async calls() {
			const { calls } = await (
				await proxy.site( 'GET', '/v1/site/calls?limit=100' )
			).json();
			return calls.reverse();
		},
		settings: change,
		async money() {
			const { limits } = await services.sites.settings( SITE_ID );
			const { day } = await services.ledger.report( SITE_ID, limits );
			const today = new Date().toISOString().slice( 0, 10 );
			const { spent } = await services.stores.ledger.balance(
				`site:${ SITE_ID }:voiceSeconds:day:${ today }`
			);
			return {
				spent: day.spentNanoUsd,
				held: day.heldNanoUsd,
				billed: provider.bill.totalNanoUsd,
				voiceSeconds: spent,
			};
		},
		spokenCalls: () => provider.bill.entries.length,
		async close() {
			await proxy.close();
			await provider.close();
			await rm( folder, { recursive: true, force: true } );
		},
	};
}

/** Joins what was heard into samples. */
export function soundOf(
	pieces: ReadonlyArray< { pcm: Uint8Array } >
): Int16Array {
	const all = Buffer.concat( pieces.map( ( { pcm } ) => pcm ) );
	return Int16Array.from( { length: all.length / 2 }, ( _, at ) =>
		all.readInt16LE( at * 2 )
	);
}

/** Returns the largest jump from one sample to the next. */
export function largestJump( samples: Int16Array ): number {
	let largest = 0;
	for ( let at = 1; at < samples.length; at++ ) {
		largest = Math.max(
			largest,
			Math.abs( ( samples[ at ] ?? 0 ) - ( samples[ at - 1 ] ?? 0 ) )
		);
	}
	return largest;
}

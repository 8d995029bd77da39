/**
 * Sets up a transcriber in a real proxy with two simulated providers, and looks at what a recording came to on all sides: the words, the
 * providers' bills, the ledger and the call log.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
	DEFAULT_SETTINGS,
	mergeSettings,
	type SettingsPatch,
} from '../../../../proxy/src/settings.ts';
import type { KeptCall } from '../../../../proxy/src/stores/call-store.ts';
import type { AudioFile } from '../../../../proxy/src/types.ts';
import { readAudio } from '../../../../proxy/src/voice/audio/read-audio.ts';
import { createTranscriber } from '../../../../proxy/src/voice/transcription/create-transcriber.ts';
import type {
	Heard,
	Transcriber,
} from '../../../../proxy/src/voice/transcription/transcriber.ts';
import { SITE_ID } from '../../../support/proxy/credentials.ts';
import {
	startProxy,
	type TestProxy,
} from '../../../support/proxy/start-proxy.ts';
import {
	startSimulatedProvider,
	type SimulatedProvider,
} from '../../../support/simulated-provider/index.ts';
import { noise, wav } from '../../../support/speech/index.ts';

/** A recording of so many seconds that no check minds. */
export function recording( seconds = 3 ): AudioFile {
	return readAudio( wav( noise( seconds * 1_000, { level: 0.3 } ), 16_000 ) );
}

const HEARS = {
	api: 'transcriptions',
	modalities: { in: [ 'audio' ], out: [ 'text' ] },
	contextTokens: 16_000,
	maxOutputTokens: 2_000,
};

export interface HearingStage {
	proxy: TestProxy;
	/** The provider `openai`, whose model is paid by the minute and tried first. */
	provider: SimulatedProvider;
	/** The provider `spare`, whose model is paid by the token and tried second. */
	spare: SimulatedProvider;
	transcribe(
		audio?: AudioFile,
		options?: Parameters< Transcriber[ 'transcribe' ] >[ 2 ] & {
			signal?: AbortSignal;
			settings?: SettingsPatch;
			turnId?: string;
		}
	): Promise< Heard >;
	/** The call log, oldest first. */
	calls(): Promise< KeptCall[] >;
	/** What the ledger says of today, what both providers bill, and the seconds that count as heard. */
	money(): Promise< {
		spent: number;
		held: number;
		billed: number;
		seconds: number;
		heldSeconds: number;
	} >;
	close(): Promise< void >;
}

/** Starts everything; `models` lays over the two models, and `role` names the one that is tried first. */
export async function startHearing( {
	models = {},
	role = 'first',
	hasSpare = true,
	hasRealSpeech = false,
	totalMs,
	silenceMs = 300,
}: {
	models?: Record< string, object >;
	role?: string;
	hasSpare?: boolean;
	hasRealSpeech?: boolean;
	totalMs?: number;
	silenceMs?: number;
} = {} ): Promise< HearingStage > {
	const folder = await mkdtemp( join( tmpdir(), 'docent-hearing-' ) );
	const [ provider, spare ] = await Promise.all( [
		startSimulatedProvider( { hasRealSpeech } ),
		startSimulatedProvider( { hasRealSpeech } ),
	] );
	const modelsFile = join( folder, 'models.json' );
	await writeFile(
		modelsFile,
		JSON.stringify( {
			models: {
				first: {
					...HEARS,
					provider: 'openai',
					upstreamId: 'gpt-transcribe',
					usdPerMinute: 0.0045,
					capabilities: { transcriptionHints: 'keywords' },
					fallback: hasSpare ? [ 'second' ] : [],
				},
				second: {
					...HEARS,
					provider: 'spare',
					upstreamId: 'gpt-4o-mini-transcribe',
					usdPerMillion: { textIn: 1.25, audioIn: 1.25, textOut: 5 },
				},
				...models,
			},
			roles: { transcription: role },
		} )
	);
	const providersFile = join( folder, 'providers.json' );
	await writeFile(
		providersFile,
		JSON.stringify( {
			providers: {
				spare: {
					kind: 'openai',
					baseUrl: spare.baseUrl,
					keyVariable: 'SPARE_API_KEY',
				},
			},
		} )
	);
	const proxy = await startProxy( {
		providerUrl: provider.baseUrl,
		silenceMs,
		random: () => 0,
		env: {
			DOCENT_MODELS_FILE: modelsFile,
			DOCENT_PROVIDERS_FILE: providersFile,
			SPARE_API_KEY: 'spare-key',
		},
	} );
	const { models: services, stores } = proxy.services;
	if ( ! services ) {
		throw new Error( 'a proxy with a key has models' );
	}
	const transcriber = createTranscriber( { ...services, totalMs } );
	let turns = 0;
	return {
		proxy,
		provider,
		spare,
		transcribe: (
			audio = recording(),
			{
				signal = new AbortController().signal,
				settings = {},
				turnId = `turn-${ ++turns }`,
				...options
			} = {}
		) =>
			transcriber.transcribe(
				audio,
				{
					siteId: SITE_ID,
					visitorId: 'visitor',
					turnId,
					requestId: `request-${ turns }`,
					settings: mergeSettings( DEFAULT_SETTINGS, settings ),
					signal,
				},
				options
			),
		async calls() {
			const { calls } = await stores.calls.list(
				SITE_ID,
				{},
				{ limit: 100 }
			);
			return calls.reverse();
		},
		async money() {
			const { limits } = DEFAULT_SETTINGS;
			const { day, voiceSeconds } = await services.ledger.report(
				SITE_ID,
				limits
			);
			return {
				spent: day.spentNanoUsd,
				held: day.heldNanoUsd,
				billed: provider.bill.totalNanoUsd + spare.bill.totalNanoUsd,
				seconds: voiceSeconds.spent,
				heldSeconds: voiceSeconds.held,
			};
		},
		async close() {
			await proxy.close();
			await Promise.all( [ provider.close(), spare.close() ] );
			await rm( folder, { recursive: true, force: true } );
		},
	};
}

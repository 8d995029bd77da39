/**
 * Sets up a proxy that hears and speaks, with a small shop, and looks at what a spoken question came to on all sides.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServiceOptions } from '../../../proxy/src/services.ts';
import type { SettingsPatch } from '../../../proxy/src/settings.ts';
import type { CallRecord } from '../../../proxy/src/stores/call-store.ts';
import {
	SITE_ID,
	SITE_ORIGIN,
	mintToken,
} from '../../support/proxy/credentials.ts';
import { SHOP } from '../../support/proxy/shop.ts';
import { allEvents, textOf, type WireEvent } from '../../support/proxy/sse.ts';
import { startProxy, type TestProxy } from '../../support/proxy/start-proxy.ts';
import {
	startSimulatedProvider,
	type SimulatedProvider,
} from '../../support/simulated-provider/index.ts';
import { tone, wav } from '../../support/speech/index.ts';

/** A recording in which something is; what is heard in it is scripted. */
export const RECORDING = wav( tone( 1_500 ), 16_000 );

export interface VoiceStage {
	proxy: TestProxy;
	provider: SimulatedProvider;
	/** A visitor's token with both consents. */
	token: string;
	/** Sends a form; fields lay over a recording with `speech`. */
	send(
		fields?: Record< string, string | Uint8Array >,
		options?: {
			token?: string;
			headers?: Record< string, string >;
			signal?: AbortSignal;
		}
	): Promise< Response >;
	/** Says something, and returns what came of it. */
	say(
		heard: string,
		fields?: Record< string, string | Uint8Array >
	): Promise< WireEvent[] >;
	settings( patch: SettingsPatch ): Promise< void >;
	/** The call log, oldest first. */
	calls(): Promise< CallRecord[] >;
	/** Paths of the calls that the provider got. */
	paths(): string[];
	money(): Promise< { spent: number; held: number; billed: number } >;
	close(): Promise< void >;
}

/** Starts everything. `speech` names the model that speaks. */
export async function startVoiceStage( {
	speech = 'gpt-4o-mini-tts',
	settings = {},
	...options
}: {
	speech?: string;
	settings?: SettingsPatch;
} & ServiceOptions = {} ): Promise< VoiceStage > {
	const folder = await mkdtemp( join( tmpdir(), 'docent-voice-' ) );
	const modelsFile = join( folder, 'models.json' );
	await writeFile( modelsFile, JSON.stringify( { roles: { speech } } ) );
	const provider = await startSimulatedProvider();
	const proxy = await startProxy( {
		providerUrl: provider.baseUrl,
		random: () => 0,
		env: { DOCENT_MODELS_FILE: modelsFile },
		...options,
	} );
	const put = async ( path: string, body: unknown ) => {
		const response = await proxy.site( 'PUT', path, body );
		if ( ! response.ok ) {
			throw new Error( await response.text() );
		}
	};
	await put( '/v1/site/documents', { documents: SHOP } );
	await put( '/v1/site/settings', {
		...settings,
		rateLimits: { visitorPerMinute: 10_000, addressPerMinute: 10_000 },
	} );
	const token = mintToken( {
		consent: [ 'text', 'voice' ],
		// Longer than any clock is set forward.
		exp: Math.floor( Date.now() / 1_000 ) + 86_400,
	} );

	const stage: VoiceStage = {
		proxy,
		provider,
		token,
		send( fields = {}, { token: own = token, headers = {}, signal } = {} ) {
			const form = new FormData();
			for ( const [ name, value ] of Object.entries( {
				audio: RECORDING,
				speech: 'true',
				...fields,
			} ) ) {
				form.set(
					name,
					typeof value === 'string'
						? value
						: new Blob( [ new Uint8Array( value ) ], {
								type: 'audio/wav',
							} )
				);
			}
			return fetch( `${ proxy.url }/v1/ask`, {
				method: 'POST',
				headers: {
					Authorization: `Bearer ${ own }`,
					Origin: SITE_ORIGIN,
					...headers,
				},
				body: form,
				...( signal ? { signal } : {} ),
			} );
		},
		async say( heard, fields ) {
			provider.script( { for: 'transcription', text: heard } );
			return allEvents( await stage.send( fields ) );
		},
		settings: ( patch ) => put( '/v1/site/settings', patch ),
		async calls() {
			const { calls } = await (
				await proxy.site( 'GET', '/v1/site/calls?limit=100' )
			).json();
			return calls.reverse();
		},
		paths: () => provider.journal.entries.map( ( { path } ) => path ),
		async money() {
			const { sites, ledger } = proxy.services;
			const { limits } = await sites.settings( SITE_ID );
			const { day } = await ledger.report( SITE_ID, limits );
			return {
				spent: day.spentNanoUsd,
				held: day.heldNanoUsd,
				billed: provider.bill.totalNanoUsd,
			};
		},
		async close() {
			await proxy.close();
			await provider.close();
			await rm( folder, { recursive: true, force: true } );
		},
	};
	return stage;
}

/** The events of one kind. */
export function eventsOf( events: WireEvent[], kind: string ): unknown[] {
	return events
		.filter( ( { event } ) => event === kind )
		.map( ( { data } ) => data );
}

/** Bytes of speech that were streamed. */
export function speechBytes( events: WireEvent[] ): number {
	return events.reduce(
		( sum, { event, data } ) =>
			event === 'audio' && data.data
				? sum + Buffer.from( data.data, 'base64' ).length
				: sum,
		0
	);
}

export { allEvents, textOf };

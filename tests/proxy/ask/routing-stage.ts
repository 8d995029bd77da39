/**
 * Sets up a proxy with two simulated providers and a small shop, and looks at what a question came to on all sides: the visitor's screen, the
 * providers' bills, the ledger and the call log.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServiceOptions } from '../../../proxy/src/services.ts';
import type { SettingsPatch } from '../../../proxy/src/settings.ts';
import type { CallRecord } from '../../../proxy/src/stores/call-store.ts';
import { SITE_ID } from '../../support/proxy/credentials.ts';
import { SHOP } from '../../support/proxy/shop.ts';
import { textOf, type WireEvent } from '../../support/proxy/sse.ts';
import { startProxy, type TestProxy } from '../../support/proxy/start-proxy.ts';
import {
	startSimulatedProvider,
	type SimulatedProvider,
} from '../../support/simulated-provider/index.ts';

/** A question that the shop's pages answer, without any sign of difficulty. */
export const QUESTION = 'How much is shipping?';

/** The same models once more, at a second provider. */
const SPARE = {
	'spare-luna': [ 'gpt-6-luna', 0.1, 0.01, 0.125, 0.5 ],
	'spare-terra': [ 'gpt-6.1-terra', 1, 0.05, 1.25, 5 ],
} as const;

/** What a question came to. */
export interface Told {
	text: string;
	notices: string[];
	last: WireEvent;
	events: WireEvent[];
}

export interface Stage {
	proxy: TestProxy;
	/** The provider `openai`. */
	provider: SimulatedProvider;
	/** The provider `spare`. */
	spare: SimulatedProvider;
	ask(
		question?: string,
		options?: Parameters< TestProxy[ 'events' ] >[ 1 ]
	): Promise< Told >;
	/** The models that were called, in the order in which the calls arrived, with the provider in front. */
	called(): string[];
	/** The call log, oldest first. */
	calls(): Promise<
		Array< CallRecord & { features: Record< string, unknown > | null } >
	>;
	settings( patch: SettingsPatch ): Promise< void >;
	/** What the ledger says of today, and what both providers bill. */
	money(): Promise< { spent: number; held: number; billed: number } >;
	close(): Promise< void >;
}

/** Starts everything; `tiers` lays over the shipped ones and may name `spare-luna` and `spare-terra`. */
export async function startStage( {
	tiers = {},
	roles = {},
	settings = {},
	redisUrl,
	spareProvider = {},
	...options
}: {
	tiers?: Partial< Record< 'economy' | 'standard' | 'premium', string[] > >;
	roles?: Record< string, string >;
	settings?: SettingsPatch;
	/** Laid over the entry of the second provider. */
	spareProvider?: Record< string, unknown >;
	/** Keeps everything in this Redis instead of a file. */
	redisUrl?: string;
} & ServiceOptions = {} ): Promise< Stage > {
	const folder = await mkdtemp( join( tmpdir(), 'docent-routing-' ) );
	const [ provider, spare ] = await Promise.all( [
		startSimulatedProvider(),
		startSimulatedProvider(),
	] );
	const modelsFile = join( folder, 'models.json' );
	await writeFile(
		modelsFile,
		JSON.stringify( {
			models: Object.fromEntries(
				Object.entries( SPARE ).map(
					( [
						id,
						[
							upstreamId,
							textIn,
							textCachedIn,
							textCacheWrite,
							textOut,
						],
					] ) => [
						id,
						{
							provider: 'spare',
							upstreamId,
							modalities: { in: [ 'text' ], out: [ 'text' ] },
							contextTokens: 1_000_000,
							maxOutputTokens: 16_000,
							reasoningEffort: 'none',
							capabilities: { reasoningEfforts: [ 'none' ] },
							usdPerMillion: {
								textIn,
								textCachedIn,
								textCacheWrite,
								textOut,
							},
						},
					]
				)
			),
			tiers,
			roles,
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
					...spareProvider,
				},
			},
		} )
	);
	const proxy = await startProxy( {
		providerUrl: provider.baseUrl,
		silenceMs: 150,
		random: () => 0,
		env: {
			DOCENT_MODELS_FILE: modelsFile,
			DOCENT_PROVIDERS_FILE: providersFile,
			SPARE_API_KEY: 'spare-key',
			...( redisUrl === undefined ? {} : { REDIS_URL: redisUrl } ),
		},
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
		cache: { enabled: false },
		rateLimits: { visitorPerMinute: 10_000, addressPerMinute: 10_000 },
	} );

	let isClosed = false;
	return {
		proxy,
		provider,
		spare,
		async ask( question = QUESTION, askOptions ) {
			const events = await proxy.events( question, askOptions );
			return {
				text: textOf( events ),
				notices: events
					.filter( ( { event } ) => event === 'notice' )
					.map( ( { data } ) => data.code ),
				last: events.at( -1 ) as WireEvent,
				events,
			};
		},
		called: () =>
			[
				...provider.journal.entries.map( ( entry ) => ( {
					at: 'openai',
					entry,
				} ) ),
				...spare.journal.entries.map( ( entry ) => ( {
					at: 'spare',
					entry,
				} ) ),
			]
				.sort( ( a, b ) => a.entry.receivedAtMs - b.entry.receivedAtMs )
				.map(
					( { at, entry } ) =>
						`${ at } ${ ( entry.body as { model: string } ).model }`
				),
		async calls() {
			const { calls } = await (
				await proxy.site( 'GET', '/v1/site/calls?limit=100' )
			).json();
			return calls.reverse();
		},
		settings: ( patch ) => put( '/v1/site/settings', patch ),
		async money() {
			const { sites, ledger } = proxy.services;
			const { limits } = await sites.settings( SITE_ID );
			const { day } = await ledger.report( SITE_ID, limits );
			return {
				spent: day.spentNanoUsd,
				held: day.heldNanoUsd,
				billed: provider.bill.totalNanoUsd + spare.bill.totalNanoUsd,
			};
		},
		async close() {
			if ( isClosed ) {
				return;
			}
			isClosed = true;
			await proxy.close();
			await Promise.all( [ provider.close(), spare.close() ] );
			await rm( folder, { recursive: true, force: true } );
		},
	};
}

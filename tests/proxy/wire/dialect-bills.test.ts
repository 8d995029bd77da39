/**
 * Whoever the provider is, what the ledger counts is what the provider bills, and another one answers when it fails.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { SHOP } from '../../support/proxy/shop.ts';
import { textOf } from '../../support/proxy/sse.ts';
import { startProxy, type TestProxy } from '../../support/proxy/start-proxy.ts';
import {
	type DialectName,
	faults,
	PRICES,
	type SimulatedProvider,
	startSimulatedProvider,
} from '../../support/simulated-provider/index.ts';

const KEY = 'sk-live-0123456789abcdef';
const QUESTION = 'How much is shipping?';
const NANO = 1_000_000_000;

const SOLD: Array< [ DialectName, string ] > = [
	[ 'azure', 'gpt-6-luna' ],
	[ 'qwen', 'qwen3.8-flash' ],
	[ 'together', 'openai/gpt-oss-120b' ],
	[ 'openrouter', 'meta-llama/llama-4-scout' ],
	[ 'groq', 'openai/gpt-oss-20b' ],
	[ 'deepseek', 'deepseek-flash' ],
	[ 'qianfan', 'ernie-4.5-turbo' ],
];

const ends: Array< () => unknown > = [];

afterEach( async () => {
	for ( const end of ends.splice( 0 ).reverse() ) {
		await end();
	}
} );

/** Starts a proxy whose first tier asks one provider after the other. */
async function setUp( ...targets: Array< [ DialectName, string ] > ) {
	const folder = mkdtempSync( join( tmpdir(), 'docent-bills-' ) );
	ends.push( () => rmSync( folder, { recursive: true } ) );
	const write = ( name: string, content: object ) => {
		writeFileSync( join( folder, name ), JSON.stringify( content ) );
		return join( folder, name );
	};
	const providers: SimulatedProvider[] = [];
	const entries: Record< string, object > = {};
	const models: Record< string, object > = {};
	for ( const [ dialect, upstreamId ] of targets ) {
		const provider = await startSimulatedProvider( {
			dialect,
			apiKey: KEY,
		} );
		ends.push( () => provider.close() );
		providers.push( provider );
		entries[ dialect ] = {
			kind: dialect,
			baseUrl: provider.baseUrl,
			keyVariable: 'TEST_KEY',
		};
		const price = PRICES[ upstreamId ];
		models[ `${ dialect }/${ upstreamId }` ] = {
			provider: dialect,
			upstreamId,
			modalities: { in: [ 'text' ], out: [ 'text' ] },
			contextTokens: 100_000,
			maxOutputTokens: 4_000,
			...( dialect === 'azure' ? { reasoningEffort: 'none' } : {} ),
			usdPerMillion: {
				textIn: ( price?.input ?? 0 ) / NANO,
				textCachedIn: ( price?.cachedInput ?? 0 ) / NANO,
				textCacheWrite: ( price?.cacheWrite ?? 0 ) / NANO,
				textOut: ( price?.output ?? 0 ) / NANO,
			},
		};
	}
	const tier = Object.keys( models );
	const proxy = await startProxy( {
		env: {
			TEST_KEY: KEY,
			DOCENT_PROVIDERS_FILE: write( 'providers.json', {
				providers: entries,
			} ),
			DOCENT_MODELS_FILE: write( 'models.json', {
				models,
				tiers: { economy: tier, standard: tier, premium: tier },
			} ),
		},
	} );
	ends.push( () => proxy.close() );
	await proxy.site( 'PUT', '/v1/site/documents', { documents: SHOP } );
	return { proxy, providers };
}

async function dayOf( proxy: TestProxy ) {
	const { day } = await (
		await proxy.site( 'GET', '/v1/site/usage' )
	).json();
	return day as { spentNanoUsd: number; heldNanoUsd: number };
}

describe.each( SOLD )(
	'a question that %s answers with %s',
	( dialect, model ) => {
		it( 'costs in the ledger what is on the bill, to the nano-dollar', async () => {
			const { proxy, providers } = await setUp( [ dialect, model ] );
			const events = await proxy.events( QUESTION );
			expect( textOf( events ) ).toContain( '4.90' );
			expect( events.at( -1 )?.data.finishReason ).toBe( 'stop' );
			const { spentNanoUsd, heldNanoUsd } = await dayOf( proxy );
			expect( providers[ 0 ]?.bill.totalNanoUsd ).toBeGreaterThan( 0 );
			expect( spentNanoUsd ).toBe( providers[ 0 ]?.bill.totalNanoUsd );
			expect( heldNanoUsd ).toBe( 0 );
		} );
	}
);

describe( 'when the first provider fails', () => {
	it.each( [
		[ 'has no credit left', faults.outOfQuota(), 'provider_quota' ],
		[ 'does not take the key', faults.unauthorized(), 'provider_auth' ],
		[
			'limits',
			faults.rateLimited( { retryAfterSeconds: 20 } ),
			'provider_rate',
		],
		[
			'does not know the model',
			faults.modelNotFound(),
			'provider_model_gone',
		],
	] )(
		'because it %s, the second one answers, each is billed its own, and the call log says why',
		async ( _, fault, code ) => {
			const {
				proxy,
				providers: [ first, second ],
			} = await setUp(
				[ 'groq', 'openai/gpt-oss-20b' ],
				[ 'deepseek', 'deepseek-flash' ]
			);
			first?.setDefault( fault );
			const events = await proxy.events( QUESTION );
			expect( textOf( events ) ).toContain( '4.90' );
			expect( first?.bill.totalNanoUsd ).toBe( 0 );
			expect( ( await dayOf( proxy ) ).spentNanoUsd ).toBe(
				second?.bill.totalNanoUsd
			);
			const { calls } = await (
				await proxy.site( 'GET', '/v1/site/calls' )
			).json();
			expect(
				calls.map(
					( { provider, errorKind }: Record< string, string > ) => [
						provider,
						errorKind,
					]
				)
			).toContainEqual( [ 'groq', code ] );
			expect( JSON.stringify( [ events, calls ] ) ).not.toContain( KEY );
		}
	);
} );

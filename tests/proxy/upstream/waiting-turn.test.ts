/**
 * A question whose call waits for its turn at the provider: it holds money, spends none, and lets go when its visitor leaves.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mintToken } from '../../support/proxy/credentials.ts';
import { SHOP } from '../../support/proxy/shop.ts';
import { readEvents } from '../../support/proxy/sse.ts';
import { startProxy, type TestProxy } from '../../support/proxy/start-proxy.ts';
import {
	type SimulatedProvider,
	startSimulatedProvider,
} from '../../support/simulated-provider/index.ts';

let folder: string;
let provider: SimulatedProvider;
let proxy: TestProxy;

beforeEach( async () => {
	folder = mkdtempSync( join( tmpdir(), 'docent-waiting-' ) );
	provider = await startSimulatedProvider();
	const path = join( folder, 'providers.json' );
	writeFileSync(
		path,
		JSON.stringify( {
			providers: {
				openai: {
					kind: 'openai',
					baseUrl: provider.baseUrl,
					keyVariable: 'TEST_KEY',
					concurrency: 1,
				},
			},
		} )
	);
	proxy = await startProxy( {
		env: { TEST_KEY: 'sk-test', DOCENT_PROVIDERS_FILE: path },
	} );
	await proxy.site( 'PUT', '/v1/site/documents', { documents: SHOP } );
} );

afterEach( async () => {
	await proxy.close();
	await provider.close();
	rmSync( folder, { recursive: true } );
} );

async function day() {
	const usage = await ( await proxy.site( 'GET', '/v1/site/usage' ) ).json();
	return usage.day as { spentNanoUsd: number; heldNanoUsd: number };
}

/** Asks as a visitor of their own and returns the turn as soon as it has begun. */
async function begin( question: string ) {
	const token = mintToken();
	const events = readEvents( await proxy.ask( question, { token } ) );
	const first = await events.next();
	return {
		stop: () =>
			proxy.visitor(
				'DELETE',
				`/v1/turns/${ first.value?.data.turnId }`,
				{
					token,
				}
			),
		async last() {
			let event;
			for await ( const one of events ) {
				event = one;
			}
			return event;
		},
	};
}

const load = () => proxy.services.models?.providers.load( 'openai' );

describe( 'a question that waits for its turn at the provider', () => {
	it( 'and is stopped was never sent, and costs nothing', async () => {
		provider.setDefault( { kind: 'silence' } );
		const running = await begin( 'How much is shipping?' );
		await provider.journal.waitFor( () => true );
		const held = ( await day() ).heldNanoUsd;
		const waiting = await begin( 'How long can I return things?' );
		await expect.poll( load ).toEqual( { inFlight: 1, waiting: 1 } );
		expect( ( await day() ).heldNanoUsd ).toBeGreaterThan( held );

		expect( ( await waiting.stop() ).status ).toBe( 204 );
		await waiting.last();
		await expect.poll( load ).toEqual( { inFlight: 1, waiting: 0 } );
		await expect
			.poll( async () => ( await day() ).heldNanoUsd )
			.toBe( held );
		expect( ( await day() ).spentNanoUsd ).toBe( 0 );
		expect( provider.journal.entries ).toHaveLength( 1 );

		await running.stop();
		await running.last();
		await expect.poll( load ).toEqual( { inFlight: 0, waiting: 0 } );
	} );

	it( 'is answered when the one before has ended, and the call log says how long it waited', async () => {
		provider.script( { stall: { afterChunks: 1, forMs: 300 } } );
		const first = await begin( 'How much is shipping?' );
		await provider.journal.waitFor( () => true );
		const second = await begin( 'How long can I return things?' );
		expect( ( await first.last() )?.data.finishReason ).toBe( 'stop' );
		expect( ( await second.last() )?.data.finishReason ).toBe( 'stop' );
		const { calls } = await (
			await proxy.site( 'GET', '/v1/site/calls' )
		).json();
		const waits = calls.map(
			( { queueMs }: { queueMs: number } ) => queueMs
		);
		expect( Math.max( ...waits ) ).toBeGreaterThan( 0 );
		expect( Math.min( ...waits ) ).toBe( 0 );
		expect( ( await day() ).spentNanoUsd ).toBe(
			provider.bill.totalNanoUsd
		);
	} );
} );

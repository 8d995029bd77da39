import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
	mintToken,
	SITE_ID,
	SITE_ORIGIN,
} from '../../../support/proxy/credentials.ts';
import { startProxy } from '../../../support/proxy/start-proxy.ts';
import {
	startSimulatedProvider,
	type SimulatedProvider,
} from '../../../support/simulated-provider/index.ts';
import { noise, wav } from '../../../support/speech/index.ts';
import { runProxy } from '../../money/proxies.ts';

let dataDir: string;
let provider: SimulatedProvider;

beforeEach( async () => {
	dataDir = mkdtempSync( join( tmpdir(), 'docent-hearing-killed-' ) );
	provider = await startSimulatedProvider( { hasRealSpeech: false } );
} );

afterEach( async () => {
	await provider.close();
	rmSync( dataDir, { recursive: true, force: true } );
} );

it( 'a proxy that is killed while a recording is written down has money and seconds held at its next start, and spent once that has run out', async () => {
	provider.setDefault( { for: 'transcription', firstChunkDelayMs: 60_000 } );
	const killed = await runProxy( {
		dataDir,
		providerUrl: provider.baseUrl,
	} );
	const form = new FormData();
	form.append(
		'audio',
		new Blob( [
			new Uint8Array( wav( noise( 4_200, { level: 0.3 } ), 16_000 ) ),
		] ),
		'speech.wav'
	);
	const asking = fetch( `${ killed.url }/v1/ask`, {
		method: 'POST',
		headers: {
			Authorization: `Bearer ${ mintToken( { consent: [ 'text', 'voice' ] } ) }`,
			Origin: SITE_ORIGIN,
		},
		body: form,
	} ).then( ( response ) => response.text() );
	asking.catch( () => {} );
	await expect
		.poll( () => provider.bill.totalNanoUsd, { timeout: 10_000 } )
		.toBeGreaterThan( 0 );
	await killed.end( 'SIGKILL' );

	let now = Date.now();
	const after = await startProxy( { dataDir, clock: () => now } );
	const report = async () => {
		await after.services.tidy();
		const { limits } = await after.services.sites.settings( SITE_ID );
		return after.services.ledger.report( SITE_ID, limits );
	};
	const { month, voiceSeconds } = await report();
	expect( month.heldNanoUsd ).toBeGreaterThanOrEqual(
		provider.bill.totalNanoUsd
	);
	expect( month.spentNanoUsd ).toBe( 0 );
	expect( voiceSeconds ).toMatchObject( { held: 5, spent: 0 } );
	now += 11 * 60_000;
	expect( await report() ).toMatchObject( {
		month: { heldNanoUsd: 0, spentNanoUsd: month.heldNanoUsd },
	} );
	await after.close( { keepData: true } );
} );

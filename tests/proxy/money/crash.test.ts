import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
	mintToken,
	signRequest,
	SITE_ID,
	SITE_ORIGIN,
	SITE_SECRET,
} from '../../support/proxy/credentials.ts';
import { SHOP } from '../../support/proxy/shop.ts';
import { readEvents } from '../../support/proxy/sse.ts';
import { startProxy } from '../../support/proxy/start-proxy.ts';
import {
	startSimulatedProvider,
	type SimulatedProvider,
} from '../../support/simulated-provider/index.ts';

const MAIN = fileURLToPath(
	new URL( '../../../proxy/src/index.ts', import.meta.url )
);

let dataDir: string;
let provider: SimulatedProvider;
const children: ChildProcess[] = [];

beforeEach( async () => {
	dataDir = mkdtempSync( join( tmpdir(), 'docent-crash-' ) );
	provider = await startSimulatedProvider();
} );

afterEach( async () => {
	for ( const child of children.splice( 0 ) ) {
		child.kill( 'SIGKILL' );
	}
	await provider.close();
	rmSync( dataDir, { recursive: true, force: true } );
} );

/** Runs the proxy as its own process, as an operator does. */
async function run( env: Record< string, string > = {} ) {
	const child = spawn( process.execPath, [ MAIN ], {
		env: {
			PORT: '0',
			DOCENT_DATA_DIR: dataDir,
			DOCENT_SITE_ID: SITE_ID,
			DOCENT_SITE_SECRET: SITE_SECRET,
			DOCENT_SITE_ORIGINS: SITE_ORIGIN,
			OPENAI_API_KEY: 'test-key',
			OPENAI_BASE_URL: provider.baseUrl,
			...env,
		},
		stdio: [ 'ignore', 'pipe', 'pipe' ],
	} );
	children.push( child );
	let output = '';
	child.stderr?.on( 'data', ( data ) => ( output += data ) );
	const port = await new Promise< number | undefined >( ( resolve ) => {
		child.stdout?.on( 'data', ( data ) => {
			const ready = /"port":(\d+)/.exec( String( data ) );
			if ( ready ) {
				resolve( Number( ready[ 1 ] ) );
			}
		} );
		child.once( 'exit', () => resolve( undefined ) );
	} );
	return { child, url: `http://127.0.0.1:${ port }`, output: () => output };
}

async function ask( url: string ) {
	const body = JSON.stringify( { documents: SHOP } );
	await fetch( `${ url }/v1/site/documents`, {
		method: 'PUT',
		headers: signRequest( 'PUT', '/v1/site/documents', body ),
		body,
	} );
	return fetch( `${ url }/v1/ask`, {
		method: 'POST',
		headers: {
			'Content-Type': 'application/json',
			Authorization: `Bearer ${ mintToken() }`,
			Origin: SITE_ORIGIN,
		},
		body: JSON.stringify( { question: 'How much is shipping?' } ),
	} );
}

describe( 'a proxy that is killed in mid-answer', () => {
	it( 'has the money still held at its next start, and spent once the reservation has run out', async () => {
		provider.setDefault( {
			chunks: Array.from(
				{ length: 200 },
				( _, index ) => `word${ index } `
			),
			chunkDelayMs: 10,
		} );
		const { child, url } = await run();
		const reader = readEvents( await ask( url ) );
		for ( let index = 0; index < 5; index++ ) {
			await reader.next();
		}
		child.kill( 'SIGKILL' );
		await once( child, 'exit' );

		let now = Date.now();
		const after = await startProxy( { dataDir, clock: () => now } );
		await after.services.tidy();
		const report = async () => {
			const { limits } = await after.services.sites.settings( SITE_ID );
			return ( await after.services.ledger.report( SITE_ID, limits ) )
				.month;
		};
		const held = await report();
		expect( held.heldNanoUsd ).toBeGreaterThanOrEqual(
			provider.bill.totalNanoUsd
		);
		expect( held.spentNanoUsd ).toBe( 0 );
		now += 11 * 60_000;
		await after.services.tidy();
		expect( await report() ).toMatchObject( {
			heldNanoUsd: 0,
			spentNanoUsd: held.heldNanoUsd,
		} );
		await after.close( { keepData: true } );
	} );
} );

describe( 'a proxy that is told to stop', () => {
	it( 'lets the running answer end, then leaves with code 0', async () => {
		provider.setDefault( {
			chunks: Array.from(
				{ length: 30 },
				( _, index ) => `word${ index } `
			),
			chunkDelayMs: 10,
		} );
		const { child, url } = await run();
		const response = await ask( url );
		const events = [];
		for await ( const event of readEvents( response ) ) {
			events.push( event.event );
			if ( events.length === 3 ) {
				child.kill( 'SIGTERM' );
			}
		}
		expect( events.at( -1 ) ).toBe( 'done' );
		const [ code ] = await once( child, 'exit' );
		expect( code ).toBe( 0 );
	} );
} );

describe( 'the log of a proxy', () => {
	it( 'holds neither key nor secret nor token nor what was asked, even when it tells everything', async () => {
		// A real provider quotes a part of the key it refuses.
		provider.setDefault( {
			kind: 'refusal',
			status: 401,
			error: {
				message:
					'Incorrect API key provided: test-key. You asked: How much is shipping?',
				type: 'invalid_request_error',
				code: 'invalid_api_key',
			},
		} );
		const { child, url } = await run( { LOG_LEVEL: 'trace' } );
		let log = '';
		child.stdout?.on( 'data', ( data ) => ( log += data ) );
		await ( await ask( url ) ).text();
		await fetch( `${ url }/v1/ask`, {
			method: 'POST',
			headers: { Authorization: 'Bearer forged.token.value' },
		} );
		child.kill( 'SIGTERM' );
		await once( child, 'exit' );
		expect( log ).toContain( 'a model did not answer' );
		expect( log ).toContain( 'invalid_api_key' );
		for ( const secret of [
			SITE_SECRET,
			'test-key',
			'Bearer',
			'forged.token',
			'How much is shipping',
		] ) {
			expect( log ).not.toContain( secret );
		}
	} );
} );

describe( 'a proxy that cannot start', () => {
	it( 'says what is wrong and what to do, when its data folder cannot be made', async () => {
		const { child, output } = await run( {
			DOCENT_DATA_DIR: join( MAIN, 'data' ),
		} );
		expect( child.exitCode ).toBe( 1 );
		expect( output() ).toContain( 'DOCENT_DATA_DIR' );
	} );

	it( 'says so when its port is taken', async () => {
		const first = await run();
		const { child, output } = await run( {
			PORT: new URL( first.url ).port,
		} );
		expect( child.exitCode ).toBe( 1 );
		expect( output() ).toContain( 'Set PORT' );
	} );
} );

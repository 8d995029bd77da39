/**
 * Thousands of questions to one process: it keeps what it must for a while and no more (T30).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mintToken } from '../../support/proxy/credentials.ts';
import { SHOP } from '../../support/proxy/shop.ts';
import {
	startSimulatedProvider,
	type SimulatedProvider,
} from '../../support/simulated-provider/index.ts';
import { runProxy, type RunningProxy } from '../money/proxies.ts';
import { moneyLimits, PATIENT } from './stage.ts';

/** Fills what has a bound: ended turns, statements, buffers, pages of the file. */
const WARM_UP_ASKS = 1_500;
const MEASURED_ASKS = 1_500;
const AT_ONCE = 10;

/** Few enough that all of them are known before anything is measured. */
const VISITORS = Array.from( { length: 200 }, () => mintToken() );

/**
 * The most that one ask may leave behind once garbage was collected, in kilobytes: of the heap, which tells a leak exactly (with
 * turns that are never let go it is more than one), and of resident memory, which also sees what is outside of the heap, with the room that the allocator
 * keeps for later.
 */
const HEAP_KB_PER_ASK = 0.5;
const RESIDENT_KB_PER_ASK = 6;

/** The proxy collects its garbage after three quiet seconds; by then it has. */
const QUIET_MS = 5_500;

let provider: SimulatedProvider;
let proxy: RunningProxy;
let dataDir: string;

beforeEach( async () => {
	dataDir = mkdtempSync( join( tmpdir(), 'docent-memory-' ) );
	provider = await startSimulatedProvider( { fast: { chunks: 8 } } );
	proxy = await runProxy( { dataDir, providerUrl: provider.baseUrl } );
	await proxy.site( 'PUT', '/v1/site/documents', { documents: SHOP } );
	await proxy.site( 'PUT', '/v1/site/settings', {
		limits: moneyLimits( 1_000_000_000_000 ),
		rateLimits: PATIENT,
	} );
} );
afterEach( async () => {
	await proxy.end();
	await provider.close();
	rmSync( dataDir, { recursive: true, force: true } );
} );

/** Mostly something new, sometimes what was asked before or what nobody can answer. */
function questionOf( number: number ): string {
	switch ( number % 10 ) {
		case 7:
			return 'How much is shipping?';
		case 8:
			return `Do you sell submarines to pirate ${ number }?`;
		default:
			return `How much is shipping? ${ number }`;
	}
}

/** Asks as visitors do: some leave at once. */
async function ask( number: number ): Promise< void > {
	const response = await proxy.ask(
		questionOf( number ),
		VISITORS[ number % VISITORS.length ]
	);
	expect( response.status ).toBe( 200 );
	if ( number % 10 === 9 ) {
		await response.body?.cancel();
	} else {
		const events = await response.text();
		if ( number % 10 < 7 ) {
			expect( events ).toContain( '"finishReason":"stop"' );
		}
	}
}

async function askAll( first: number, count: number ): Promise< void > {
	let next = first;
	await Promise.all(
		Array.from( { length: AT_ONCE }, async () => {
			while ( next < first + count ) {
				await ask( next++ );
			}
		} )
	);
}

/** Reads the memory of the proxy once it has come to rest, in kilobytes. */
async function memoryAtRest(): Promise< { heap: number; resident: number } > {
	await delay( QUIET_MS );
	const figures = await ( await fetch( `${ proxy.url }/metrics` ) ).text();
	const read = ( name: string ) =>
		Number(
			new RegExp( `^docent_process_${ name }_bytes (\\S+)$`, 'm' ).exec(
				figures
			)?.[ 1 ]
		) / 1_024;
	return { heap: read( 'heap_used' ), resident: read( 'resident_memory' ) };
}

describe( 'T30: a proxy that was asked thousands of questions', () => {
	it( `keeps at most ${ HEAP_KB_PER_ASK } KB of heap and ${ RESIDENT_KB_PER_ASK } KB of memory for each of the last ${ MEASURED_ASKS } once it is at rest`, async () => {
		await askAll( 0, WARM_UP_ASKS );
		const before = await memoryAtRest();
		await askAll( WARM_UP_ASKS, MEASURED_ASKS );
		const after = await memoryAtRest();
		const perAsk = ( kind: 'heap' | 'resident' ) =>
			( after[ kind ] - before[ kind ] ) / MEASURED_ASKS;
		expect( perAsk( 'heap' ) ).toBeLessThan( HEAP_KB_PER_ASK );
		expect( perAsk( 'resident' ) ).toBeLessThan( RESIDENT_KB_PER_ASK );
	}, 120_000 );
} );

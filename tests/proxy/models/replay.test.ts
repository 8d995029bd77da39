import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Replayed } from '../../../proxy/src/models/replay.ts';
import { startStage, type Stage } from '../ask/routing-stage.ts';

const run = promisify( execFile );

const EASY = 'How much is shipping?';
const HARD =
	'What is the difference between shipping costs to Germany and delivery to Austria if my order is above 80 euros?';

let stage: Stage;
let folder: string;
let sources: Record< 'folder' | 'csv' | 'json' | 'lines', string >;

/** Asks ten easy questions (one of them is passed up) and three hard ones, as a site's visitors would. */
beforeAll( async () => {
	let now = Date.now();
	stage = await startStage( {
		clock: () => now,
		settings: { limits: { siteDayNanoUsd: 30_000_000 } },
	} );
	const ask = async ( question: string ) => {
		await stage.ask( question );
		// So that the next one knows what this one has spent.
		now += 1_000;
	};
	folder = await mkdtemp( join( tmpdir(), 'docent-replay-' ) );
	stage.provider.script( { text: '[[pass-up]]' } );
	for ( let index = 0; index < 10; index++ ) {
		await ask( EASY );
	}
	for ( let index = 0; index < 3; index++ ) {
		await ask( HARD );
	}
	const get = async ( path: string ) =>
		( await stage.proxy.site( 'GET', path ) ).text();
	const page = await get( '/v1/site/calls?limit=100' );
	sources = {
		folder: stage.proxy.dataDir,
		csv: join( folder, 'calls.csv' ),
		json: join( folder, 'calls.json' ),
		lines: join( folder, 'calls.jsonl' ),
	};
	await writeFile( sources.csv, await get( '/v1/site/calls?format=csv' ) );
	await writeFile( sources.json, page );
	await writeFile(
		sources.lines,
		( JSON.parse( page ).calls as unknown[] )
			.reverse()
			.map( ( call ) => JSON.stringify( call ) )
			.join( '\n' )
	);
} );

afterAll( async () => {
	await stage.close();
	await rm( folder, { recursive: true, force: true } );
} );

async function replay(
	source: keyof typeof sources,
	settings?: object,
	...more: string[]
): Promise< Replayed > {
	const args = [
		'proxy/src/replay-routing.ts',
		sources[ source ],
		'--json',
		...more,
	];
	if ( settings ) {
		const file = join( folder, 'settings.json' );
		await writeFile( file, JSON.stringify( settings ) );
		args.push( '--settings', file );
	}
	return JSON.parse( ( await run( process.execPath, args ) ).stdout );
}

const costOf = ( sums: Replayed[ 'before' ] ) =>
	Object.values( sums ).reduce(
		( sum, { costNanoUsd } ) => sum + costNanoUsd,
		0
	);

describe( 'a replay with the same settings', () => {
	it.each( [ 'folder', 'csv', 'json', 'lines' ] as const )(
		'from %s comes to the same tiers and to the provider’s bill, to the nano-dollar',
		async ( source ) => {
			const { questions, leftOut, moved, before, after } =
				await replay( source );
			expect( { questions, leftOut, moved } ).toEqual( {
				questions: 13,
				leftOut: 0,
				moved: 0,
			} );
			expect( before ).toMatchObject( {
				economy: { questions: 9 },
				standard: { questions: 4 },
			} );
			expect( after ).toEqual( before );
			expect( costOf( before ) ).toBe( stage.provider.bill.totalNanoUsd );
		}
	);
} );

describe( 'a replay with other settings', () => {
	it( 'that allow the cheapest tier alone costs less, and says what nobody can know', async () => {
		const result = await replay( 'folder', {
			routing: { maxTier: 'economy' },
		} );
		expect( result.after ).toMatchObject( {
			economy: { questions: 13 },
			standard: { questions: 0 },
		} );
		expect( result.moved ).toBe( 4 );
		expect( result.lowered ).toBe( 4 );
		expect( costOf( result.after ) ).toBeLessThan(
			costOf( result.before )
		);
	} );

	it( 'that allow the best tier alone costs more', async () => {
		const result = await replay( 'csv', {
			routing: { tiers: [ 'premium' ] },
		} );
		expect( result.after.premium.questions ).toBe( 13 );
		expect( result.reasonsAfter ).toEqual( { modality: 10, difficult: 3 } );
		expect( costOf( result.after ) ).toBeGreaterThan(
			costOf( result.before )
		);
	} );

	it( 'without pass-ups leaves the question with the cheap tier', async () => {
		const result = await replay( 'json', { routing: { passUp: false } } );
		expect( result.after.economy.questions ).toBe( 10 );
	} );

	it( 'with a soft limit of nothing puts every question into economy mode, but the first, before which nothing was spent', async () => {
		const result = await replay( 'lines', { limits: { softShare: 0 } } );
		expect( result.reasonsAfter ).toEqual( {
			passed_up: 1,
			economy_mode: 12,
		} );
	} );

	it( 'that leave no tier says so', async () => {
		const result = await replay( 'folder', {
			routing: { tiers: [ 'premium' ], maxTier: 'economy' },
		} );
		expect( result.withoutTier ).toBe( 13 );
	} );

	it( 'with other prices costs what those say', async () => {
		const file = join( folder, 'models.json' );
		await writeFile(
			file,
			JSON.stringify( { tiers: { economy: [ 'gpt-5.6-luna' ] } } )
		);
		const result = await replay( 'folder', undefined, '--models', file );
		expect( result.moved ).toBe( 0 );
		expect( result.after.economy.costNanoUsd ).toBeGreaterThan(
			result.before.economy.costNanoUsd
		);
	} );
} );

describe( 'the command', () => {
	it( 'prints a table for people', async () => {
		const { stdout } = await run( process.execPath, [
			'proxy/src/replay-routing.ts',
			sources.folder,
		] );
		expect( stdout ).toMatch( /^13 questions were routed again\.$/m );
		expect( stdout ).toMatch(
			/^economy +9 +69\.2 % +\$0\.\d{6} +9 +69\.2 % +\$0\.\d{6}$/m
		);
		expect( stdout ).toMatch( /^total +13 /m );
		expect( stdout ).toMatch( /^Cost: 0\.0 %\./m );
	} );

	it.each( [
		[ 'nothing', [], /Say which calls to replay/ ],
		[ 'a file that is not there', [ '/nowhere' ], /ENOENT/ ],
		[ 'a folder without data', [ tmpdir() ], /There is no/ ],
		[
			'settings that mean nothing',
			[ '.', '--settings', 'bad.json' ],
			/routing\.maxTier/,
		],
	] as Array< [ string, string[], RegExp ] > )(
		'says what is wrong with %s, and leaves with 1',
		async ( _, args, message ) => {
			await writeFile(
				join( folder, 'bad.json' ),
				JSON.stringify( { routing: { maxTier: 'best' } } )
			);
			const failure = await run( process.execPath, [
				'proxy/src/replay-routing.ts',
				...args.map( ( arg ) =>
					arg
						.replace( /^\.$/, sources.folder )
						.replace( 'bad.json', join( folder, 'bad.json' ) )
				),
			] ).catch( ( error: { code: number; stderr: string } ) => error );
			expect( failure ).toMatchObject( { code: 1 } );
			expect( failure.stderr ).toMatch( message );
			expect( failure.stderr ).not.toMatch( /at .*\.ts:\d/ );
		}
	);
} );

import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import {
	createEstimateCheck,
	createThreadCounter,
	type ThreadCounter,
} from '../../../proxy/src/ledger/estimate-check.ts';
import { loadTokenCounter } from '../../../proxy/src/ledger/estimate.ts';
import { loadCatalog } from '../../../proxy/src/models/catalog.ts';
import { createHandClock } from '../../support/clock.ts';

const catalog = loadCatalog( undefined );
const [ luna ] = catalog.targets( 'economy' );
const [ terra ] = catalog.targets( 'standard' );
if ( ! luna || ! terra ) {
	throw new Error( 'the shipped catalog has no models' );
}

const PROSE = [
	{
		role: 'system',
		content:
			'You may return your order within thirty days of delivery, unused and in its packaging. '.repeat(
				40
			),
	},
	{ role: 'user', content: 'How do I return a boot?' },
];
const DIGITS = [
	{ role: 'user', content: '0 1 2 3 4 5 6 7 8 9 '.repeat( 200 ) },
];
const truthOf = async ( messages: typeof PROSE ) =>
	( await loadTokenCounter() ).chat( messages );

const closers: Array< () => Promise< void > > = [];
afterEach( async () => {
	for ( const close of closers.splice( 0 ) ) {
		await close();
	}
} );

/** A check that notes what it logs and how often it counts. */
function watchedCheck( {
	thread = createThreadCounter(),
}: { thread?: ThreadCounter } = {} ) {
	const clock = createHandClock();
	const logged: object[] = [];
	let counts = 0;
	const check = createEstimateCheck( {
		log: { warn: ( fields: object ) => logged.push( fields ) },
		clock,
		countTokens: {
			count( messages ) {
				counts += 1;
				return thread.count( messages );
			},
			close: () => thread.close(),
		},
	} );
	closers.push( () => check.close() );
	return { check, clock, logged, counts: () => counts };
}

describe( 'the check of estimates', () => {
	it( 'logs a call that was billed ten times its estimate, and leaves the tokenizer alone for those in order', async () => {
		const { check, logged, counts } = watchedCheck();
		const truth = await truthOf( PROSE );
		const at = ( textIn: number ) =>
			check.check( { model: luna, messages: PROSE, usage: { textIn } } );

		expect( await at( truth ) ).toBeUndefined();
		expect( await at( Math.round( truth * 1.6 ) ) ).toBeUndefined();
		expect( counts() ).toBe( 0 );

		expect( await at( truth * 10 ) ).toEqual( {
			estimatedTokens: truth,
			reportedTokens: truth * 10,
			factor: 10,
		} );
		expect( counts() ).toBe( 1 );
		expect( logged ).toEqual( [
			{
				model: luna.id,
				estimatedTokens: truth,
				reportedTokens: truth * 10,
				factor: 10,
			},
		] );
	} );

	it( 'logs a call that was billed at less than half', async () => {
		const { check } = watchedCheck();
		const truth = await truthOf( PROSE );
		const drift = await check.check( {
			model: luna,
			messages: PROSE,
			usage: { textIn: Math.floor( truth / 4 ) },
		} );
		expect( drift?.factor ).toBeCloseTo( 0.25, 2 );
	} );

	it( 'says nothing about a text that only its length makes suspicious', async () => {
		const { check, logged, counts } = watchedCheck();
		const textIn = await truthOf( DIGITS );
		expect(
			await check.check( {
				model: luna,
				messages: DIGITS,
				usage: { textIn },
			} )
		).toBeUndefined();
		expect( counts() ).toBe( 1 );
		expect( logged ).toEqual( [] );
	} );

	it( 'says it once a minute for each model', async () => {
		const { check, clock, logged, counts } = watchedCheck();
		const usage = { textIn: 50_000 };
		const far = ( model: typeof luna ) =>
			check.check( { model, messages: PROSE, usage } );
		await Promise.all( [ far( luna ), far( luna ), far( terra ) ] );
		expect( logged ).toHaveLength( 2 );
		await clock.advance( 59_999 );
		await far( luna );
		expect( counts() ).toBe( 2 );
		await clock.advance( 1 );
		await far( luna );
		expect( logged ).toHaveLength( 3 );
	} );

	it( 'adds pictures: a billed photo is no surprise, and one billed as text is', async () => {
		const { check } = watchedCheck();
		const truth = await truthOf( PROSE );
		const photo = { width: 4_032, height: 3_024, detail: 'high' } as const;
		const call = { model: luna, messages: PROSE, images: [ photo ] };
		expect(
			await check.check( {
				...call,
				usage: { textIn: truth, imageIn: 2_942 },
			} )
		).toBeUndefined();
		expect(
			( await check.check( { ...call, usage: { textIn: 66_000 } } ) )
				?.factor
		).toBeGreaterThan( 10 );
	} );

	it( 'survives a thread that cannot count', async () => {
		const { check, logged } = watchedCheck( {
			thread: {
				count: () => Promise.reject( new Error( 'no such package' ) ),
				close: async () => {},
			},
		} );
		expect(
			await check.check( {
				model: luna,
				messages: PROSE,
				usage: { textIn: 50_000 },
			} )
		).toBeUndefined();
		expect( logged ).toHaveLength( 1 );
	} );
} );

describe( 'the thread that counts', () => {
	it( 'counts as the tokenizer does, ends when nobody asks, and begins anew', async () => {
		const begun = once( process, 'worker' ) as Promise< [ Worker ] >;
		const thread = createThreadCounter( 1 );
		closers.push( () => thread.close() );
		const truth = await truthOf( PROSE );
		expect(
			await Promise.all( [
				thread.count( PROSE ),
				thread.count( DIGITS ),
			] )
		).toEqual( [ truth, await truthOf( DIGITS ) ] );
		const [ worker ] = await begun;
		await once( worker, 'exit' );
		expect( await thread.count( PROSE ) ).toBe( truth );
	} );

	it( 'tells those who wait when it is ended', async () => {
		const thread = createThreadCounter();
		const waiting = thread.count( PROSE );
		const told = expect( waiting ).rejects.toThrow( /has ended/ );
		await thread.close();
		await told;
	} );
} );

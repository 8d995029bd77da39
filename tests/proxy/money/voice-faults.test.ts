import fc from 'fast-check';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SITE_ID } from '../../support/proxy/credentials.ts';
import { startProxy, type TestProxy } from '../../support/proxy/start-proxy.ts';
import {
	faults,
	startSimulatedProvider,
	type Behaviour,
	type SimulatedProvider,
} from '../../support/simulated-provider/index.ts';
import { limitsOf, openShop, say, speaker, writeRoles } from './spoken.ts';

let now: number;
let folder: string;
let proxy: TestProxy;
let provider: SimulatedProvider;

beforeEach( async () => {
	now = Date.now();
	folder = await mkdtemp( join( tmpdir(), 'docent-voice-faults-' ) );
	provider = await startSimulatedProvider( { hasRealSpeech: false } );
} );

afterEach( async () => {
	await proxy.close();
	await provider.close();
	await rm( folder, { recursive: true, force: true } );
} );

const pieces = fc.integer( { min: 0, max: 12 } );

/** What a provider may do to any call. None of it reports less than it bills. */
const fault: fc.Arbitrary< Behaviour > = fc.oneof(
	{ weight: 5, arbitrary: fc.constant< Behaviour >( {} ) },
	fc
		.tuple( pieces, fc.constantFrom( 'end', 'close', 'reset' ) )
		.map( ( [ after, how ] ) => faults.cutAfter( after, how ) ),
	pieces.map( ( after ) => faults.stall( after ) ),
	pieces.map( ( after ) => faults.stall( after, 40 ) ),
	pieces.map( ( after ) => faults.garbageStream( after ) ),
	fc.constantFrom< Behaviour >(
		faults.wrongUsage( null ),
		faults.rateLimited(),
		faults.serverError(),
		faults.overloaded(),
		faults.garbageBody(),
		faults.emptyStream(),
		faults.silence(),
		faults.reset()
	)
);

/** What happens to the four kinds of calls of which a spoken answer is made. Calls in sessions know no refusals. */
const troubles = fc
	.record( { hearing: fault, writing: fault, speech: fault, inCall: fault } )
	.map( ( { hearing, writing, speech, inCall } ): Behaviour[] => [
		{
			text: 'How much is shipping?',
			...hearing,
			for: 'transcription',
		} as Behaviour,
		writing,
		{ ...speech, for: 'speech' } as Behaviour,
		...( inCall.kind === undefined
			? [ { ...inCall, for: 'answer' } as Behaviour ]
			: [] ),
	] );

/** A visitor: listens to the end, or hangs up after so many bytes of events. */
const visitor = fc.option(
	fc.oneof(
		fc.integer( { min: 0, max: 2_000 } ),
		fc.integer( { min: 0, max: 150_000 } )
	),
	{ nil: undefined }
);

/** Asks aloud, and perhaps hangs up. */
async function ask( hangUpAfterBytes: number | undefined ) {
	const hangUp = new AbortController();
	const iat = Math.floor( now / 1_000 );
	try {
		const response = await say( proxy, {
			token: speaker( { iat, exp: iat + 900 } ),
			signal: hangUp.signal,
		} );
		let bytes = 0;
		for await ( const part of response.body ?? [] ) {
			bytes += part.length;
			if ( hangUpAfterBytes !== undefined && bytes >= hangUpAfterBytes ) {
				hangUp.abort();
			}
		}
	} catch ( error ) {
		if ( ! hangUp.signal.aborted ) {
			throw error;
		}
	}
}

describe( 'whatever a provider does to spoken questions and whenever a visitor leaves', () => {
	it.each( [
		[ 'the speech route', 'gpt-4o-mini-tts', {}, 40_000_000 ],
		[ 'a realtime model', 'gpt-realtime-2.1-mini', {}, 40_000_000 ],
		[
			'an audio chat model',
			'gpt-4o-mini-tts',
			{ expressive: true },
			800_000_000,
		],
	] )(
		'the bill stays below the limit, nothing stays held, and the book never says less than the bill; spoken by %s',
		// Little enough that the later calls of a run find the limit near.
		async ( _, speech, voice, limit ) => {
			proxy = await startProxy( {
				providerUrl: provider.baseUrl,
				env: {
					DOCENT_MODELS_FILE: writeRoles( folder, { speech } ),
				},
				silenceMs: 120,
				graceMs: 10,
				clock: () => now,
				random: () => 0,
			} );
			await openShop( proxy, { ...limitsOf( limit ), voice } );
			let count = 0;
			await fc.assert(
				fc.asyncProperty(
					fc.array( fc.tuple( troubles, visitor ), {
						minLength: 1,
						maxLength: 5,
					} ),
					async ( calls ) => {
						provider.setDefault( {
							for: 'transcription',
							text: 'How much is shipping?',
						} );
						provider.setDefault( {
							text: () =>
								`Shipping costs 4.90 euros. Visitor ${ ++count } was told so in some more words than needed.`,
						} );
						provider.script(
							...calls.flatMap( ( [ one ] ) => one )
						);
						await Promise.all(
							calls.map( ( [ , bytes ] ) => ask( bytes ) )
						);
						await vi.waitFor(
							() =>
								expect( proxy.services.turns.count ).toBe( 0 ),
							{ timeout: 20_000 }
						);
						// A provider that failed is left alone for some minutes; here these go by at once.
						now += 6 * 60_000;
					}
				),
				{ numRuns: 20, endOnFailure: true }
			);

			const { ledger } = proxy.services.stores;
			const { limits } = await proxy.services.sites.settings( SITE_ID );
			const { month } = await proxy.services.ledger.report(
				SITE_ID,
				limits
			);
			const { totalNanoUsd, entries } = provider.bill;
			expect( totalNanoUsd ).toBeGreaterThan( 0 );
			expect( totalNanoUsd ).toBeLessThanOrEqual( limit );
			expect( month.heldNanoUsd ).toBe( 0 );
			expect( await ledger.check() ).toMatchObject( {
				openReservations: 0,
				problems: [],
			} );
			const book = await ledger.entries( SITE_ID, 10_000 );
			const bill = entries.map( ( entry ) => entry.costNanoUsd );
			let reported = 0;
			// Wherever usage was reported, the book says what the bill says.
			for ( const entry of book ) {
				if ( entry.kind === 'settle' && ! entry.isEstimated ) {
					const index = bill.indexOf( entry.amounts.nanoUsd );
					expect( [ index >= 0, entry ] ).toEqual( [ true, entry ] );
					bill.splice( index, 1 );
					reported++;
				}
			}
			expect( month.spentNanoUsd ).toBeGreaterThanOrEqual( totalNanoUsd );
			expect( reported ).toBeGreaterThan( 10 );
			process.stdout.write(
				`spoken by ${ speech } ${ JSON.stringify( voice ) }: ${ entries.length } calls billed ${ totalNanoUsd }, booked ${ month.spentNanoUsd }, ${ reported } reported\n`
			);
		},
		120_000
	);
} );

describe( 'a visitor who leaves while an audio chat model speaks', () => {
	it.each( [ 1, 30_000, 200_000, 600_000 ] )(
		'after %i bytes costs no less in the book than the provider made by then, however fast it makes it',
		async ( hangUpAfterBytes ) => {
			proxy = await startProxy( {
				providerUrl: provider.baseUrl,
				graceMs: 0,
			} );
			await openShop( proxy, {
				...limitsOf( 1e12 ),
				voice: { expressive: true },
			} );
			provider.setDefault( {
				for: 'transcription',
				text: 'How much is shipping?',
			} );
			provider.setDefault( {
				text: 'Shipping costs 4.90 euros, as it always did. '.repeat(
					20
				),
			} );
			await ask( hangUpAfterBytes );
			await vi.waitFor(
				() => expect( proxy.services.turns.count ).toBe( 0 ),
				{ timeout: 20_000 }
			);
			const { limits } = await proxy.services.sites.settings( SITE_ID );
			const { day } = await proxy.services.ledger.report(
				SITE_ID,
				limits
			);
			expect( day.heldNanoUsd ).toBe( 0 );
			expect( day.spentNanoUsd ).toBeGreaterThanOrEqual(
				provider.bill.totalNanoUsd
			);
		}
	);
} );

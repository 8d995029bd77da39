/**
 * Says what every ledger store must do when several processes use it at once, and when they are killed.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { LedgerStore } from '../../../proxy/src/stores/ledger-store.ts';
import {
	reserveOf,
	SHARED,
	SITE_DAY_LIMIT,
	type Line,
	type OpenLedger,
} from './ledger-worker.ts';

const WORKER = fileURLToPath(
	new URL( './ledger-worker.ts', import.meta.url )
);

/** More than any run writes. */
const WHOLE_BOOK = 1_000_000;

interface Place {
	/** URL of a module that exports `openLedger`. */
	opener: string;
	/** Makes an empty place for a ledger, and returns what `openLedger` takes. */
	makeLocation(): Promise< string >;
}

/** Describes the contract for a store that processes open by themselves. */
export function describeLedgerProcesses(
	name: string,
	{ opener, makeLocation }: Place
): void {
	const workers: ChildProcess[] = [];
	afterEach( () => {
		for ( const worker of workers.splice( 0 ) ) {
			worker.kill( 'SIGKILL' );
		}
	} );

	/** Starts a process; `lines` grows as it tells. */
	const start = async ( location: string, seed: number, steps: string ) => {
		const worker = spawn(
			process.execPath,
			[ WORKER, opener, location, String( seed ), steps ],
			{ stdio: [ 'pipe', 'pipe', 'inherit' ] }
		);
		workers.push( worker );
		const lines: Line[] = [];
		const reader = createInterface( { input: worker.stdout } );
		reader.on( 'line', ( line ) => {
			// The last line of a killed process may be cut.
			if ( line.endsWith( '}' ) ) {
				lines.push( JSON.parse( line ) as Line );
			}
		} );
		const ended = Promise.all( [
			once( worker, 'exit' ),
			once( reader, 'close' ),
		] );
		await once( reader, 'line' );
		return { worker, lines, reader, ended };
	};

	const read = async < T >(
		location: string,
		work: ( store: LedgerStore ) => Promise< T >
	): Promise< T > => {
		const { openLedger } = ( await import( opener ) ) as {
			openLedger: OpenLedger;
		};
		const { store, close } = await openLedger( location );
		try {
			return await work( store );
		} finally {
			await close();
		}
	};

	describe( `several processes on one ledger in ${ name }`, () => {
		it( 'never spend above a limit, never resolve twice, and leave a book that agrees with everything they were told', async () => {
			await fc.assert(
				fc.asyncProperty(
					fc.array( fc.integer( { min: 1, max: 1_000_000 } ), {
						minLength: 4,
						maxLength: 4,
					} ),
					async ( seeds ) => {
						const location = await makeLocation();
						const crew = await Promise.all(
							seeds.map( ( seed ) =>
								start( location, seed, '400' )
							)
						);
						for ( const { worker } of crew ) {
							worker.stdin?.write( 'go' );
						}
						await Promise.all( crew.map( ( { ended } ) => ended ) );
						const lines = crew.flatMap( ( one ) => one.lines );
						await read( location, ( store ) =>
							expectAgreement( store, lines )
						);
					}
				),
				{ numRuns: 3, endOnFailure: true }
			);
		}, 60_000 );

		it( 'lose nothing that was billed when they are killed at any moment: after a restart it is spent or held, and it adds up', async () => {
			const location = await makeLocation();
			const lines: Line[] = [];
			for ( let round = 1; round <= 5; round++ ) {
				const crew = await Promise.all(
					[ 1, 2 ].map( ( one ) =>
						start( location, round * 10 + one, 'forever' )
					)
				);
				for ( const { worker } of crew ) {
					worker.stdin?.write( 'go' );
				}
				for ( const { worker, lines: told, reader, ended } of crew ) {
					// A prime number of lines, so that the kill falls on another step each time.
					while ( told.length < 97 * round ) {
						await once( reader, 'line' );
					}
					worker.kill( 'SIGKILL' );
					await ended;
					lines.push( ...told );
				}
				await read( location, async ( store ) => {
					expect( ( await store.check() ).problems ).toEqual( [] );
				} );
			}
			await read( location, ( store ) =>
				expectNothingLost( store, lines )
			);
		}, 60_000 );
	} );
}

const acknowledged = ( lines: Line[], kind: string, outcome: string ) =>
	lines.flatMap( ( line ) =>
		line.kind === kind && 'outcome' in line && line.outcome === outcome
			? [ line ]
			: []
	);

/** Holds what processes were told against the book, entry by entry. */
async function expectAgreement( store: LedgerStore, lines: Line[] ) {
	expect(
		lines.filter( ( { kind } ) => kind === 'error' || kind === 'over' )
	).toEqual( [] );
	const book = await store.entries( 'shop', WHOLE_BOOK );
	const inBook = ( ...kinds: string[] ) =>
		book
			.filter( ( { kind } ) => kinds.includes( kind ) )
			.map( ( { reservationId } ) => reservationId )
			.sort();
	const told = ( kinds: string[], outcome: string ) =>
		kinds
			.flatMap( ( kind ) => acknowledged( lines, kind, outcome ) )
			.map( ( line ) => ( 'id' in line ? line.id : '' ) )
			.sort();

	expect( inBook( 'reserve' ) ).toEqual( told( [ 'reserve' ], 'reserved' ) );
	expect( new Set( inBook( 'reserve' ) ).size ).toBe(
		inBook( 'reserve' ).length
	);
	expect( inBook( 'settle' ) ).toEqual( told( [ 'settle' ], 'resolved' ) );
	expect( inBook( 'release' ) ).toEqual( told( [ 'release' ], 'resolved' ) );
	expect( inBook( 'reconcile' ) ).toEqual(
		told( [ 'settle', 'release' ], 'reconciled' )
	);
	expect( inBook( 'expire' ) ).toHaveLength(
		lines.reduce(
			( sum, line ) => sum + ( line.kind === 'expire' ? line.count : 0 ),
			0
		)
	);
	const ends = inBook( 'settle', 'release', 'expire' );
	expect( new Set( ends ).size ).toBe( ends.length );
	// The run met every kind of step, or it showed nothing.
	expect( ends.length ).toBeGreaterThan( SHARED / 4 );
	expect( acknowledged( lines, 'reserve', 'duplicate' ) ).not.toEqual( [] );
	expect( acknowledged( lines, 'reserve', 'refused' ) ).not.toEqual( [] );

	const check = await store.check();
	expect( check.problems ).toEqual( [] );
	expect( check.openReservations ).toBe(
		inBook( 'reserve' ).length - ends.length
	);
	await store.expire( 1e12 );
	const keys = new Set( book.flatMap( ( { windowKeys } ) => windowKeys ) );
	for ( const key of keys ) {
		const { spent, held } = await store.balance( key );
		expect( held ).toBe( 0 );
		if ( key.startsWith( 'day:' ) ) {
			expect( spent ).toBeLessThanOrEqual( SITE_DAY_LIMIT );
			expect( spent ).toBe( spentIn( key, lines, book ) );
		}
	}
}

/** Adds up what a window spent: what each of its reservations was told to cost, or all it held where nobody told. */
function spentIn(
	key: string,
	lines: Line[],
	book: Array< { kind: string; reservationId: string; windowKeys: string[] } >
): number {
	const costs = new Map< string, number >();
	for ( const line of lines ) {
		const isEnd =
			( line.kind === 'settle' || line.kind === 'release' ) &&
			line.outcome !== 'ignored';
		if ( isEnd ) {
			costs.set(
				line.id,
				line.kind === 'settle' ? line.amounts.nanoUsd : 0
			);
		}
	}
	return book
		.filter(
			( { kind, windowKeys } ) =>
				kind === 'reserve' && windowKeys.includes( key )
		)
		.reduce(
			( sum, { reservationId } ) =>
				sum +
				( costs.get( reservationId ) ??
					reserveOf( Number( reservationId.slice( 1 ) ) ).nanoUsd ),
			0
		);
}

/** Holds what a provider billed against the book of processes that were killed. */
async function expectNothingLost( store: LedgerStore, lines: Line[] ) {
	await store.expire( 1e12 );
	const { problems, openReservations } = await store.check();
	expect( problems ).toEqual( [] );
	expect( openReservations ).toBe( 0 );
	const book = await store.entries( 'shop', WHOLE_BOOK );
	const ends = new Map(
		book
			.filter( ( { kind } ) => kind !== 'reserve' )
			.map( ( entry ) => [ entry.reservationId, entry ] )
	);
	const reserves = new Set(
		book
			.filter( ( { kind } ) => kind === 'reserve' )
			.map( ( { reservationId } ) => reservationId )
	);
	let billed = 0;
	let exact = 0;
	for ( const line of lines ) {
		if ( line.kind === 'reserve' && line.outcome === 'reserved' ) {
			expect( reserves.has( line.id ) ).toBe( true );
		} else if ( line.kind === 'bill' ) {
			billed += line.nanoUsd;
			expect(
				ends.get( line.id )?.amounts.nanoUsd
			).toBeGreaterThanOrEqual( line.nanoUsd );
		} else if ( line.kind === 'settle' ) {
			exact++;
			expect( ends.get( line.id ) ).toMatchObject( {
				kind: 'settle',
				amounts: { nanoUsd: line.amounts.nanoUsd },
			} );
		}
	}
	expect( exact ).toBeGreaterThan( 100 );
	expect(
		[ ...ends.values() ].some( ( { kind } ) => kind === 'expire' )
	).toBe( true );
	const { spent, held } = await store.balance( 'day:0' );
	expect( held ).toBe( 0 );
	expect( spent ).toBeGreaterThanOrEqual( billed );
}

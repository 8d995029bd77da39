import { afterEach, describe, expect, it } from 'vitest';
import { StoreAwayError } from '../../../proxy/src/stores/store-away.ts';
import { startFaultProxy } from '../../support/fault-proxy/index.ts';
import { startRedis, type RedisServer } from '../../support/redis/index.ts';
import {
	openLedger,
	requestFor,
	settlementOf,
	type OpenLedger,
} from '../../support/redis/ledgers.ts';
import { until, untilItWorks } from '../../support/redis/until.ts';

const ends: Array< () => Promise< void > > = [];
afterEach( async () => {
	for ( const end of ends.splice( 0 ).reverse() ) {
		await end();
	}
} );

async function start( options?: Parameters< typeof startRedis >[ 0 ] ) {
	const server = await startRedis( options );
	ends.push( server.stop );
	return server;
}

async function open( url: string ): Promise< OpenLedger > {
	const ledger = await openLedger( url );
	ends.push( ledger.close );
	return ledger;
}

/** Asserts that a step fails because the store is away, and returns how long that took, in milliseconds. */
async function failsIn( work: Promise< unknown > ): Promise< number > {
	const startedAt = performance.now();
	await expect( work ).rejects.toBeInstanceOf( StoreAwayError );
	return performance.now() - startedAt;
}

/** Waits until nothing is held, and asserts what is spent and that the book adds up. */
async function expectAtRest( { store }: OpenLedger, spent: number ) {
	await untilItWorks( async () =>
		expect( await store.balance( 'day' ) ).toEqual( { spent, held: 0 } )
	);
	expect( await store.check() ).toMatchObject( {
		openReservations: 0,
		problems: [],
	} );
}

describe( 'spending while Redis is away', () => {
	it( 'T29: is refused within the time limit while Redis is paused, never hangs, and leaves nothing held when it goes on', async () => {
		const server = await start();
		const ledger = await open( server.url );
		const { store, connection } = ledger;
		const open1 = requestFor( 700 );
		await store.reserve( open1 );
		server.pause();
		// Nobody knows whether these two were taken: Redis reads them when it goes on.
		const waits = await Promise.all( [
			failsIn( store.reserve( requestFor( 100 ) ) ),
			failsIn( store.settle( settlementOf( open1, 50 ) ) ),
		] );
		expect( Math.max( ...waits ) ).toBeLessThan( 2_000 );
		await until( connection, 'away' );
		await new Promise( ( resolve ) => setTimeout( resolve, 300 ) );
		expect(
			await failsIn( store.reserve( requestFor( 100 ) ) )
		).toBeLessThan( 100 );
		server.resume();
		await expectAtRest( ledger, 50 );
		expect( await store.reserve( requestFor( 100 ) ) ).toEqual( {
			kind: 'reserved',
		} );
	} );

	it( 'forbids a reservation that Redis hears of after the proxy gave it up', async () => {
		const server = await start();
		const ledger = await open( server.url );
		await ledger.store.reserve( requestFor( 1 ) );
		const late = requestFor( 100 );
		server.pause();
		await failsIn( ledger.store.reserve( late ) );
		server.resume();
		await untilItWorks( async () =>
			expect( await ledger.store.balance( 'day' ) ).toEqual( {
				spent: 0,
				held: 1,
			} )
		);
		expect( await ledger.store.reserve( late ) ).toEqual( {
			kind: 'duplicate',
		} );
	} );

	it( 'comes back by itself after Redis was killed and restarted, with everything that was held and spent', async () => {
		const server = await start();
		const ledger = await open( server.url );
		const { store, connection } = ledger;
		const [ settled, kept ] = [ requestFor( 300 ), requestFor( 200 ) ];
		await store.reserve( settled );
		await store.reserve( kept );
		await store.settle( settlementOf( settled, 120 ) );
		await server.kill();
		await until( connection, 'away' );
		await failsIn( store.settle( settlementOf( kept, 90 ) ) );
		await server.restart();
		await expectAtRest( ledger, 210 );
		const outcome = await untilItWorks( () =>
			store.reserve( requestFor( 10, { day: 220 } ) )
		);
		expect( outcome.kind ).toBe( 'reserved' );
		expect( await store.reserve( requestFor( 1, { day: 220 } ) ) ).toEqual(
			expect.objectContaining( { kind: 'refused', remaining: 0 } )
		);
	} );

	it( 'holds nothing more when memory is full, while what is held can still be settled', async () => {
		const server = await start();
		const ledger = await open( server.url );
		const { store } = ledger;
		const held = [ 100, 200, 300 ].map( ( amount ) =>
			requestFor( amount )
		);
		for ( const request of held ) {
			await store.reserve( request );
		}
		await server.limitMemory( 1 );
		const results = await Promise.allSettled( [
			store.reserve( requestFor( 1 ) ),
			...held.map( ( request ) =>
				store.settle( settlementOf( request, 10 ) )
			),
			store.reserve( requestFor( 2 ) ),
		] );
		expect( results.map( ( { status } ) => status ) ).toEqual( [
			'rejected',
			'fulfilled',
			'fulfilled',
			'fulfilled',
			'rejected',
		] );
		await server.limitMemory( 0 );
		await expectAtRest( ledger, 30 );
	} );

	it( 'waits for a Redis that is slow, and gives up one that is too slow', async () => {
		const server = await start();
		const slow = await startFaultProxy( { target: { port: server.port } } );
		ends.push( slow.close );
		const ledger = await open( `redis://127.0.0.1:${ slow.port }` );
		const request = requestFor( 100 );
		await ledger.store.reserve( request );
		slow.set( 'down', { latencyMs: 300 } );
		expect( await ledger.store.settle( settlementOf( request, 40 ) ) ).toBe(
			'resolved'
		);
		slow.set( 'down', { latencyMs: 5_000 } );
		expect(
			await failsIn( ledger.store.reserve( requestFor( 100 ) ) )
		).toBeLessThan( 2_000 );
		slow.set( 'down', {} );
		await expectAtRest( ledger, 40 );
	} );

	it( 'lives through a Redis that is busy with something else', async () => {
		const server = await start();
		const ledger = await open( server.url );
		await ledger.store.reserve( requestFor( 1 ) );
		server.sleep( 2 );
		await untilItWorks( async () => {
			// The sleep may begin a moment later than it was asked for.
			await expect(
				ledger.store.reserve( requestFor( 5 ) )
			).rejects.toBeInstanceOf( StoreAwayError );
		} );
		await untilItWorks( async () => {
			const { held } = await ledger.store.balance( 'day' );
			expect( held % 5 ).toBe( 1 );
			expect( ( await ledger.store.check() ).problems ).toEqual( [] );
		} );
	} );

	it.each( [ 'reset', 'end' ] as const )(
		'counts to the last unit although connections are cut (%s) in the middle of everything',
		async ( cutHow ) => {
			const server = await start();
			const shaky = await startFaultProxy( {
				target: { port: server.port },
			} );
			ends.push( shaky.close );
			const ledger = await open( `redis://127.0.0.1:${ shaky.port }` );
			let settledSum = 0;
			for ( let round = 0; round < 8; round++ ) {
				shaky.set( round % 2 ? 'up' : 'down', {
					cutAfterBytes: 4_000 + round * 977,
					cutHow,
				} );
				await Promise.all(
					Array.from( { length: 20 }, async () => {
						const request = requestFor( 50 );
						try {
							await ledger.store.reserve( request );
						} catch ( error ) {
							expect( error ).toBeInstanceOf( StoreAwayError );
							return;
						}
						settledSum += 7;
						await ledger.store
							.settle( settlementOf( request, 7 ) )
							.catch( ( error: unknown ) =>
								expect( error ).toBeInstanceOf( StoreAwayError )
							);
					} )
				);
				shaky.set( 'up', {} );
				shaky.set( 'down', {} );
				await until( ledger.connection, 'ready' );
			}
			await expectAtRest( ledger, settledSum );
		}
	);
} );

describe( 'a server that wakes', () => {
	it( 'is found although the proxy started while it was paused', async () => {
		const server: RedisServer = await start();
		server.pause();
		const ledger = await open( server.url );
		expect( ledger.connection.state ).toMatchObject( {
			kind: 'away',
			reason: expect.stringContaining( 'no greeting' ),
		} );
		server.resume();
		await untilItWorks( () => ledger.store.reserve( requestFor( 5 ) ) );
	} );
} );

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { RedisLedgerOptions } from '../../../proxy/src/stores/redis/redis-ledger-store.ts';
import { StoreAwayError } from '../../../proxy/src/stores/store-away.ts';
import { startRedis } from '../../support/redis/index.ts';
import {
	openLedger,
	QUICK,
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

async function open(
	url: string,
	options: Partial< RedisLedgerOptions > = {}
): Promise< OpenLedger > {
	const ledger = await openLedger( url, { ...QUICK, ...options } );
	ends.push( ledger.close );
	return ledger;
}

async function spend( { store }: OpenLedger, held: number, cost: number ) {
	const request = requestFor( held );
	expect( await store.reserve( request ) ).toEqual( { kind: 'reserved' } );
	await store.settle( settlementOf( request, cost ) );
}

/** Asks until an answer comes that is not "the store is away". */
const ask = ( { store }: OpenLedger, nanoUsd: number, day: number ) =>
	untilItWorks( () => store.reserve( requestFor( nanoUsd, { day } ) ) );

describe( 'a ledger whose Redis was flushed', () => {
	it( 'does not begin again at zero: it stops spending, takes what the proxies remember, and goes on with exactly that', async () => {
		const server = await start();
		const [ a, b, idle ] = await Promise.all( [
			open( server.url ),
			open( server.url ),
			open( server.url ),
		] );
		// Idle saw the window early, a later, b last.
		await spend( idle, 500, 40 );
		await spend( a, 500, 25 );
		await spend( b, 500, 35 );
		await server.flush();
		await expect(
			a.store.reserve( requestFor( 1, { day: 110 } ) )
		).rejects.toBeInstanceOf( StoreAwayError );
		expect( await ask( a, 11, 110 ) ).toMatchObject( {
			kind: 'refused',
			reason: 'spent',
			remaining: 10,
		} );
		expect( await ask( idle, 10, 110 ) ).toEqual( { kind: 'reserved' } );
		expect( ( await b.store.check() ).problems ).toEqual( [] );
	} );

	it( 'settles what was in flight at what it cost, once', async () => {
		const server = await start();
		const [ a, b ] = await Promise.all( [
			open( server.url ),
			open( server.url ),
		] );
		await spend( b, 100, 30 );
		const [ settled, released, unknown ] = [ 200, 300, 400 ].map(
			( held ) => requestFor( held )
		) as [ ReturnType< typeof requestFor >, never, never ];
		for ( const request of [ settled, released, unknown ] ) {
			await a.store.reserve( request );
		}
		await server.flush();
		expect(
			await untilItWorks( () =>
				a.store.settle( settlementOf( settled, 70 ) )
			)
		).toBe( 'reconciled' );
		expect( await a.store.settle( settlementOf( settled, 70 ) ) ).toBe(
			'ignored'
		);
		expect(
			await a.store.release(
				( released as typeof settled ).reservationId,
				3_000
			)
		).toBe( 'reconciled' );
		await ask( b, 1, 1 );
		// 30 and 70 are known; 400 is in flight still and counts in full.
		expect( await b.store.balance( 'day' ) ).toEqual( {
			spent: 500,
			held: 0,
		} );
		expect( ( await a.store.check() ).problems ).toEqual( [] );
		const [ newest ] = await a.store.entries( 'shop', 1 );
		expect( newest ).toMatchObject( {
			kind: 'correct',
			reason: expect.stringContaining( 'forgotten' ),
		} );
	} );

	it( 'spends no more than the limit although four proxies go on asking while it is flushed again and again', async () => {
		const server = await start();
		const ledgers = await Promise.all(
			Array.from( { length: 4 }, () => open( server.url ) )
		);
		let spent = 0;
		let isOver = false;
		const visitors = ledgers.flatMap( ( ledger ) =>
			Array.from( { length: 5 }, async () => {
				while ( ! isOver ) {
					const request = requestFor( 40, { day: 20_000 } );
					try {
						const { kind } = await ledger.store.reserve( request );
						if ( kind === 'reserved' ) {
							// The provider is paid from here on, whatever becomes of the ledger.
							spent += 11;
							await ledger.store.settle(
								settlementOf( request, 11 )
							);
						}
					} catch ( error ) {
						expect( error ).toBeInstanceOf( StoreAwayError );
					}
					await new Promise( ( resolve ) =>
						setTimeout( resolve, 5 )
					);
				}
			} )
		);
		for ( let flush = 0; flush < 3; flush++ ) {
			await new Promise( ( resolve ) => setTimeout( resolve, 900 ) );
			await server.flush();
		}
		await new Promise( ( resolve ) => setTimeout( resolve, 900 ) );
		isOver = true;
		await Promise.all( visitors );
		const [ first ] = ledgers as [ OpenLedger ];
		await untilItWorks( async () => {
			await first.store.expire( Number.MAX_SAFE_INTEGER );
			const balance = await first.store.balance( 'day' );
			expect( balance.held ).toBe( 0 );
			expect( balance.spent ).toBeGreaterThanOrEqual( spent );
			expect( balance.spent ).toBeLessThanOrEqual( 20_000 );
		} );
		expect( spent ).toBeGreaterThan( 0 );
		expect( ( await first.store.check() ).problems ).toEqual( [] );
	} );
} );

describe( 'a ledger that nobody remembers', () => {
	it( 'spends nothing until the operator confirms, when a proxy knows from its folder that there was one', async () => {
		const server = await start();
		const dataDir = mkdtempSync( join( tmpdir(), 'docent-marker-' ) );
		ends.push( async () => rmSync( dataDir, { recursive: true } ) );
		const before = await openLedger( server.url, { ...QUICK, dataDir } );
		await spend( before, 100, 60 );
		await before.close();
		await server.flush();

		const said: string[] = [];
		const log = {
			warn: () => undefined,
			error: ( _: unknown, text: string ) => void said.push( text ),
		};
		const after = await open( server.url, {
			dataDir,
			log: log as unknown as NonNullable< RedisLedgerOptions[ 'log' ] >,
		} );
		await expect(
			after.store.reserve( requestFor( 1 ) )
		).rejects.toBeInstanceOf( StoreAwayError );
		await new Promise( ( resolve ) => setTimeout( resolve, 900 ) );
		await expect(
			after.store.reserve( requestFor( 1 ) )
		).rejects.toMatchObject( { retryAfterMs: 60_000 } );

		expect( said ).toHaveLength( 1 );
		const [ , key = '', field = '' ] =
			/HDEL '([^']+)' '([^']+)'/.exec( said[ 0 ] ?? '' ) ?? [];
		await server.command( 'HDEL', key, field );
		expect( await ask( after, 1, 100 ) ).toEqual( { kind: 'reserved' } );
	} );

	it( 'goes on at once where nobody ever spent', async () => {
		const server = await start();
		const { store } = await open( server.url );
		expect( await store.reserve( requestFor( 1 ) ) ).toEqual( {
			kind: 'reserved',
		} );
	} );

	it( 'is told by the proxy that remembers, although one that knows nothing came first', async () => {
		const server = await start();
		const old = await open( server.url );
		await spend( old, 100, 60 );
		await server.flush();
		const young = await open( server.url );
		await young.store.reserve( requestFor( 5 ) ).catch( () => undefined );
		await untilItWorks( async () => {
			const { spent, held } = await young.store.balance( 'day' );
			expect( spent + held ).toBeGreaterThanOrEqual( 60 );
		} );
	} );
} );

describe( 'a Redis that comes back without its last steps', () => {
	it( 'is told what it lost, and keeps what it still knows', async () => {
		const server = await start( { isDurable: false } );
		const [ a, b ] = await Promise.all( [
			open( server.url ),
			open( server.url ),
		] );
		await spend( a, 100, 10 );
		await server.command( 'SAVE' );
		await spend( b, 100, 25 );
		const inFlight = requestFor( 200 );
		await a.store.reserve( inFlight );
		await server.kill();
		await until( a.connection, 'away' );
		await server.restart();
		expect( await ask( b, 1, 1 ) ).toMatchObject( { kind: 'refused' } );
		await untilItWorks( async () =>
			expect( await b.store.balance( 'day' ) ).toEqual( {
				spent: 235,
				held: 0,
			} )
		);
		expect(
			await untilItWorks( () =>
				a.store.settle( settlementOf( inFlight, 15 ) )
			)
		).toBe( 'reconciled' );
		expect( await a.store.balance( 'day' ) ).toEqual( {
			spent: 50,
			held: 0,
		} );
		expect( ( await a.store.check() ).problems ).toEqual( [] );
	} );

	it( 'is used without knowing whether it restarted, where its operator forbids to ask', async () => {
		const server = await start();
		await server.command(
			'ACL',
			'SETUSER',
			'docent',
			'on',
			'>secret',
			'~docent:*',
			'&*',
			'+@all',
			'-info'
		);
		const ledger = await open(
			`redis://docent:secret@127.0.0.1:${ server.port }`
		);
		await spend( ledger, 100, 60 );
		await server.flush();
		expect( await ask( ledger, 41, 100 ) ).toMatchObject( {
			kind: 'refused',
			remaining: 40,
		} );
	} );

	it( 'is not told what one proxy remembers wrongly, when it has lost nothing', async () => {
		const server = await start();
		const [ a, b ] = await Promise.all( [
			open( server.url ),
			open( server.url ),
		] );
		const request = requestFor( 500 );
		await a.store.reserve( request );
		// What b saw last, 500 and 10 held, is over when a settles.
		await spend( b, 10, 1 );
		await a.store.settle( settlementOf( request, 4 ) );
		await server.restart();
		await ask( b, 1, 1 );
		await ask( a, 1, 1 );
		expect( await b.store.balance( 'day' ) ).toEqual( {
			spent: 5,
			held: 0,
		} );
	} );
} );

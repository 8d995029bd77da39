/**
 * Several proxies share their running turns on one real Redis.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
	connectRedis,
	type RedisConnection,
} from '../../../proxy/src/stores/redis/connection.ts';
import { createRedisTurnStore } from '../../../proxy/src/stores/redis/redis-turn-store.ts';
import type {
	SharedTurn,
	TurnRequest,
	TurnStore,
} from '../../../proxy/src/stores/turn-store.ts';
import { startRedis, type RedisServer } from '../../support/redis/index.ts';

const LEASE_MS = 600;
const MANY = 4;

let server: RedisServer;
let connections: RedisConnection[];
let one: TurnStore;
let other: TurnStore;

beforeEach( async () => {
	server = await startRedis( { isDurable: false } );
	connections = [];
	one = await open();
	other = await open();
} );

afterEach( async () => {
	await one.close();
	await other.close();
	await Promise.all( connections.map( ( each ) => each.close() ) );
	await server.stop();
} );

async function open(): Promise< TurnStore > {
	const connection = await connectRedis( { url: server.url } );
	connections.push( connection );
	return createRedisTurnStore( connection, { leaseMs: LEASE_MS } );
}

/** Ends a proxy as a kill does: it never says goodbye. */
async function kill( index: number ): Promise< void > {
	await connections[ index ]?.close();
}

const turn = (
	turnId: string,
	more: Partial< SharedTurn > = {}
): SharedTurn => ( {
	turnId,
	conversationId: `conversation-of-${ turnId }`,
	siteId: 'shop',
	visitorId: 'ada',
	fingerprint: '',
	...more,
} );

const event = ( id: number, name = 'text' ) =>
	`id: ${ id }\nevent: ${ name }\ndata: {"delta":"${ id }"}\n\n`;

/** Hears the next request that reaches a proxy. */
const nextRequest = ( store: TurnStore ) =>
	new Promise< [ string, TurnRequest, string ] >( ( resolve ) =>
		store.listen( {
			onRequest: ( ...request ) => resolve( request ),
			onForget: () => {},
		} )
	);

/** Follows a turn. */
function read( store: TurnStore, shared: SharedTurn ) {
	const leaving = new AbortController();
	const events: string[] = [];
	const done = ( async () => {
		for await ( const batch of store.follow( shared, leaving.signal ) ) {
			events.push( ...batch );
		}
	} )();
	// Whoever expects a failure looks at it later.
	done.catch( () => undefined );
	return { events, done, leave: () => leaving.abort() };
}

async function find( store: TurnStore, turnId: string ): Promise< SharedTurn > {
	const found = await store.find( 'shop', 'ada', turnId );
	if ( ! found ) {
		throw new Error( 'the turn is not there' );
	}
	return found;
}

describe( 'a turn that one proxy works on', () => {
	it( 'keeps its conversation busy everywhere until it ends', async () => {
		const first = turn( 'a', { conversationId: 'c' } );
		const second = turn( 'b', { conversationId: 'c' } );
		expect( await one.begin( first, MANY ) ).toEqual( { kind: 'begun' } );
		expect( await other.begin( second, MANY ) ).toEqual( {
			kind: 'conversation_busy',
		} );
		await one.end( first, { isFindable: true } );
		expect( await other.begin( second, MANY ) ).toEqual( {
			kind: 'begun',
		} );
	} );

	it( 'is no obstacle to another visitor who knows its conversation', async () => {
		await one.begin( turn( 'a', { conversationId: 'c' } ), MANY );
		expect(
			await other.begin(
				turn( 'b', { conversationId: 'c', visitorId: 'eve' } ),
				MANY
			)
		).toEqual( { kind: 'begun' } );
	} );

	it( 'is known to the proxy that meets its repetition', async () => {
		await one.begin( turn( 'a', { fingerprint: 'f' } ), MANY );
		expect( await other.begin( turn( 'a' ), MANY ) ).toMatchObject( {
			kind: 'known',
			turn: { ...turn( 'a' ), fingerprint: 'f' },
		} );
	} );

	it( 'counts among the running turns of its visitor on all proxies', async () => {
		await one.begin( turn( 'a' ), 2 );
		await other.begin( turn( 'b' ), 2 );
		expect( await one.begin( turn( 'c' ), 2 ) ).toEqual( {
			kind: 'too_many',
		} );
		expect(
			await one.begin( turn( 'd', { visitorId: 'eve' } ), 2 )
		).toEqual( { kind: 'begun' } );
		await other.end( turn( 'b' ), { isFindable: true } );
		expect( await one.begin( turn( 'c' ), 2 ) ).toEqual( {
			kind: 'begun',
		} );
	} );

	it( 'is found by its own visitor only', async () => {
		await one.begin( turn( 'a' ), MANY );
		expect( await find( other, 'a' ) ).toMatchObject( turn( 'a' ) );
		expect( await other.find( 'shop', 'eve', 'a' ) ).toBeUndefined();
		expect( await other.find( 'cafe', 'ada', 'a' ) ).toBeUndefined();
	} );

	it( 'hears that its conversation is to be forgotten, as every proxy does', async () => {
		await one.begin( turn( 'a' ), MANY );
		const heard = Promise.all(
			[ one, other ].map(
				( store ) =>
					new Promise( ( resolve ) =>
						store.listen( {
							onRequest: () => {},
							onForget: ( ...conversation ) =>
								resolve( conversation ),
						} )
					)
			)
		);
		expect( await other.forget( 'shop', 'ada', 'conversation-of-a' ) ).toBe(
			true
		);
		const conversation = [ 'shop', 'ada', 'conversation-of-a' ];
		expect( await heard ).toEqual( [ conversation, conversation ] );
		expect( await other.forget( 'shop', 'eve', 'conversation-of-a' ) ).toBe(
			false
		);
	} );

	it( 'hears within 50 ms that another proxy wants it stopped', async () => {
		await one.begin( turn( 'a' ), MANY );
		let fastestMs = Infinity;
		// The machine may be busy with something else once; it is not every time.
		for ( let go = 1; go <= 5 && fastestMs >= 50; go++ ) {
			const heard = nextRequest( one );
			const askedAt = performance.now();
			await other.request( await find( other, 'a' ), 'stop' );
			expect( ( await heard ).slice( 0, 2 ) ).toEqual( [ 'a', 'stop' ] );
			fastestMs = Math.min( fastestMs, performance.now() - askedAt );
		}
		expect( fastestMs ).toBeLessThan( 50 );
	} );

	it( 'hears a stop that was sent while its proxy had lost the connection', async () => {
		await one.begin( turn( 'a' ), MANY );
		const shared = await find( other, 'a' );
		const heard = nextRequest( one );
		const [ first = '' ] = (
			await server.command< string >( 'CLIENT', 'LIST', 'TYPE', 'PUBSUB' )
		).split( '\n' );
		await server.command(
			'CLIENT',
			'KILL',
			'ID',
			/id=(\d+)/.exec( first )?.[ 1 ] ?? ''
		);
		await other.request( shared, 'stop' );
		expect( ( await heard ).slice( 0, 2 ) ).toEqual( [ 'a', 'stop' ] );
	} );

	it( 'that came to nothing is not found any more', async () => {
		await one.begin( turn( 'a' ), MANY );
		await one.end( turn( 'a' ), { isFindable: false } );
		expect( await other.find( 'shop', 'ada', 'a' ) ).toBeUndefined();
		expect( await other.begin( turn( 'a' ), MANY ) ).toEqual( {
			kind: 'begun',
		} );
	} );
} );

describe( 'a reader at another proxy', () => {
	it( 'is announced, gets what there was and what comes, once and in order, and is missed when gone', async () => {
		await one.begin( turn( 'a' ), MANY );
		const announced = nextRequest( one );
		const reading = read( other, await find( other, 'a' ) );
		const [ , request, from ] = await announced;
		expect( request ).toBe( 'read' );
		await one.append(
			turn( 'a' ),
			1,
			[ event( 1 ), event( 2 ) ],
			[ from ]
		);
		await one.append( turn( 'a' ), 3, [ event( 3 ) ], [ from ] );
		// As after a reply that was lost: the same again, and the same with more.
		await one.append( turn( 'a' ), 3, [ event( 3 ) ], [ from ] );
		await one.append(
			turn( 'a' ),
			3,
			[ event( 3 ), event( 4, 'done' ) ],
			[ from ]
		);
		const gone = nextRequest( one );
		await reading.done;
		expect( reading.events ).toEqual( [
			event( 1 ),
			event( 2 ),
			event( 3 ),
			event( 4, 'done' ),
		] );
		expect( ( await gone )[ 1 ] ).toBe( 'left' );
	} );

	it( 'who comes second finds the events there', async () => {
		await one.begin( turn( 'a' ), MANY );
		await one.append(
			turn( 'a' ),
			1,
			[ event( 1 ), event( 2, 'done' ) ],
			[]
		);
		const reading = read( other, await find( other, 'a' ) );
		await reading.done;
		expect( reading.events ).toHaveLength( 2 );
	} );

	it( 'leaves when nobody reads there any more', async () => {
		await one.begin( turn( 'a' ), MANY );
		const announced = nextRequest( one );
		const reading = read( other, await find( other, 'a' ) );
		await announced;
		const gone = nextRequest( one );
		reading.leave();
		await reading.done;
		expect( ( await gone ).slice( 0, 2 ) ).toEqual( [ 'a', 'left' ] );
	} );
} );

describe( 'a proxy that is killed', () => {
	it( 'leaves no reader waiting: its lease runs out and following fails', async () => {
		await one.begin( turn( 'a' ), MANY );
		await one.append( turn( 'a' ), 1, [ event( 1 ) ], [] );
		const reading = read( other, await find( other, 'a' ) );
		await kill( 0 );
		await expect( reading.done ).rejects.toThrow( 'nobody works' );
		expect( reading.events ).toEqual( [ event( 1 ) ] );
	} );

	it( 'keeps neither its conversations nor its visitors from going on', async () => {
		await one.begin( turn( 'a', { conversationId: 'c' } ), 1 );
		await kill( 0 );
		await expect
			.poll( () =>
				other.begin( turn( 'b', { conversationId: 'c' } ), 1 )
			)
			.toEqual( { kind: 'begun' } );
		// The repetition of what it was working on is answered anew, too.
		await other.end( turn( 'b', { conversationId: 'c' } ), {
			isFindable: true,
		} );
		expect( await other.begin( turn( 'a' ), 1 ) ).toEqual( {
			kind: 'begun',
		} );
	} );

	it( 'is not who ends what another took over', async () => {
		const taken = turn( 'b', { conversationId: 'c' } );
		await one.begin( turn( 'a', { conversationId: 'c' } ), MANY );
		connections[ 0 ]?.close().catch( () => undefined );
		await expect
			.poll( () => other.begin( taken, MANY ) )
			.toEqual( { kind: 'begun' } );
		const revived = await open();
		await revived.end( turn( 'a', { conversationId: 'c' } ), {
			isFindable: true,
		} );
		expect(
			await revived.begin( turn( 'd', { conversationId: 'c' } ), MANY )
		).toEqual( { kind: 'conversation_busy' } );
		await revived.close();
	} );
} );

describe( 'a Redis that goes away for a moment', () => {
	it( 'and forgets everything on the way, is read on when nothing is missing', async () => {
		await one.begin( turn( 'a' ), MANY );
		const announced = nextRequest( one );
		const reading = read( other, await find( other, 'a' ) );
		const [ , , from ] = await announced;
		await one.append( turn( 'a' ), 1, [ event( 1 ) ], [ from ] );
		await expect.poll( () => reading.events.length ).toBe( 1 );
		await server.flush();
		await one.append( turn( 'a' ), 2, [ event( 2, 'done' ) ], [ from ] );
		await reading.done;
		expect( reading.events ).toEqual( [ event( 1 ), event( 2, 'done' ) ] );
	} );

	it( 'and forgets events that were not read yet, ends the reading with an error, not with silence', async () => {
		await one.begin( turn( 'a' ), MANY );
		const shared = await find( other, 'a' );
		await one.append( turn( 'a' ), 1, [ event( 1 ) ], [] );
		await server.flush();
		await one.append( turn( 'a' ), 2, [ event( 2 ) ], [] );
		await expect( read( other, shared ).done ).rejects.toThrow(
			'event 1 was lost'
		);
	} );

	it( 'and has no memory left, takes the events when it has', async () => {
		await one.begin( turn( 'a' ), MANY );
		await server.limitMemory( 1 );
		const add = () =>
			one.append( turn( 'a' ), 1, [ event( 1, 'done' ) ], [] );
		await expect( add() ).rejects.toMatchObject( {
			code: 'storage_unavailable',
		} );
		await server.limitMemory( 0 );
		await add();
		const reading = read( other, await find( other, 'a' ) );
		await reading.done;
		expect( reading.events ).toHaveLength( 1 );
	} );

	it( 'is read on as soon as it is back', async () => {
		await one.begin( turn( 'a' ), MANY );
		await one.append( turn( 'a' ), 1, [ event( 1 ) ], [] );
		const reading = read( other, await find( other, 'a' ) );
		await expect.poll( () => reading.events.length ).toBe( 1 );
		server.pause();
		await new Promise( ( resolve ) => setTimeout( resolve, LEASE_MS / 3 ) );
		server.resume();
		await expect
			.poll( () =>
				one.append( turn( 'a' ), 2, [ event( 2, 'done' ) ], [] ).then(
					() => true,
					() => false
				)
			)
			.toBe( true );
		await reading.done;
		expect( reading.events ).toEqual( [ event( 1 ), event( 2, 'done' ) ] );
	} );

	it( 'refuses a question within its time limit while it is paused', async () => {
		server.pause();
		const askedAt = performance.now();
		await expect( one.begin( turn( 'a' ), MANY ) ).rejects.toMatchObject( {
			code: 'storage_unavailable',
		} );
		expect( performance.now() - askedAt ).toBeLessThan( 3_000 );
		server.resume();
	} );
} );

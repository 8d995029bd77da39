/**
 * Readers of every speed on real sockets: whoever makes an answer never waits for one, and none costs more than its bound (T19).
 */
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RunningTurn } from '../../../proxy/src/ask/running-turn.ts';
import {
	followTurn,
	READER_LIMITS,
	type ReaderLimits,
} from '../../../proxy/src/routes/event-stream.ts';
import {
	createHeartbeat,
	type Heartbeat,
} from '../../../proxy/src/routes/heartbeat.ts';

const KILOBYTE = 'x'.repeat( 1_000 );
/** More than the buffers of both kernels' ends of a connection hold. */
const MANY = 16_000;

let turn: RunningTurn;
let server: Server;
let heartbeat: Heartbeat;
let limits: ReaderLimits;
let responses: ServerResponse[];
let sockets: Socket[];

beforeEach( async () => {
	turn = new RunningTurn(
		{
			id: 'turn',
			conversationId: 'conversation',
			siteId: 'shop',
			visitorId: 'ada',
			user: undefined,
		},
		30
	);
	turn.begin();
	limits = { ...READER_LIMITS, maxBehind: Infinity };
	responses = [];
	sockets = [];
	heartbeat = createHeartbeat( 5 );
	server = createServer( ( request, outgoing ) => {
		responses.push( outgoing );
		followTurn(
			{ env: { outgoing }, var: { headers: {} } },
			turn,
			Number( request.headers[ 'last-event-id' ] ?? 0 ),
			heartbeat,
			limits
		);
	} );
	server.listen( 0, '127.0.0.1' );
	await once( server, 'listening' );
} );

afterEach( async () => {
	heartbeat.stop();
	for ( const socket of sockets ) {
		socket.destroy();
	}
	server.closeAllConnections();
	server.close();
	await once( server, 'close' );
} );

/** Connects and asks for the events after one; the socket is the reader's to read. */
async function open( lastEventId = 0 ): Promise< Socket > {
	const { port } = server.address() as AddressInfo;
	const socket = connect( port, '127.0.0.1' );
	sockets.push( socket );
	socket.on( 'error', () => {} );
	socket.write(
		`GET / HTTP/1.1\r\nHost: x\r\nLast-Event-ID: ${ lastEventId }\r\n\r\n`
	);
	await once( server, 'request' );
	return socket;
}

/** Reads a raw chunked response to its end, or until it is cut, and returns the ids of the events that arrived whole. */
async function readIds( socket: Socket ): Promise< number[] > {
	const pieces: string[] = [];
	socket.setEncoding( 'utf8' );
	socket.resume();
	for await ( const piece of socket ) {
		pieces.push( piece );
		if ( pieces.slice( -2 ).join( '' ).endsWith( '\r\n0\r\n\r\n' ) ) {
			break;
		}
	}
	return [
		...pieces
			.join( '' )
			.matchAll( /^id: (\d+)\r?\nevent: \w+\ndata: .*\n\n/gm ),
	].map( ( [ , id ] ) => Number( id ) );
}

const say = ( count: number ) => {
	for ( let index = 0; index < count; index++ ) {
		turn.emit( 'text', { delta: KILOBYTE } );
	}
};

const finish = () =>
	turn.emit( 'done', {
		finishReason: 'stop',
		cache: 'miss',
		tier: 'economy',
		mood: 'neutral',
		confident: true,
		handoff: false,
	} );

const nextLoop = () => new Promise( ( resolve ) => setImmediate( resolve ) );
const from = ( first: number, last: number ) =>
	Array.from( { length: last - first + 1 }, ( _, index ) => first + index );

describe( 'a reader that takes nothing', () => {
	it( 'holds one piece and a place, while the answer goes on and others read it to the end', async () => {
		const slow = await open();
		slow.pause();
		const fast = await open();
		const reading = readIds( fast );
		for ( let round = 0; round < 16; round++ ) {
			say( MANY / 16 );
			await nextLoop();
		}
		finish();
		expect( await reading ).toEqual( from( 1, MANY + 2 ) );
		const [ held ] = responses;
		// What Node keeps for a connection: the piece on its way and what is below its high-water mark.
		expect( held?.writableLength ).toBeGreaterThan( 0 );
		expect( held?.writableLength ).toBeLessThan( 200_000 );
		// And when it reads after all, nothing is missing.
		expect( await readIds( slow ) ).toEqual( from( 1, MANY + 2 ) );
	} );

	it( 'is cut when it is too far behind, and gets the rest when it comes back', async () => {
		limits = { stallMs: 60_000, maxBehind: 1_000_000 };
		const slow = await open();
		slow.pause();
		for ( let round = 0; round < 16; round++ ) {
			say( MANY / 16 );
			await nextLoop();
		}
		await expect.poll( () => responses[ 0 ]?.destroyed ).toBe( true );
		const before = await readIds( slow );
		const last = before.at( -1 ) ?? 0;
		expect( last ).toBeGreaterThan( 0 );
		expect( last ).toBeLessThan( MANY );
		finish();
		const after = await readIds( await open( last ) );
		expect( [ ...before, ...after ] ).toEqual( from( 1, MANY + 2 ) );
	} );

	it.each( [
		[ 'while the answer goes on', () => {} ],
		[ 'after the answer has ended', () => finish() ],
	] )( 'is cut after a while %s', async ( _, then ) => {
		limits = { stallMs: 100, maxBehind: Infinity };
		const slow = await open();
		slow.pause();
		say( MANY );
		then();
		await expect.poll( () => responses[ 0 ]?.destroyed ).toBe( true );
	} );

	it( 'is no reader any more once it is cut: the work on an answer that nobody takes ends', async () => {
		limits = { stallMs: 50, maxBehind: Infinity };
		const slow = await open();
		slow.pause();
		say( MANY );
		await expect.poll( () => turn.isStopped ).toBe( true );
	} );
} );

describe( 'a reader that comes late to a long answer', () => {
	it( 'is given it piece by piece', async () => {
		say( MANY );
		finish();
		const late = await open();
		late.pause();
		await nextLoop();
		expect( responses[ 0 ]?.writableLength ).toBeLessThan( 200_000 );
		expect( await readIds( late ) ).toEqual( from( 1, MANY + 2 ) );
	} );
} );

describe( 'a sign of life (T17)', () => {
	it( 'stands between two events, never in one, however fast it comes', async () => {
		const socket = await open();
		let text = '';
		socket.setEncoding( 'utf8' );
		socket.on( 'data', ( data ) => ( text += data ) );
		const beats = () => text.split( ': heartbeat' ).length - 1;
		while ( beats() < 5 ) {
			say( 3 );
			await once( socket, 'data' );
		}
		finish();
		await expect.poll( () => text.endsWith( '0\r\n\r\n' ) ).toBe( true );
		const body = text
			.slice( text.indexOf( '\r\n\r\n' ) + 4 )
			.replace( /(^|\r\n)[0-9a-f]+\r\n/g, '' )
			.replace( /\r\n\r\n$/, '' );
		const blocks = body.split( '\n\n' ).slice( 0, -1 );
		for ( const block of blocks ) {
			expect( block ).toMatch(
				/^(: heartbeat|id: \d+\nevent: \w+\ndata: \{.*\})$/
			);
		}
	} );
} );

describe( 'a reader that has gone before its answer could begin (T15)', () => {
	it( 'is not counted as one: the work ends after the grace', async () => {
		server.removeAllListeners( 'request' );
		server.on( 'request', async ( _, outgoing ) => {
			await once( outgoing, 'close' );
			followTurn(
				{ env: { outgoing }, var: { headers: {} } },
				turn,
				0,
				heartbeat
			);
		} );
		const { port } = server.address() as AddressInfo;
		const socket = connect( port, '127.0.0.1' );
		socket.write( 'GET / HTTP/1.1\r\nHost: x\r\n\r\n' );
		await once( server, 'request' );
		socket.destroy();
		await expect.poll( () => turn.isStopped ).toBe( true );
	} );
} );

/**
 * The stream reader against pieces of every size and streams of every kind.
 */
import { describe, expect, it } from 'vitest';
import {
	createEventParser,
	readEventStream,
} from '../../../blocks/shared/event-stream.ts';
import type { StreamEvent } from '../../../blocks/shared/event-stream.ts';

const WIRE =
	'\uFEFF: heartbeat\r\n\r\nid: 1\r\nevent: text\r\ndata: {"delta":"a 靴"}\r\n\r\ndata:first\ndata: second\n\nid: 2\rdata: 🥾\r\r: heartbeat\n\nevent: nothing\n\ndata: unfinished';

const EVENTS: StreamEvent[] = [
	{ id: '1', name: 'text', data: '{"delta":"a 靴"}' },
	{ id: '', name: 'message', data: 'first\nsecond' },
	{ id: '2', name: 'message', data: '🥾' },
];

function bodyOf( pieces: Uint8Array[] ): ReadableStream< Uint8Array > {
	return new ReadableStream( {
		start( controller ) {
			pieces.forEach( ( piece ) => controller.enqueue( piece ) );
			controller.close();
		},
	} );
}

async function read( pieces: Uint8Array[] ): Promise< StreamEvent[] > {
	const events: StreamEvent[] = [];
	for await ( const event of readEventStream( bodyOf( pieces ) ) ) {
		events.push( event );
	}
	return events;
}

describe( 'readEventStream', () => {
	const bytes = new TextEncoder().encode( WIRE );

	it( 'reads the same events wherever the bytes are divided in two', async () => {
		for ( let at = 0; at <= bytes.length; at++ ) {
			const events = await read( [
				bytes.subarray( 0, at ),
				bytes.subarray( at ),
			] );
			expect( events, `divided at ${ at }` ).toEqual( EVENTS );
		}
	} );

	it( 'reads the same events when the bytes come one by one', async () => {
		expect(
			await read( [ ...bytes ].map( ( byte ) => Uint8Array.of( byte ) ) )
		).toEqual( EVENTS );
	} );

	it( 'counts a heartbeat as activity and not as an event', async () => {
		let activity = 0;
		const pieces = [ ': heartbeat\n\n', ': heartbeat\n\n' ].map( ( text ) =>
			new TextEncoder().encode( text )
		);
		const events = readEventStream( bodyOf( pieces ), () => activity++ );
		expect( ( await events.next() ).done ).toBe( true );
		expect( activity ).toBe( 2 );
	} );

	it( 'cancels the body when the reader leaves early', async () => {
		let isCancelled = false;
		const body = new ReadableStream< Uint8Array >( {
			start: ( controller ) =>
				controller.enqueue( new TextEncoder().encode( 'data: 1\n\n' ) ),
			cancel: () => {
				isCancelled = true;
			},
		} );
		for await ( const event of readEventStream( body ) ) {
			expect( event.data ).toBe( '1' );
			break;
		}
		expect( isCancelled ).toBe( true );
	} );
} );

describe( 'createEventParser', () => {
	it( 'refuses a line without end instead of filling memory', () => {
		const parser = createEventParser( () => {} );
		expect( () => {
			for ( let index = 0; index < 20; index++ ) {
				parser.push( 'x'.repeat( 100_000 ) );
			}
		} ).toThrow( RangeError );
	} );

	it( 'ignores fields it does not know, a retry hint and an id with a null character', () => {
		const events: StreamEvent[] = [];
		createEventParser( ( event ) => events.push( event ) ).push(
			'retry: 10\nid: a\0b\nwhatever\nfoo: bar\ndata\n\n'
		);
		expect( events ).toEqual( [ { id: '', name: 'message', data: '' } ] );
	} );
} );

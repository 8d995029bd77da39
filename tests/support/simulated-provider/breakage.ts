/**
 * Does the damage that a reply is scripted to suffer.
 */
import type { Breakage, Reply } from './behaviour.ts';
import type { BillEntry } from './bill.ts';
import type { CompletionPlan } from './completion.ts';
import type { Exchange } from './exchange.ts';
import { type PacedClient, pacedClient } from './pace.ts';
import { EVENT_STREAM } from './wire.ts';

/** Paces what is written to the client of an exchange. */
export function clientOf( exchange: Exchange, reply: Reply ): PacedClient {
	return pacedClient( exchange.response, {
		bytesPerSecond: reply.bytesPerSecond,
		onBytes: ( count ) => {
			exchange.entry.bytesProduced += count;
		},
	} );
}

/** Ends a connection in the middle of a reply. */
export function breakConnection(
	exchange: Exchange,
	how: 'end' | 'close' | 'reset'
): void {
	exchange.markBroken();
	if ( how === 'end' ) {
		exchange.response.end();
	} else if ( how === 'close' ) {
		exchange.response.socket?.end();
	} else {
		exchange.response.socket?.resetAndDestroy();
	}
}

/** Breaks an exchange before any well-formed reply. */
export async function breakOff(
	exchange: Exchange,
	breakage: Breakage,
	plan: CompletionPlan,
	billed: BillEntry
): Promise< void > {
	switch ( breakage.kind ) {
		case 'reset':
			breakConnection( exchange, 'reset' );
			return;
		case 'silence':
			await clientOf( exchange, {} ).waitForever();
			return;
		case 'empty-stream':
			exchange.markBroken();
			exchange.head( 200, EVENT_STREAM );
			exchange.response.end();
			return;
		case 'garbage-body':
			// The model did its work; only the way back is broken.
			billed.tokens.output = plan.outputAfter( plan.deltas.length );
			exchange.markBroken();
			exchange.head( 200, { 'content-type': 'application/json' } );
			exchange.response.end( breakage.body ?? '' );
			return;
		case 'endless-headers':
			await dripHeaders( exchange, clientOf( exchange, {} ) );
	}
}

/** Writes header lines for ever, one every 20 ms, straight to the socket: the head of the reply never ends. */
async function dripHeaders(
	exchange: Exchange,
	client: PacedClient
): Promise< void > {
	const { socket } = exchange.response;
	socket?.write( 'HTTP/1.1 200 OK\r\n' );
	for ( let line = 0; ; line++ ) {
		socket?.write( `x-filler-${ line }: ${ 'a'.repeat( 32 ) }\r\n` );
		await client.wait( 20 );
	}
}

/**
 * Does the damage that a reply is scripted to suffer.
 */
import type { Breakage, Delivery } from './behaviour.ts';
import type { Exchange } from './exchange.ts';
import { type PacedClient, pacedClient } from './pace.ts';
import { EVENT_STREAM } from './wire.ts';

/** Paces what is written to the client of an exchange. */
export function clientOf(
	exchange: Exchange,
	delivery: Delivery
): PacedClient {
	return pacedClient( exchange.response, {
		bytesPerSecond: delivery.bytesPerSecond,
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

/** Tells a breakage from a reply. */
export function isBreakage( behaviour: {
	kind?: string;
} ): behaviour is Breakage {
	return behaviour.kind !== undefined && behaviour.kind !== 'reply';
}

/** Does the scripted damage that is due after `produced` pieces; true when the stream is over. */
export async function spoil(
	exchange: Exchange,
	client: PacedClient,
	delivery: Delivery,
	produced: number
): Promise< boolean > {
	if ( delivery.stall?.afterChunks === produced ) {
		await pause( client, delivery.stall.forMs );
	}
	if ( delivery.garbage?.afterChunks === produced ) {
		exchange.markBroken();
		await client.write( delivery.garbage.bytes );
		exchange.response.end();
		return true;
	}
	if ( delivery.cut?.afterChunks === produced ) {
		// Lets what was written reach the client first: a reset throws away what is still in the buffers.
		await client.wait( 5 );
		breakConnection( exchange, delivery.cut.how );
		return true;
	}
	return false;
}

/** Falls silent for a time, or for good. */
export async function pause(
	client: PacedClient,
	forMs: number | undefined
): Promise< void > {
	await ( forMs === undefined ? client.waitForever() : client.wait( forMs ) );
}

/** Breaks an exchange before any well-formed reply; `bill` is called when the model did all its work nevertheless. */
export async function breakOff(
	exchange: Exchange,
	breakage: Breakage,
	bill: () => void
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
			bill();
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

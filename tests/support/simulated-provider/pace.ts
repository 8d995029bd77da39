/**
 * Writes to a client at a chosen pace and stops at once when the client goes away.
 */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

/** Says that the client went away; thrown by everything that waits on its behalf. */
export class ClientGone extends Error {}

/** A client that is written to. */
export interface PacedClient {
	readonly signal: AbortSignal;
	write( data: string | Uint8Array ): Promise< void >;
	wait( ms: number ): Promise< void >;
	/** Never resolves; rejects when the client goes away. */
	waitForever(): Promise< never >;
}

/**
 * Wraps a response.
 *
 * `onBytes` is told what was handed to the socket. The response's own `close` is watched, not the request's: the request
 * closes as soon as its body has been read.
 */
export function pacedClient(
	response: ServerResponse,
	options: {
		bytesPerSecond: number | undefined;
		onBytes( count: number ): void;
	}
): PacedClient {
	const gone = new AbortController();
	response.once( 'close', () => gone.abort( new ClientGone() ) );
	if ( response.closed ) {
		gone.abort( new ClientGone() );
	}
	// A reset connection also raises an error; it says nothing that `close` does not.
	response.on( 'error', () => undefined );
	const { signal } = gone;

	const send = async ( bytes: Uint8Array ): Promise< void > => {
		signal.throwIfAborted();
		const isFlushed = response.write( bytes );
		options.onBytes( bytes.byteLength );
		if ( ! isFlushed ) {
			await once( response, 'drain', { signal } ).catch( rethrowGone );
		}
	};
	const rethrowGone = ( error: unknown ): never => {
		throw signal.aborted ? signal.reason : error;
	};
	const wait = async ( ms: number ): Promise< void > =>
		ms <= 0
			? signal.throwIfAborted()
			: delay( ms, undefined, { signal } ).catch( rethrowGone );

	return {
		signal,
		wait,
		waitForever: () =>
			new Promise< never >( ( _resolve, reject ) => {
				if ( signal.aborted ) {
					reject( signal.reason );
				}
				signal.addEventListener( 'abort', () =>
					reject( signal.reason )
				);
			} ),
		async write( data ) {
			const bytes = typeof data === 'string' ? Buffer.from( data ) : data;
			if ( options.bytesPerSecond === undefined ) {
				return send( bytes );
			}
			for ( const byte of bytes ) {
				await send( Uint8Array.of( byte ) );
				await wait( 1_000 / options.bytesPerSecond );
			}
		},
	};
}

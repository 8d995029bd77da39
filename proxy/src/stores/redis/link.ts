/**
 * Holds one socket to Redis from its handshake to its end. Who needs a lasting connection takes `connection.ts`.
 */
import { createClient, RESP_TYPES } from '@redis/client';
import { StoreAwayError } from '../store-away.ts';

/** What a command is made of. */
export type CommandArgument = string | Buffer;

export interface SendOptions {
	/** The reply must be there after so many milliseconds. */
	timeoutMs: number;
	/** Bulk replies come as buffers rather than as text. */
	asBuffers?: boolean | undefined;
}

/** A socket whose handshake is done. */
export interface Link {
	/** Sends a command; rejects with {@link StoreAwayError} in time, whatever the server does. */
	send(
		args: readonly CommandArgument[],
		options: SendOptions
	): Promise< unknown >;
	/** Listens to a channel on the same socket (RESP3). */
	subscribe(
		channel: string,
		listener: ( message: string ) => void
	): Promise< void >;
	unsubscribe( channel: string ): Promise< void >;
	/** Resolves with the reason when the socket is of no use any more. */
	readonly lost: Promise< string >;
	/** Ends the socket; what still waits for a reply is rejected. */
	drop( reason: string ): void;
}

/** A server that says nothing for so long although it was asked is away, in milliseconds; commands may give up sooner than the socket does. */
const SILENCE_MS = 1_000;

/** Replies with which a server says that it cannot work now, rather than that the command is wrong. */
const AWAY_REPLY =
	/^-?(OOM|LOADING|MISCONF|READONLY|BUSY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|NOREPLICAS|NOAUTH|WRONGPASS|NOPERM|UNKILLABLE)\b/;

/** A server that says so may be a replica now, or forget who we are: another socket may reach the right one. */
const DROPPING_REPLY = /^-?(READONLY|MASTERDOWN|NOAUTH)\b/;

const asBuffers = { [ RESP_TYPES.BLOB_STRING ]: Buffer };

/** Connects and shakes hands within the time; rejects with {@link StoreAwayError}. */
export async function openLink(
	url: string,
	connectTimeoutMs: number
): Promise< Link > {
	const client = createClient( {
		url,
		RESP: 3,
		name: 'docent',
		disableOfflineQueue: true,
		maintNotifications: 'disabled',
		// The client's own time limit ends when a command is written; ours goes on until the reply.
		commandOptions: { timeout: 0 },
		socket: { connectTimeout: connectTimeoutMs, reconnectStrategy: false },
	} );
	const { promise: lost, resolve: tellLost } =
		Promise.withResolvers< string >();
	let isOpen = true;
	const drop = ( reason: string ): void => {
		if ( isOpen ) {
			isOpen = false;
			client.destroy();
			tellLost( reason );
		}
	};
	client.on( 'error', ( error: Error ) => drop( describe( error ) ) );
	client.on( 'end', () => drop( 'the connection was closed' ) );

	// A paused server takes connections and never says hello.
	const timer = setTimeout(
		() => drop( `no greeting within ${ connectTimeoutMs } ms` ),
		connectTimeoutMs
	);
	try {
		await Promise.race( [
			client.connect(),
			lost.then( ( reason ) => {
				throw new StoreAwayError( reason );
			} ),
		] );
	} catch ( error ) {
		drop( describe( error ) );
		throw error instanceof StoreAwayError
			? error
			: new StoreAwayError( await lost, { cause: error } );
	} finally {
		clearTimeout( timer );
	}

	let pending = 0;
	/** Since when the server owes a reply. */
	let silentSince = Infinity;
	const replied = (): void => {
		pending--;
		silentSince = pending > 0 ? performance.now() : Infinity;
	};
	const send: Link[ 'send' ] = ( args, options ) =>
		new Promise( ( resolve, reject ) => {
			let isOver = false;
			if ( pending++ === 0 ) {
				silentSince = performance.now();
			}
			const timeUp = (): void => {
				if ( isOver ) {
					return;
				}
				isOver = true;
				const reason = `no reply to ${ String( args[ 0 ] ) } within ${ options.timeoutMs } ms`;
				reject( new StoreAwayError( reason ) );
				// One slow command among others that are answered is no reason to give up the socket. Timers may be a little early.
				if ( performance.now() - silentSince >= SILENCE_MS - 5 ) {
					drop( reason );
				}
			};
			const limit = setTimeout(
				// When this process itself was held up, the reply waits to be read: one turn of the event loop reads it.
				() => setImmediate( timeUp ),
				options.timeoutMs
			);
			client
				.sendCommand(
					args as CommandArgument[],
					options.asBuffers ? { typeMapping: asBuffers } : undefined
				)
				.then(
					( reply ) => {
						replied();
						clearTimeout( limit );
						if ( ! isOver ) {
							isOver = true;
							resolve( reply );
						}
					},
					( error: Error ) => {
						clearTimeout( limit );
						replied();
						if ( DROPPING_REPLY.test( error.message ) ) {
							drop( describe( error ) );
						}
						if ( ! isOver ) {
							isOver = true;
							reject(
								! isOpen || AWAY_REPLY.test( error.message )
									? new StoreAwayError( describe( error ), {
											cause: error,
										} )
									: error
							);
						}
					}
				);
		} );

	return {
		send,
		lost,
		drop,
		subscribe: ( channel, listener ) =>
			client.subscribe( channel, listener ),
		unsubscribe: ( channel ) => client.unsubscribe( channel ),
	};
}

/** Says what went wrong; an attempt at several addresses fails with one error around the others. */
function describe( error: unknown ): string {
	if ( error instanceof AggregateError && error.errors.length > 0 ) {
		return describe( error.errors[ 0 ] );
	}
	if ( error instanceof StoreAwayError ) {
		return error.reason;
	}
	return error instanceof Error ? error.message : String( error );
}

/**
 * Starts the fault proxy: it stands between two parts that speak TCP and spoils the connection on command.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { Lane } from './lane.ts';

/** Which way bytes flow: `down` is from the target to the client. */
export type Direction = 'up' | 'down';

/** Faults that stay in force, for connections open and new, until they are taken back. */
export interface Faults {
	/** Holds every byte until resumed. */
	isPaused?: boolean;
	bytesPerSecond?: number;
	/** Holds each byte back for this long. */
	latencyMs?: number;
	/** Cuts a connection once this many bytes have passed through it. */
	cutAfterBytes?: number;
	/** How `cutAfterBytes` cuts; default `reset`. */
	cutHow?: 'reset' | 'end';
}

/** A running fault proxy. */
export interface FaultProxy {
	readonly port: number;
	/** Connections that are open now. */
	readonly connections: number;
	/** Bytes passed on so far, over all connections. */
	readonly bytes: Readonly< Record< Direction, number > >;
	/** Replaces the faults of one direction; `{}` heals it. */
	set( direction: Direction, faults: Faults ): void;
	/** Refuses new connections (they are reset at once), or takes them again. */
	refuse( isRefusing: boolean ): void;
	/** Resets every open connection on both sides. */
	resetAll(): void;
	/** Ends every open connection towards the client in an orderly way and keeps the other half open. */
	halfCloseAll(): void;
	/** Resolves once `count` bytes have passed in a direction since the start. */
	waitForBytes( direction: Direction, count: number ): Promise< void >;
	close(): Promise< void >;
}

interface Pair {
	client: Socket;
	target: Socket;
	lanes: Record< Direction, Lane >;
}

/** Listens on the loopback address and passes connections on to `target`. */
export async function startFaultProxy( options: {
	target: { host?: string; port: number };
	port?: number;
} ): Promise< FaultProxy > {
	const pairs = new Set< Pair >();
	const faults: Record< Direction, Faults > = { up: {}, down: {} };
	const bytes: Record< Direction, number > = { up: 0, down: 0 };
	const waiting = new Set< () => void >();
	let isRefusing = false;

	const passed = ( direction: Direction, count: number ): void => {
		bytes[ direction ] += count;
		for ( const check of [ ...waiting ] ) {
			check();
		}
	};
	const reset = ( pair: Pair ): void => {
		pair.client.resetAndDestroy();
		pair.target.resetAndDestroy();
	};

	const server = createServer(
		{ allowHalfOpen: true, noDelay: true },
		( client ) => {
			client.on( 'error', () => undefined );
			if ( isRefusing ) {
				client.resetAndDestroy();
				return;
			}
			const target = connect( {
				host: options.target.host ?? '127.0.0.1',
				port: options.target.port,
				allowHalfOpen: true,
				noDelay: true,
			} );
			const cut = ( how: Faults[ 'cutHow' ] ): void => {
				if ( how === 'end' ) {
					client.end();
					target.end();
				} else {
					reset( pair );
				}
			};
			const laneOf = ( direction: Direction ): Lane =>
				new Lane( {
					from: direction === 'up' ? client : target,
					to: direction === 'up' ? target : client,
					faults: () => faults[ direction ],
					onPassed: ( count ) => passed( direction, count ),
					onCut: cut,
				} );
			const pair: Pair = {
				client,
				target,
				lanes: { up: laneOf( 'up' ), down: laneOf( 'down' ) },
			};
			pairs.add( pair );
			target.on( 'error', () => client.resetAndDestroy() );
			const gone = (): void => {
				pairs.delete( pair );
				client.destroy();
				target.destroy();
			};
			client.once( 'close', gone );
			target.once( 'close', () => {
				// What the target said last may still be on its way through a slow lane.
				pair.lanes.down.whenEmpty( () => client.end() );
			} );
		}
	);
	server.listen( options.port ?? 0, '127.0.0.1' );
	await once( server, 'listening' );

	return {
		port: ( server.address() as AddressInfo ).port,
		get connections() {
			return pairs.size;
		},
		bytes,
		set( direction, next ) {
			faults[ direction ] = next;
			for ( const pair of pairs ) {
				pair.lanes[ direction ].faultsChanged();
			}
		},
		refuse( next ) {
			isRefusing = next;
		},
		resetAll() {
			for ( const pair of pairs ) {
				reset( pair );
			}
		},
		halfCloseAll() {
			for ( const { client } of pairs ) {
				client.end();
			}
		},
		waitForBytes( direction, count ) {
			return new Promise( ( resolve ) => {
				const check = (): void => {
					if ( bytes[ direction ] >= count ) {
						waiting.delete( check );
						resolve();
					}
				};
				waiting.add( check );
				check();
			} );
		},
		async close() {
			const closed = once( server, 'close' );
			server.close();
			for ( const { client, target } of pairs ) {
				client.destroy();
				target.destroy();
			}
			await closed;
		},
	};
}

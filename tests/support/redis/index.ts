/**
 * Starts real Redis servers on free ports of the loopback address, and does to them what happens to servers.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@redis/client';
import { keepPort } from '../../../dev/ports.ts';
import {
	signalGroup,
	startProcess,
	stopProcess,
} from '../../../dev/processes.ts';

/** A server of the test's own. */
export interface RedisServer {
	readonly url: string;
	readonly port: number;
	/** Runs a command on a connection of the test's own. */
	command< T = unknown >( ...args: string[] ): Promise< T >;
	/** Stops the process without closing a socket (SIGSTOP): connections stay open, nothing answers. */
	pause(): void;
	/** Lets a paused process go on. */
	resume(): void;
	/** Ends the process at once (SIGKILL); what was not written to disk is lost. */
	kill(): Promise< void >;
	/** Starts the process again on the same port with the same folder, after ending it in peace when it runs. */
	restart(): Promise< void >;
	/** Removes everything. */
	flush(): Promise< void >;
	/** Refuses writes above so many bytes (`noeviction`); 0 lifts the limit. */
	limitMemory( bytes: number ): Promise< void >;
	/** Keeps the server busy with nothing, for so many seconds. */
	sleep( seconds: number ): void;
	stop(): Promise< void >;
}

const READY = 'Ready to accept connections';
const READY_MS = 10_000;

/** Starts a server with an empty folder. By default it writes every step to disk (`appendonly`). */
export async function startRedis( {
	isDurable = true,
	args = [],
}: {
	isDurable?: boolean;
	/** Further arguments of `redis-server`. */
	args?: readonly string[];
} = {} ): Promise< RedisServer > {
	const dir = mkdtempSync( join( tmpdir(), 'docent-redis-' ) );
	const port = await freePort();
	const launch = () =>
		startServer( [
			'--port',
			String( port ),
			'--bind',
			'127.0.0.1',
			'--dir',
			dir,
			'--save',
			'',
			'--appendonly',
			isDurable ? 'yes' : 'no',
			'--enable-debug-command',
			'yes',
			'--maxmemory-policy',
			'noeviction',
			...args,
		] );
	let child = await launch();
	let client: ReturnType< typeof createClient > | undefined;

	const disconnect = (): void => {
		client?.destroy();
		client = undefined;
	};
	const run = async ( ...command: string[] ): Promise< unknown > => {
		if ( ! client?.isReady ) {
			disconnect();
			client = createClient( {
				socket: { host: '127.0.0.1', port, reconnectStrategy: false },
				commandOptions: { timeout: 0 },
				maintNotifications: 'disabled',
			} );
			client.on( 'error', () => undefined );
			await client.connect();
		}
		return client.sendCommand( command );
	};
	const kill = async (): Promise< void > => {
		disconnect();
		const ended = new Promise( ( resolve ) =>
			child.once( 'exit', resolve )
		);
		if ( child.exitCode === null && child.signalCode === null ) {
			signalGroup( child, 'SIGKILL' );
			await ended;
		}
	};

	return {
		url: `redis://127.0.0.1:${ port }`,
		port,
		command: ( ...command ) => run( ...command ) as Promise< never >,
		pause: () => signalGroup( child, 'SIGSTOP' ),
		resume: () => signalGroup( child, 'SIGCONT' ),
		kill,
		async restart() {
			disconnect();
			await stopProcess( child );
			child = await launch();
		},
		async flush() {
			await run( 'FLUSHALL' );
		},
		async limitMemory( bytes ) {
			await run( 'CONFIG', 'SET', 'maxmemory', String( bytes ) );
		},
		sleep( seconds ) {
			run( 'DEBUG', 'SLEEP', String( seconds ) ).catch( () => undefined );
		},
		async stop() {
			await kill();
			rmSync( dir, { recursive: true, force: true } );
		},
	};
}

async function freePort(): Promise< number > {
	const { port, release } = await keepPort();
	await release();
	return port;
}

/** Starts the process and resolves when it takes connections. */
function startServer(
	args: string[]
): Promise< ReturnType< typeof startProcess > > {
	return new Promise( ( resolve, reject ) => {
		const child = startProcess( 'redis-server', args );
		let output = '';
		const fail = ( why: string ): void => {
			clearTimeout( timer );
			reject( new Error( `redis-server ${ why }: ${ output }` ) );
		};
		const timer = setTimeout( () => {
			signalGroup( child, 'SIGKILL' );
			fail( 'was not ready in time' );
		}, READY_MS );
		child.stdout?.setEncoding( 'utf8' ).on( 'data', ( text: string ) => {
			output += text;
			if ( output.includes( READY ) ) {
				output = '';
				clearTimeout( timer );
				resolve( child );
			}
		} );
		child.once( 'error', ( error ) => fail( error.message ) );
		child.once( 'exit', ( code ) => fail( `ended with ${ code }` ) );
	} );
}

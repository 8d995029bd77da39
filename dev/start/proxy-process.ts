/**
 * Runs the proxy as a child process and knows when it is ready.
 */

import type { ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { startProcess, stopProcess } from '../processes.ts';
import { projectRoot } from '../project.ts';
import { UserFacingError } from '../terminal.ts';

export interface ProxyProcessOptions {
	port: number;
	env: Record< string, string >;
	/** File that receives the proxy's log. */
	logFile: string;
	/** Called when the proxy ends without having been asked to. */
	onUnexpectedExit?: ( lastLines: string ) => void;
}

export interface ProxyProcess {
	url: string;
	pid: () => number | undefined;
	/** Ends the proxy and starts it again on the same port. */
	restart: () => Promise< void >;
	stop: () => Promise< void >;
}

/** Starts the proxy and resolves when it accepts questions. */
export async function startProxyProcess( {
	port,
	env,
	logFile,
	onUnexpectedExit = () => {},
}: ProxyProcessOptions ): Promise< ProxyProcess > {
	const url = `http://127.0.0.1:${ port }`;
	await mkdir( dirname( logFile ), { recursive: true } );
	let child: ChildProcess | undefined;

	const start = async (): Promise< void > => {
		const started = startProcess(
			process.execPath,
			[ 'proxy/src/index.ts' ],
			{
				cwd: projectRoot,
				env: {
					...process.env,
					...env,
					HOST: '127.0.0.1',
					PORT: String( port ),
				},
			}
		);
		child = started;
		const log = createWriteStream( logFile, { flags: 'a' } );
		let lastLines = '';
		const keep = ( chunk: Buffer ): void => {
			lastLines = ( lastLines + chunk.toString() ).slice( -4000 );
			log.write( chunk );
		};
		started.stdout?.on( 'data', keep );
		started.stderr?.on( 'data', keep );
		const ended = new Promise< void >( ( resolve ) => {
			started.once( 'close', () => {
				log.end();
				resolve();
			} );
		} );
		if ( ! ( await isReady( url, ended ) ) ) {
			child = undefined;
			await stopProcess( started );
			throw new UserFacingError(
				`The proxy did not start. Its last lines (all of them: ${ logFile }):\n${ lastLines }`
			);
		}
		void ended.then( () => {
			if ( child === started ) {
				child = undefined;
				onUnexpectedExit( lastLines );
			}
		} );
	};
	const stop = async (): Promise< void > => {
		const ending = child;
		child = undefined;
		if ( ending !== undefined ) {
			await stopProcess( ending );
		}
	};
	await start();
	return {
		url,
		pid: () => child?.pid,
		restart: async () => {
			await stop();
			await start();
		},
		stop,
	};
}

/** Asks until the proxy says it is ready; false when it ends or stays silent for 20 seconds. */
async function isReady(
	url: string,
	ended: Promise< void >
): Promise< boolean > {
	const deadline = performance.now() + 20_000;
	let hasEnded = false;
	void ended.then( () => {
		hasEnded = true;
	} );
	while ( ! hasEnded && performance.now() < deadline ) {
		try {
			const response = await fetch( `${ url }/health/ready`, {
				signal: AbortSignal.timeout( 1000 ),
			} );
			if ( response.ok ) {
				return true;
			}
		} catch {
			// Nothing listens yet.
		}
		await new Promise( ( resolve ) => setTimeout( resolve, 50 ) );
	}
	return false;
}

/**
 * Keeps several proxies running as processes of their own, on ports that stay theirs, through kills and restarts.
 */
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { keepPort } from '../../dev/ports.ts';
import { signalGroup, startProcess, stopProcess } from '../../dev/processes.ts';
import { inProject } from '../../dev/project.ts';

const READY_MS = 20_000;

/** One proxy of the cluster. */
export interface Member {
	readonly url: string;
	/** How often it was started. */
	readonly starts: number;
	/** The last warnings and errors it logged. */
	readonly complaints: readonly string[];
	/** Resolves when it takes requests again. */
	ready(): Promise< void >;
	/** Ends the process at once, at whatever instruction it is, and starts it again. */
	kill(): Promise< void >;
	/** Ends the process as an operator does, and starts it again. */
	restart(): Promise< void >;
}

/** All proxies. */
export interface Cluster {
	readonly members: readonly Member[];
	stop(): Promise< void >;
}

/** Starts `count` proxies with the same environment, each on a port of its own. */
export async function startCluster(
	count: number,
	env: Record< string, string >
): Promise< Cluster > {
	const members: Array< Member & { stop(): Promise< void > } > = [];
	for ( let index = 0; index < count; index++ ) {
		members.push( await startMember( env ) );
	}
	return {
		members,
		async stop() {
			await Promise.all( members.map( ( member ) => member.stop() ) );
		},
	};
}

async function startMember(
	env: Record< string, string >
): Promise< Member & { stop(): Promise< void > } > {
	const reservation = await keepPort();
	const { port } = reservation;
	await reservation.release();
	let starts = 0;
	const complaints: string[] = [];
	let child: ChildProcess;
	let starting: Promise< void >;

	const start = (): Promise< void > => {
		starts++;
		child = startProcess( process.execPath, [ 'proxy/src/index.ts' ], {
			cwd: inProject(),
			env: {
				PATH: process.env.PATH,
				LOG_LEVEL: 'info',
				...env,
				PORT: String( port ),
			},
		} );
		return whenReady( child, complaints );
	};
	const begin = (): Promise< void > => {
		starting = start();
		// Whoever waits for readiness hears of a failure; nobody waiting is no reason to end the run.
		starting.catch( () => undefined );
		return starting;
	};
	await begin();

	return {
		url: `http://127.0.0.1:${ port }`,
		get starts() {
			return starts;
		},
		complaints,
		ready: () => starting,
		async kill() {
			const ended = new Promise( ( resolve ) =>
				child.once( 'exit', resolve )
			);
			signalGroup( child, 'SIGKILL' );
			await ended;
			await begin();
		},
		async restart() {
			await stopProcess( child, 12_000 );
			await begin();
		},
		async stop() {
			await stopProcess( child, 12_000 );
		},
	};
}

/** Resolves when the proxy says that it is ready, rejects with what it said when it ends before. */
function whenReady(
	child: ChildProcess,
	complaints: string[]
): Promise< void > {
	return new Promise( ( resolve, reject ) => {
		const said: string[] = [];
		const timer = setTimeout(
			() => signalGroup( child, 'SIGKILL' ),
			READY_MS
		);
		for ( const input of [ child.stdout, child.stderr ] ) {
			createInterface( { input: input as NodeJS.ReadableStream } ).on(
				'line',
				( line ) => {
					if ( line.includes( 'the proxy is ready' ) ) {
						clearTimeout( timer );
						resolve();
					}
					if ( /"level":(40|50|60)/.test( line ) ) {
						complaints.push( line );
						complaints.splice( 0, complaints.length - 5 );
					}
					said.push( line );
					said.splice( 0, said.length - 20 );
				}
			);
		}
		child.once( 'exit', () => {
			clearTimeout( timer );
			reject(
				new Error( `A proxy did not start:\n${ said.join( '\n' ) }` )
			);
		} );
	} );
}

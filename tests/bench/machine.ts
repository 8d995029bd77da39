/**
 * Knows the machine the bench runs on: pins processes to cores and reads what they use. Linux gives all of it, others less.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';

/** The server under test has this core to itself; load and simulated provider share the other. */
export const SERVER_CORE = 0;
export const LOAD_CORE = 1;

/** Ticks a second of the process times in `/proc`; fixed on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** Tells whether processes can be pinned: it takes two cores and `taskset`. */
export const canPin =
	availableParallelism() >= 2 &&
	spawnSync( 'taskset', [ '--version' ] ).status === 0;

/** Returns the command that starts Node on one core, or on any core where pinning is impossible. */
export function nodeCommand( core: number | undefined ): {
	command: string;
	before: string[];
} {
	return canPin && core !== undefined
		? {
				command: 'taskset',
				before: [ '-c', String( core ), process.execPath ],
			}
		: { command: process.execPath, before: [] };
}

/** Moves this process, with all its threads, to a core. */
export function pinSelf( core: number ): void {
	if ( canPin ) {
		spawnSync( 'taskset', [
			'-a',
			'-p',
			'-c',
			String( core ),
			String( process.pid ),
		] );
	}
}

/** Reads how much memory of a process is resident, in megabytes; undefined where the system does not say. */
export function residentMb( pid: number ): number | undefined {
	const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(
		readProc( pid, 'status' ) ?? ''
	)?.[ 1 ];
	return kilobytes === undefined ? undefined : Number( kilobytes ) / 1_024;
}

/** Reads the processor time a process has used, in milliseconds; undefined where the system does not say. */
export function cpuMs( pid: number ): number | undefined {
	const stat = readProc( pid, 'stat' );
	if ( stat === undefined ) {
		return undefined;
	}
	// The second field is a name in brackets that may hold spaces; user and system time are the 14th and 15th.
	const fields = stat.slice( stat.lastIndexOf( ')' ) + 2 ).split( ' ' );
	const ticks = Number( fields[ 11 ] ) + Number( fields[ 12 ] );
	return ( ticks * 1_000 ) / TICKS_PER_SECOND;
}

/**
 * Starts to watch how much of the machine is used by processes other than the given ones; the returned function says what share
 * it was, in percent. Benches are only as good as the quiet around them.
 */
export function watchOthers( ownPids: number[] ): () => number | undefined {
	const read = () => ( {
		atMs: performance.now(),
		busyMs: busyMs(),
		ownMs: [ process.pid, ...ownPids ].reduce(
			( sum, pid ) => sum + ( cpuMs( pid ) ?? 0 ),
			0
		),
	} );
	const start = read();
	return () => {
		const end = read();
		if ( start.busyMs === undefined || end.busyMs === undefined ) {
			return undefined;
		}
		const othersMs =
			end.busyMs - start.busyMs - ( end.ownMs - start.ownMs );
		const wholeMs = ( end.atMs - start.atMs ) * availableParallelism();
		return Math.max( 0, ( 100 * othersMs ) / wholeMs );
	};
}

/** Reads how long all cores together have been busy since the machine started, in milliseconds. */
function busyMs(): number | undefined {
	const line = /^cpu +(.*)$/m.exec( readFile( '/proc/stat' ) ?? '' )?.[ 1 ];
	if ( line === undefined ) {
		return undefined;
	}
	const [ user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0 ] = line
		.split( ' ' )
		.map( Number );
	return (
		( ( user + nice + system + irq + softirq ) * 1_000 ) / TICKS_PER_SECOND
	);
}

/** Describes the machine for the record of a run. */
export function describeMachine(): Record< string, unknown > {
	return {
		node: process.version,
		platform: `${ process.platform } ${ process.arch }`,
		cpu: cpus()[ 0 ]?.model ?? 'unknown',
		cores: availableParallelism(),
		isPinned: canPin,
		loadAverage: loadavg().map(
			( load ) => Math.round( load * 100 ) / 100
		),
	};
}

function readProc( pid: number, file: string ): string | undefined {
	return readFile( `/proc/${ pid }/${ file }` );
}

function readFile( path: string ): string | undefined {
	try {
		return readFileSync( path, 'utf8' );
	} catch {
		return undefined;
	}
}

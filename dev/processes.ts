/**
 * Starts child processes and ends every one of them again, whatever way this process leaves.
 *
 * Each child leads a process group of its own: servers that fork workers (php -S) end whole, and a Ctrl-C in the
 * terminal reaches only this process, which then stops its children in order.
 */

import { spawn } from 'node:child_process';
import type { ChildProcess, SpawnOptions } from 'node:child_process';

const running = new Set< ChildProcess >();

/** What a finished command left behind. */
export interface CommandResult {
	exitCode: number;
	stdout: string;
	stderr: string;
}

export interface CommandOptions {
	cwd?: string;
	env?: NodeJS.ProcessEnv;
	/** Text for the command's standard input. */
	input?: string;
	/** Ends the command after this long; the result then carries exit code 124. */
	timeoutMs?: number;
	/** Receives output as it comes, for progress. */
	onOutput?: ( chunk: string ) => void;
}

/** Starts a process that lives until it is stopped, or at the latest until this process ends. */
export function startProcess(
	command: string,
	args: string[],
	options: SpawnOptions = {}
): ChildProcess {
	const child = spawn( command, args, {
		stdio: [ 'ignore', 'pipe', 'pipe' ],
		...options,
		detached: process.platform !== 'win32',
	} );
	running.add( child );
	const forget = () => running.delete( child );
	child.once( 'exit', forget );
	child.once( 'error', forget );
	return child;
}

/** Signals a child together with everything it forked; says nothing when it is gone already. */
export function signalGroup(
	child: ChildProcess,
	signal: NodeJS.Signals
): void {
	if ( child.pid === undefined ) {
		return;
	}
	try {
		process.kill(
			process.platform === 'win32' ? child.pid : -child.pid,
			signal
		);
	} catch {
		// The group has ended between the check and the signal: nothing is left to do.
	}
}

/** Asks a process to end, insists after `graceMs`, and resolves when it has ended. */
export async function stopProcess(
	child: ChildProcess,
	graceMs = 5000
): Promise< void > {
	if ( child.exitCode === null && child.signalCode === null ) {
		const ended = new Promise< void >( ( resolve ) =>
			child.once( 'exit', () => resolve() )
		);
		signalGroup( child, 'SIGTERM' );
		const insist = setTimeout(
			() => signalGroup( child, 'SIGKILL' ),
			graceMs
		);
		await ended;
		clearTimeout( insist );
	}
	// Forked workers may outlive the leader.
	signalGroup( child, 'SIGKILL' );
}

/** Runs a command to its end and collects what it printed. Never rejects: a command that cannot start has exit code 127. */
export function runCommand(
	command: string,
	args: string[],
	options: CommandOptions = {}
): Promise< CommandResult > {
	const { cwd, env, input, timeoutMs, onOutput } = options;
	return new Promise( ( resolve ) => {
		const child = startProcess( command, args, {
			...( cwd === undefined ? {} : { cwd } ),
			...( env === undefined ? {} : { env } ),
			stdio: [ input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe' ],
		} );
		let stdout = '';
		let stderr = '';
		let isTimedOut = false;
		child.stdout?.setEncoding( 'utf8' ).on( 'data', ( chunk: string ) => {
			stdout += chunk;
			onOutput?.( chunk );
		} );
		child.stderr?.setEncoding( 'utf8' ).on( 'data', ( chunk: string ) => {
			stderr += chunk;
			onOutput?.( chunk );
		} );
		const timer =
			timeoutMs === undefined
				? undefined
				: setTimeout( () => {
						isTimedOut = true;
						// Asked first: a test runner then ends the servers it has started.
						void stopProcess( child );
					}, timeoutMs );
		child.once( 'error', ( error ) => {
			clearTimeout( timer );
			resolve( { exitCode: 127, stdout, stderr: error.message } );
		} );
		child.once( 'close', ( code, signal ) => {
			clearTimeout( timer );
			const ended = isTimedOut
				? 124
				: ( code ?? ( signal === null ? 1 : 128 ) );
			resolve( { exitCode: ended, stdout, stderr } );
		} );
		// A command may end without reading its input; that is its own business.
		child.stdin?.on( 'error', () => {} ).end( input );
	} );
}

/** Says whether a command can be started at all. */
export async function hasCommand( command: string ): Promise< boolean > {
	const { exitCode } = await runCommand( command, [ '--version' ], {
		timeoutMs: 10_000,
	} );
	return exitCode !== 127;
}

/** Ends everything that still runs, in peace. */
export async function stopAllProcesses(): Promise< void > {
	await Promise.all(
		[ ...running ].map( ( child ) => stopProcess( child ) )
	);
}

/** Ends everything that still runs, at once. */
export function killAllProcesses(): void {
	for ( const child of running ) {
		signalGroup( child, 'SIGKILL' );
	}
}

process.on( 'exit', killAllProcesses );

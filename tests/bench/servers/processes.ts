/**
 * Starts the servers of the bench, each a Node process of its own on its core, and waits until each answers.
 */
import { openSync, mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import type { ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { startProcess } from '../../../dev/processes.ts';
import { inProject } from '../../../dev/project.ts';
import { nodeCommand } from '../machine.ts';

/** Everything the bench makes lives here. */
export const benchDir = inProject( '.docent', 'bench' );

const READY_MS = 20_000;

/** Starts a Node script pinned to a core, or on any core without one; its output goes to a file, so that reading it costs the load generator nothing. */
export function startNode( options: {
	name: string;
	core: number | undefined;
	args: string[];
	env?: Record< string, string >;
	cwd?: string;
} ): ChildProcess {
	mkdirSync( benchDir, { recursive: true } );
	const log = openSync( `${ benchDir }/${ options.name }.log`, 'w' );
	const { command, before } = nodeCommand( options.core );
	return startProcess( command, [ ...before, ...options.args ], {
		cwd: options.cwd ?? inProject(),
		env: { ...process.env, ...options.env },
		stdio: [ 'ignore', log, log ],
	} );
}

/** Resolves once something listens on the port; rejects when the process ends first or takes too long. */
export async function waitForPort(
	child: ChildProcess,
	name: string,
	port: number
): Promise< void > {
	const deadlineMs = performance.now() + READY_MS;
	while ( performance.now() < deadlineMs ) {
		if ( child.exitCode !== null ) {
			break;
		}
		const isOpen = await new Promise< boolean >( ( resolve ) => {
			const socket = connect( port, '127.0.0.1' );
			socket.once( 'connect', () => {
				socket.destroy();
				resolve( true );
			} );
			socket.once( 'error', () => resolve( false ) );
		} );
		if ( isOpen ) {
			return;
		}
		await delay( 50 );
	}
	throw new Error(
		`${ name } did not start on port ${ port }. What it said is in .docent/bench/${ name }.log.`
	);
}

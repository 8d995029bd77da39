/**
 * Starts real processes and proves that they end when they should.
 */

import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { runCommand, startProcess, stopProcess } from '../../dev/processes.ts';

const node = process.execPath;

function isAlive( pid: number ): boolean {
	try {
		process.kill( pid, 0 );
		return true;
	} catch {
		return false;
	}
}

/** Resolves when the process is gone; the system tells nobody but its parent, so it has to be asked. */
async function gone( pid: number ): Promise< void > {
	while ( isAlive( pid ) ) {
		await new Promise( ( resolve ) => setTimeout( resolve, 10 ) );
	}
}

describe( 'running a command', () => {
	it( 'collects what it prints and how it ends', async () => {
		const result = await runCommand( node, [
			'-e',
			"console.log( 'out' ); console.error( 'err' ); process.exitCode = 3;",
		] );
		expect( result ).toEqual( {
			exitCode: 3,
			stdout: 'out\n',
			stderr: 'err\n',
		} );
	} );

	it( 'gives it its input', async () => {
		const { stdout } = await runCommand(
			node,
			[ '-e', 'process.stdin.pipe( process.stdout )' ],
			{ input: '配送' }
		);
		expect( stdout ).toBe( '配送' );
	} );

	it( 'says 127 for a command that does not exist', async () => {
		const { exitCode } = await runCommand( 'docent-no-such-command', [] );
		expect( exitCode ).toBe( 127 );
	} );

	it( 'says 124 for a command that took too long, and ends what it started', async () => {
		const result = await runCommand(
			node,
			[
				'-e',
				`const child = require( 'node:child_process' ).spawn( ${ JSON.stringify(
					node
				) }, [ '-e', 'setInterval( () => {}, 1000 )' ] ); console.log( child.pid ); setInterval( () => {}, 1000 );`,
			],
			{ timeoutMs: 4000 }
		);
		expect( result.exitCode ).toBe( 124 );
		await gone( Number( result.stdout ) );
	} );
} );

describe( 'stopping a process', () => {
	it( 'ends one that ignores the request', async () => {
		const child = startProcess( node, [
			'-e',
			"process.on( 'SIGTERM', () => {} ); setInterval( () => {}, 1000 ); console.log( 'up' );",
		] );
		await once( child.stdout!, 'data' );
		await stopProcess( child, 100 );
		expect( child.signalCode ).toBe( 'SIGKILL' );
	} );

	it( 'lets one finish its work', async () => {
		const child = startProcess( node, [
			'-e',
			"process.on( 'SIGTERM', () => process.exit( 7 ) ); setInterval( () => {}, 1000 ); console.log( 'up' );",
		] );
		await once( child.stdout!, 'data' );
		await stopProcess( child );
		expect( child.exitCode ).toBe( 7 );
	} );

	it( 'is content with one that has ended already', async () => {
		const child = startProcess( node, [ '-e', '' ] );
		await once( child, 'exit' );
		await stopProcess( child );
		expect( child.exitCode ).toBe( 0 );
	} );

	it( 'happens by itself when this process ends', async () => {
		const { stdout } = await runCommand( node, [
			'--input-type=module',
			'-e',
			`import { startProcess } from ${ JSON.stringify(
				new URL( '../../dev/processes.ts', import.meta.url ).href
			) };
			const child = startProcess( process.execPath, [ '-e', 'setInterval( () => {}, 1000 )' ] );
			console.log( child.pid );
			process.exit( 1 );`,
		] );
		await gone( Number( stdout ) );
	} );
} );

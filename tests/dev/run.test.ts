/**
 * Runs the first program of all in clones made for the purpose.
 */

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../../dev/processes.ts';
import { inProject } from '../../dev/project.ts';

let clone: string;

/** Makes a clone whose npm packages are installed, with two tasks. */
beforeAll( async () => {
	clone = await mkdtemp( join( tmpdir(), 'docent-clone-' ) );
	await mkdir( join( clone, 'dev' ) );
	await cp( inProject( 'dev/run.mjs' ), join( clone, 'dev/run.mjs' ) );
	await writeFile( join( clone, 'package.json' ), '{"type":"module"}' );
	await writeFile( join( clone, 'package-lock.json' ), '{}' );
	await writeFile(
		join( clone, 'dev/echo.ts' ),
		'const code: number = Number( process.argv[ 2 ] ); console.log( process.argv.slice( 2 ).join() ); process.exitCode = code;'
	);
	await writeFile(
		join( clone, 'dev/wait.ts' ),
		"process.on( 'SIGTERM', () => process.exit( 42 ) ); setInterval( () => {}, 1000 ); console.log( 'up' );"
	);
	await mkdir( join( clone, 'node_modules' ) );
	await symlink(
		inProject( 'node_modules/node' ),
		join( clone, 'node_modules/node' ),
		'junction'
	);
	await writeFile(
		join( clone, 'node_modules/.docent-installed' ),
		createHash( 'sha256' )
			.update( '{}' )
			.update( `${ process.platform }-${ process.arch }` )
			.digest( 'hex' )
	);
} );

afterAll( () => rm( clone, { recursive: true, force: true } ) );

const run = ( ...args: string[] ) =>
	runCommand( process.execPath, [ join( clone, 'dev/run.mjs' ), ...args ] );

describe( 'node dev/run.mjs', () => {
	it( 'passes arguments and hands the exit code back', async () => {
		expect( await run( 'echo', '3', '--flag' ) ).toEqual( {
			exitCode: 3,
			stdout: '3,--flag\n',
			stderr: '',
		} );
	} );

	it.each( [ 'nothing', '', '../evil' ] )(
		'says that there is no task "%s"',
		async ( task ) => {
			const { exitCode, stderr } = await run( task );
			expect( exitCode ).toBe( 1 );
			expect( stderr ).toContain( 'There is no task' );
		}
	);

	it( 'hands a signal on and waits for the task', async () => {
		const child = spawn( process.execPath, [
			join( clone, 'dev/run.mjs' ),
			'wait',
		] );
		await once( child.stdout, 'data' );
		child.kill( 'SIGTERM' );
		const [ code ] = await once( child, 'exit' );
		expect( code ).toBe( 42 );
	} );

	it( 'says what to do when the packages cannot be installed', async () => {
		const bare = join( clone, 'bare' );
		await mkdir( join( bare, 'dev' ), { recursive: true } );
		for ( const file of [ 'dev/run.mjs', 'dev/echo.ts' ] ) {
			await cp( join( clone, file ), join( bare, file ) );
		}
		await writeFile(
			join( bare, 'package.json' ),
			'{"dependencies":{"docent-no-such-package":"1.0.0"}}'
		);
		const { exitCode, stderr } = await runCommand(
			process.execPath,
			[ join( bare, 'dev/run.mjs' ), 'echo' ],
			{
				env: {
					...process.env,
					// Nothing listens there: a machine without a network.
					npm_config_registry: 'http://127.0.0.1:9/',
					npm_config_fetch_retries: '0',
				},
			}
		);
		expect( exitCode ).toBe( 1 );
		expect( stderr ).toContain( 'could not be installed' );
		expect( stderr ).toContain( 'Without a network' );
	} );
} );

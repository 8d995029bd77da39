/**
 * Runs a MariaDB server of its own, with a private data folder and a socket instead of a port.
 */

import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { runCommand, startProcess, stopProcess } from '../processes.ts';
import { UserFacingError } from '../terminal.ts';

export interface MariaDb {
	/** Path of the socket; user `root`, no password, reachable for this user's processes only. */
	socket: string;
	stop: () => Promise< void >;
}

/** Creates an empty database server in `folder` and resolves when it accepts connections. */
export async function startMariaDb( folder: string ): Promise< MariaDb > {
	const dataDir = join( folder, 'data' );
	const socket = join( folder, 'db.sock' );
	// MariaDB refuses to run as root unless told so; elsewhere the option is not allowed.
	const asRoot = process.getuid?.() === 0 ? [ '--user=root' ] : [];

	const created = await runCommand(
		'mariadb-install-db',
		[
			'--no-defaults',
			`--datadir=${ dataDir }`,
			// Servers that start at the same time do not meet in the machine's own folder for temporary files.
			`--tmpdir=${ folder }`,
			'--auth-root-authentication-method=normal',
			'--skip-test-db',
			...asRoot,
		],
		{ timeoutMs: 60_000 }
	);
	if ( created.exitCode === 127 ) {
		throw new UserFacingError(
			'MariaDB is not installed: install the package mariadb-server (macOS: brew install mariadb).'
		);
	}
	if ( created.exitCode !== 0 ) {
		throw new Error(
			`mariadb-install-db failed: ${ created.stdout }${ created.stderr }`
		);
	}
	const server = startProcess( 'mariadbd', [
		'--no-defaults',
		...asRoot,
		`--datadir=${ dataDir }`,
		`--tmpdir=${ folder }`,
		`--socket=${ socket }`,
		`--pid-file=${ join( folder, 'db.pid' ) }`,
		'--skip-networking',
		'--innodb-buffer-pool-size=64M',
		// The data is thrown away after the run; surviving a power cut is worth nothing here.
		'--innodb-flush-log-at-trx-commit=0',
	] );
	await whenPrinted( server, /ready for connections/, 'mariadbd' );
	return { socket, stop: () => stopProcess( server ) };
}

/** Resolves when a server prints that it is ready; rejects with what it printed when it ends or stays silent. */
export function whenPrinted(
	child: ChildProcess,
	ready: RegExp,
	name: string,
	timeoutMs = 30_000
): Promise< void > {
	return new Promise( ( resolve, reject ) => {
		let printed = '';
		const timer = setTimeout(
			() => finish( `did not become ready in ${ timeoutMs } ms` ),
			timeoutMs
		);
		const finish = ( failure?: string ): void => {
			clearTimeout( timer );
			if ( failure === undefined ) {
				resolve();
			} else {
				reject( new Error( `${ name } ${ failure }: ${ printed }` ) );
			}
		};
		const listen = ( chunk: Buffer ): void => {
			// Keeps the tail only: a server may print for hours.
			printed = ( printed + chunk.toString() ).slice( -8000 );
			if ( ready.test( printed ) ) {
				finish();
			}
		};
		child.stdout?.on( 'data', listen );
		child.stderr?.on( 'data', listen );
		child.once( 'error', ( error ) =>
			finish( `cannot be started (${ error.message })` )
		);
		child.once( 'exit', ( code ) => finish( `ended with ${ code }` ) );
	} );
}

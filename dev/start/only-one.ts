/**
 * Keeps two starts in one clone apart, and clears away what a start that was killed has left running.
 */

import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../processes.ts';
import { workDir } from '../project.ts';
import { UserFacingError, say } from '../terminal.ts';

const file = join( workDir, 'running.json' );

interface RunningStart {
	pid: number;
	proxyPid?: number | undefined;
	siteUrl?: string | undefined;
}

/** The right to be the one start of this clone. */
export interface Claim {
	/** Notes what has been started, for the next start to find should this one be killed. */
	note: ( started: Omit< RunningStart, 'pid' > ) => Promise< void >;
	release: () => Promise< void >;
}

/** Claims the clone; throws when another start is alive, and ends the leftovers of a dead one. */
export async function claimClone(): Promise< Claim > {
	await mkdir( workDir, { recursive: true } );
	const before = await read();
	if ( before !== undefined && before.pid !== process.pid ) {
		if ( await runs( before.pid, 'dev/start.ts' ) ) {
			throw new UserFacingError(
				`Docent already runs from this folder (process ${ before.pid }${
					before.siteUrl === undefined ? '' : `, ${ before.siteUrl }`
				}). Stop it with Ctrl-C in its terminal first.`
			);
		}
		if (
			before.proxyPid !== undefined &&
			( await runs( before.proxyPid, 'proxy/src/index.ts' ) )
		) {
			say( '! Ending a proxy that an interrupted start left behind.' );
			await endProcess( before.proxyPid );
		}
		await rm( file, { force: true } );
	}
	try {
		await writeFile( file, JSON.stringify( { pid: process.pid } ), {
			flag: 'wx',
		} );
	} catch {
		throw new UserFacingError(
			'Another start of Docent began in this folder at the same moment. Use that one.'
		);
	}
	return {
		note: ( started ) =>
			writeFile(
				file,
				JSON.stringify( { pid: process.pid, ...started } )
			),
		release: () => rm( file, { force: true } ),
	};
}

async function read(): Promise< RunningStart | undefined > {
	try {
		const noted = JSON.parse(
			await readFile( file, 'utf8' )
		) as RunningStart;
		return Number.isInteger( noted.pid ) ? noted : { pid: 0 };
	} catch ( error ) {
		return ( error as NodeJS.ErrnoException ).code === 'ENOENT'
			? undefined
			: { pid: 0 };
	}
}

/** Says whether this very program still runs under the id; ids are reused. */
async function runs( pid: number, script: string ): Promise< boolean > {
	if ( pid <= 0 ) {
		return false;
	}
	try {
		process.kill( pid, 0 );
	} catch {
		return false;
	}
	if ( process.platform === 'win32' ) {
		return true;
	}
	const { stdout } = await runCommand( 'ps', [
		'-p',
		String( pid ),
		'-o',
		'args=',
	] );
	return stdout.includes( script );
}

async function endProcess( pid: number ): Promise< void > {
	for ( const signal of [ 'SIGTERM', 'SIGKILL' ] as const ) {
		for ( let attempt = 0; attempt < 30; attempt++ ) {
			try {
				process.kill( pid, attempt === 0 ? signal : 0 );
			} catch {
				return;
			}
			await new Promise( ( resolve ) => setTimeout( resolve, 100 ) );
		}
	}
}

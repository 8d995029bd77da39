/**
 * Obtains WordPress: from the cache, else from wordpress.org, else from Debian's archive.
 */

import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { cacheDir } from '../project.ts';
import { UserFacingError } from '../terminal.ts';
import {
	canReadDebianArchive,
	unpackFromDebianArchive,
} from './debian-archive.ts';
import { downloadFromWordPressOrg } from './wordpress-org.ts';

/** Release branches Docent is built for, newest first, with the Debian suite that carries each. */
const debianSuites = { '7.1': 'sid', '6.8': 'trixie' } as const;

/** A supported release branch of WordPress. */
export type WordPressBranch = keyof typeof debianSuites;

export const newestBranch: WordPressBranch = '7.1';
export const oldestBranch: WordPressBranch = '6.8';

/** Where WordPress is and which release it is exactly. */
export interface WordPressFiles {
	path: string;
	version: string;
}

/** Narrows a command line argument to a supported branch. */
export function isWordPressBranch( value: string ): value is WordPressBranch {
	return Object.hasOwn( debianSuites, value );
}

/**
 * Makes sure the cache holds WordPress of this branch. Nobody may write into the folder: take a copy with
 * `copyWordPress`.
 */
export async function obtainWordPress(
	branch: WordPressBranch,
	report: ( detail: string ) => void = () => {}
): Promise< WordPressFiles > {
	const target = join( cacheDir, `wordpress-${ branch }` );
	const cached = await readVersion( target );
	if ( cached !== undefined ) {
		return { path: target, version: cached };
	}
	await mkdir( cacheDir, { recursive: true } );
	await removeLeftovers( target );
	const partial = `${ target }.partial-${ process.pid }`;

	report( 'asking wordpress.org' );
	const outcome = await downloadFromWordPressOrg( {
		branch,
		target: partial,
		report,
	} );
	if ( outcome.kind === 'unreachable' ) {
		if ( ! ( await canReadDebianArchive() ) ) {
			throw new UserFacingError(
				`WordPress could not be downloaded: wordpress.org cannot be reached (${ outcome.reason }).\n` +
					`Connect to the internet and start again, or unpack WordPress ${ branch } into ${ target } yourself.`
			);
		}
		report( 'wordpress.org cannot be reached; asking Debian' );
		try {
			await unpackFromDebianArchive( {
				suite: debianSuites[ branch ],
				target: partial,
				scratchDir: `${ partial }.debian`,
				report,
			} );
		} catch ( error ) {
			throw new UserFacingError(
				`WordPress could not be downloaded: wordpress.org cannot be reached (${ outcome.reason }), and Debian's archive neither:\n` +
					`${ error instanceof Error ? error.message : error }\n` +
					`Connect to the internet and start again, or unpack WordPress ${ branch } into ${ target } yourself.`
			);
		}
	}
	const version = await readVersion( partial );
	if ( version === undefined ) {
		throw new Error(
			`What was downloaded into ${ partial } is not WordPress.`
		);
	}
	if ( existsSync( target ) ) {
		// Another process was quicker; both hold the same release.
		await rm( partial, { recursive: true, force: true } );
	} else {
		await rename( partial, target );
	}
	return { path: target, version };
}

/** Copies WordPress to a folder that may be written to. An interrupted copy is never taken for a whole one. */
export async function copyWordPress(
	from: string,
	target: string
): Promise< void > {
	const partial = `${ target }.partial-${ process.pid }`;
	await rm( target, { recursive: true, force: true } );
	await removeLeftovers( target );
	await mkdir( dirname( target ), { recursive: true } );
	await cp( from, partial, { recursive: true } );
	await rename( partial, target );
}

/** Reads the exact release from a WordPress folder; undefined when there is none. */
export async function readVersion(
	path: string
): Promise< string | undefined > {
	try {
		const source = await readFile(
			join( path, 'wp-includes/version.php' ),
			'utf8'
		);
		return /\$wp_version = '([^']+)'/.exec( source )?.[ 1 ];
	} catch {
		return undefined;
	}
}

async function removeLeftovers( target: string ): Promise< void > {
	const folder = dirname( target );
	if ( ! existsSync( folder ) ) {
		return;
	}
	for ( const name of await readdir( folder ) ) {
		if ( ! name.startsWith( `${ basename( target ) }.partial-` ) ) {
			continue;
		}
		const pid = Number( /\.partial-(\d+)/.exec( name )?.[ 1 ] );
		if ( pid === process.pid || ! isAlive( pid ) ) {
			await rm( join( folder, name ), { recursive: true, force: true } );
		}
	}
}

function isAlive( pid: number ): boolean {
	try {
		process.kill( pid, 0 );
		return true;
	} catch {
		return false;
	}
}

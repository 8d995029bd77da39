/**
 * Takes WordPress from Debian's archive, for machines that reach a Debian mirror but not wordpress.org.
 *
 * The package is architecture-independent, so a release from a newer suite than the machine's own can be unpacked as
 * plain files. A private package list is used: nothing on the machine changes and no rights are needed.
 */

import { existsSync } from 'node:fs';
import {
	copyFile,
	mkdir,
	readdir,
	readlink,
	rm,
	stat,
	writeFile,
} from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { rootCertificates } from 'node:tls';
import { hasCommand, runCommand } from '../processes.ts';

const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** Packages that WordPress in Debian links to instead of carrying copies. */
const bundledDependency =
	/Depends: (libjs-[a-z-]+|libphp-phpmailer|php-getid3)/g;

export interface DebianArchiveOptions {
	/** Debian suite that carries the wanted release, for example `trixie`. */
	suite: string;
	/** Folder that will hold WordPress; must not exist. */
	target: string;
	/** Folder for lists and packages, emptied afterwards. */
	scratchDir: string;
	report?: ( detail: string ) => void;
}

/** Says whether this machine can read Debian's archive. */
export async function canReadDebianArchive(): Promise< boolean > {
	return (
		existsSync( keyring ) &&
		( await hasCommand( 'apt-get' ) ) &&
		( await hasCommand( 'dpkg' ) )
	);
}

/** Lays a clean WordPress tree, with all links resolved, into `target`. */
export async function unpackFromDebianArchive( {
	suite,
	target,
	scratchDir,
	report = () => {},
}: DebianArchiveOptions ): Promise< void > {
	await rm( scratchDir, { recursive: true, force: true } );
	for ( const folder of [
		'lists/partial',
		'cache/archives/partial',
		'root',
	] ) {
		await mkdir( join( scratchDir, folder ), { recursive: true } );
	}
	const sources = join( scratchDir, 'sources.list' );
	await writeFile(
		sources,
		`deb [signed-by=${ keyring }] ${ await mirrorAddress() } ${ suite } main\n`
	);
	const options = [
		`Dir::Etc::sourcelist=${ sources }`,
		'Dir::Etc::sourceparts=-',
		`Dir::State::lists=${ join( scratchDir, 'lists' ) }`,
		`Dir::Cache=${ join( scratchDir, 'cache' ) }`,
		'APT::Sandbox::User=root',
	].flatMap( ( option ) => [ '-o', option ] );

	report( 'reading the package list' );
	await must( 'apt-get', [ ...options, 'update', '-qq' ], scratchDir );
	const depends = await must(
		'apt-cache',
		[
			...options,
			'depends',
			'--no-recommends',
			'--no-suggests',
			'wordpress',
		],
		scratchDir
	);
	const packages = new Set(
		[ ...depends.matchAll( bundledDependency ) ].map(
			( match ) => match[ 1 ]!
		)
	);
	report( 'downloading' );
	await must(
		'apt-get',
		[
			...options,
			'download',
			'-qq',
			'wordpress',
			'wordpress-theme-twentytwentyfive',
			...packages,
		],
		scratchDir
	);
	report( 'unpacking' );
	const root = join( scratchDir, 'root' );
	for ( const file of await readdir( scratchDir ) ) {
		if ( file.endsWith( '.deb' ) ) {
			await must( 'dpkg', [ '-x', file, root ], scratchDir );
		}
	}
	const tree = join( root, 'usr/share/wordpress' );
	// Debian's own wp-config.php looks for a configuration under /etc.
	await rm( join( tree, 'wp-config.php' ), { force: true } );
	await rm( join( tree, '.htaccess' ), { force: true } );
	await copyResolved( root, tree, target );
	for ( const folder of [ 'plugins', 'themes', 'uploads' ] ) {
		await mkdir( join( target, 'wp-content', folder ), {
			recursive: true,
		} );
	}
	await writeFile(
		join( target, 'wp-includes/certificates/ca-bundle.crt' ),
		rootCertificates.join( '\n' )
	);
	await rm( scratchDir, { recursive: true, force: true } );
}

/** Reads the Debian mirror from the machine's own configuration. */
async function mirrorAddress(): Promise< string > {
	const targets = await must( 'apt-get', [
		'indextargets',
		'--format',
		'$(REPO_URI)',
	] );
	const mirror = targets
		.split( '\n' )
		.find( ( uri ) => /\/debian\/?$/.test( uri.trim() ) );
	if ( mirror === undefined ) {
		throw new Error(
			'The apt configuration of this machine names no Debian mirror.'
		);
	}
	return mirror.trim();
}

async function must(
	command: string,
	args: string[],
	cwd?: string
): Promise< string > {
	const result = await runCommand( command, args, {
		timeoutMs: 180_000,
		...( cwd === undefined ? {} : { cwd } ),
	} );
	if ( result.exitCode !== 0 ) {
		throw new Error(
			`${ command } ended with ${ result.exitCode }: ${ result.stderr.trim() }`
		);
	}
	return result.stdout;
}

/** Copies a tree and puts files in the place of links; absolute links are read inside `root`. */
async function copyResolved(
	root: string,
	from: string,
	to: string
): Promise< void > {
	await mkdir( to, { recursive: true } );
	for ( const entry of await readdir( from, { withFileTypes: true } ) ) {
		const source = join( from, entry.name );
		const copy = join( to, entry.name );
		const real = entry.isSymbolicLink()
			? await resolveLink( root, source )
			: source;
		if ( real === undefined ) {
			continue;
		}
		if ( ( await stat( real ) ).isDirectory() ) {
			await copyResolved( root, real, copy );
		} else {
			await copyFile( real, copy );
		}
	}
}

async function resolveLink(
	root: string,
	link: string
): Promise< string | undefined > {
	const goal = await readlink( link );
	const real = goal.startsWith( '/' )
		? join( root, goal )
		: resolve( dirname( link ), goal );
	return existsSync( real ) ? real : undefined;
}

/**
 * Downloads a WordPress release from wordpress.org, the ordinary source.
 */

import { createHash } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../processes.ts';

export interface WordPressOrgOptions {
	/** Release branch, for example `7.1`; its newest release is taken. */
	branch: string;
	/** Folder that will hold WordPress; must not exist. */
	target: string;
	report?: ( detail: string ) => void;
	fetch?: typeof fetch;
	/** How long the first answer may take before the source counts as unreachable. */
	connectTimeoutMs?: number;
}

/** What became of an attempt; `unreachable` is an outcome, not an error, because there is another source to ask. */
export type WordPressOrgOutcome =
	| { kind: 'downloaded'; version: string }
	| { kind: 'unreachable'; reason: string };

/** Fetches the newest release of a branch, checks it against the published checksum and unpacks it. */
export async function downloadFromWordPressOrg( {
	branch,
	target,
	report = () => {},
	fetch: request = fetch,
	connectTimeoutMs = 5000,
}: WordPressOrgOptions ): Promise< WordPressOrgOutcome > {
	const version = await newestRelease( branch, request, connectTimeoutMs );
	if ( version.kind === 'unreachable' ) {
		return version;
	}
	const address = `https://wordpress.org/wordpress-${ version.name }.tar.gz`;
	const [ archive, checksum ] = await Promise.all( [
		download( address, request, report ),
		request( `${ address }.sha1`, {
			signal: AbortSignal.timeout( 30_000 ),
		} ).then( ( response ) => response.text() ),
	] );
	const actual = createHash( 'sha1' ).update( archive ).digest( 'hex' );
	if ( ! checksum.trim().startsWith( actual ) ) {
		throw new Error(
			`The download of WordPress ${ version.name } does not match its published checksum. Start again; if it repeats, something between this machine and wordpress.org changes downloads.`
		);
	}
	report( 'unpacking' );
	const unpackDir = `${ target }.unpack`;
	await rm( unpackDir, { recursive: true, force: true } );
	await mkdir( unpackDir, { recursive: true } );
	const archiveFile = join( unpackDir, 'wordpress.tar.gz' );
	await writeFile( archiveFile, archive );
	const unpacked = await runCommand( 'tar', [
		'-xzf',
		archiveFile,
		'-C',
		unpackDir,
	] );
	if ( unpacked.exitCode !== 0 ) {
		throw new Error(
			`tar could not unpack WordPress: ${ unpacked.stderr }`
		);
	}
	await rename( join( unpackDir, 'wordpress' ), target );
	await rm( unpackDir, { recursive: true, force: true } );
	return { kind: 'downloaded', version: version.name };
}

async function newestRelease(
	branch: string,
	request: typeof fetch,
	timeoutMs: number
): Promise<
	{ kind: 'found'; name: string } | { kind: 'unreachable'; reason: string }
> {
	let releases: Record< string, string >;
	try {
		const response = await request(
			'https://api.wordpress.org/core/stable-check/1.0/',
			{ signal: AbortSignal.timeout( timeoutMs ) }
		);
		releases = ( await response.json() ) as Record< string, string >;
	} catch ( error ) {
		return {
			kind: 'unreachable',
			reason: error instanceof Error ? error.message : String( error ),
		};
	}
	const name = Object.keys( releases )
		.filter( ( id ) => id === branch || id.startsWith( `${ branch }.` ) )
		.sort( ( a, b ) => a.localeCompare( b, 'en', { numeric: true } ) )
		.at( -1 );
	return name === undefined
		? { kind: 'unreachable', reason: `no release of ${ branch } is listed` }
		: { kind: 'found', name };
}

async function download(
	address: string,
	request: typeof fetch,
	report: ( detail: string ) => void
): Promise< Buffer > {
	const response = await request( address, {
		signal: AbortSignal.timeout( 300_000 ),
	} );
	if ( ! response.ok || response.body === null ) {
		throw new Error( `${ address } answered ${ response.status }.` );
	}
	const total = Number( response.headers.get( 'content-length' ) ?? 0 );
	const chunks: Uint8Array[] = [];
	let received = 0;
	for await ( const chunk of response.body as AsyncIterable< Uint8Array > ) {
		chunks.push( chunk );
		received += chunk.length;
		const megabytes = ( received / 1e6 ).toFixed( 0 );
		report(
			total > 0
				? `${ megabytes } of ${ ( total / 1e6 ).toFixed( 0 ) } MB`
				: `${ megabytes } MB`
		);
	}
	return Buffer.concat( chunks );
}

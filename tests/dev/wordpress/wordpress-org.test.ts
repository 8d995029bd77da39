/**
 * Downloads from a wordpress.org made here: real archives, real tar, real checksums; only the network is ours.
 */

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readVersion } from '../../../dev/wordpress/obtain-wordpress.ts';
import { downloadFromWordPressOrg } from '../../../dev/wordpress/wordpress-org.ts';

let folder: string;
let archive: Buffer< ArrayBuffer >;

beforeAll( async () => {
	folder = await mkdtemp( join( tmpdir(), 'docent-org-' ) );
	const tree = join( folder, 'release', 'wordpress', 'wp-includes' );
	await mkdir( tree, { recursive: true } );
	await writeFile(
		join( tree, 'version.php' ),
		"<?php\n$wp_version = '7.1.12';\n"
	);
	execFileSync( 'tar', [
		'-czf',
		join( folder, 'release.tar.gz' ),
		'-C',
		join( folder, 'release' ),
		'wordpress',
	] );
	archive = Buffer.from( await readFile( join( folder, 'release.tar.gz' ) ) );
} );

afterAll( () => rm( folder, { recursive: true, force: true } ) );

/** Answers as wordpress.org does; remembers what was asked. */
function wordPressOrg( {
	checksum = createHash( 'sha1' ).update( archive ).digest( 'hex' ),
} = {} ): { fetch: typeof fetch; asked: string[] } {
	const asked: string[] = [];
	return {
		asked,
		fetch: async ( input ) => {
			const address = String( input );
			asked.push( address );
			if ( address.includes( 'stable-check' ) ) {
				return Response.json( {
					'6.8': 'outdated',
					'7.1': 'outdated',
					'7.1.9': 'outdated',
					'7.1.12': 'latest',
					'7.10': 'outdated',
				} );
			}
			return new Response(
				address.endsWith( '.sha1' ) ? checksum : archive
			);
		},
	};
}

describe( 'wordpress.org', () => {
	it( 'gives the newest release of the branch, not of another that begins alike', async () => {
		const source = wordPressOrg();
		const target = join( folder, 'newest' );
		const outcome = await downloadFromWordPressOrg( {
			branch: '7.1',
			target,
			fetch: source.fetch,
		} );
		expect( outcome ).toEqual( { kind: 'downloaded', version: '7.1.12' } );
		expect( await readVersion( target ) ).toBe( '7.1.12' );
		expect( source.asked ).toContain(
			'https://wordpress.org/wordpress-7.1.12.tar.gz'
		);
	} );

	it( 'leaves nothing behind when the checksum does not match', async () => {
		const target = join( folder, 'tampered' );
		await expect(
			downloadFromWordPressOrg( {
				branch: '7.1',
				target,
				fetch: wordPressOrg( { checksum: '0'.repeat( 40 ) } ).fetch,
			} )
		).rejects.toThrow( 'does not match its published checksum' );
		expect( existsSync( target ) ).toBe( false );
	} );

	it( 'is unreachable, which is no error, when its name cannot be resolved', async () => {
		const outcome = await downloadFromWordPressOrg( {
			branch: '7.1',
			target: join( folder, 'offline' ),
			fetch: async () => {
				throw new TypeError( 'fetch failed' );
			},
		} );
		expect( outcome ).toEqual( {
			kind: 'unreachable',
			reason: 'fetch failed',
		} );
	} );

	it( 'is unreachable when it does not answer in time', async () => {
		const outcome = await downloadFromWordPressOrg( {
			branch: '7.1',
			target: join( folder, 'silent' ),
			connectTimeoutMs: 20,
			fetch: ( _input, init ) =>
				new Promise( ( _resolve, reject ) =>
					init?.signal?.addEventListener( 'abort', () =>
						reject( new Error( 'timed out' ) )
					)
				),
		} );
		expect( outcome.kind ).toBe( 'unreachable' );
	} );
} );

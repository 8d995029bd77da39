/**
 * Proves that an interrupted copy of WordPress is never taken for a whole one.
 */

import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
	copyWordPress,
	readVersion,
} from '../../../dev/wordpress/obtain-wordpress.ts';

let folder: string;

beforeEach( async () => {
	folder = await mkdtemp( join( tmpdir(), 'docent-copy-' ) );
	await mkdir( join( folder, 'source/wp-includes' ), { recursive: true } );
	await writeFile(
		join( folder, 'source/wp-includes/version.php' ),
		"<?php $wp_version = '6.8.7';"
	);
} );

afterEach( () => rm( folder, { recursive: true, force: true } ) );

describe( 'copying WordPress', () => {
	it( 'replaces what is there', async () => {
		await mkdir( join( folder, 'target' ) );
		await writeFile( join( folder, 'target/stale.php' ), '' );
		await copyWordPress(
			join( folder, 'source' ),
			join( folder, 'target' )
		);
		expect( await readVersion( join( folder, 'target' ) ) ).toBe( '6.8.7' );
		expect( existsSync( join( folder, 'target/stale.php' ) ) ).toBe(
			false
		);
	} );

	it( 'sweeps away half copies of processes that are gone, and no others', async () => {
		// No process has this id: it is beyond what any system hands out.
		await mkdir( join( folder, 'target.partial-99999999' ) );
		await mkdir( join( folder, `target.partial-${ process.ppid }` ) );
		await copyWordPress(
			join( folder, 'source' ),
			join( folder, 'target' )
		);
		expect( ( await readdir( folder ) ).sort() ).toEqual( [
			'source',
			'target',
			`target.partial-${ process.ppid }`,
		] );
	} );
} );

describe( 'the version of WordPress', () => {
	it( 'is undefined where there is no WordPress', async () => {
		expect( await readVersion( folder ) ).toBeUndefined();
	} );
} );

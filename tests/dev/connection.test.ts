/**
 * Keeps the identity of a development site, also after an interrupted start.
 */

import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keptSiteIdentity, newSiteIdentity } from '../../dev/connection.ts';

let folder: string;

beforeEach( async () => {
	folder = await mkdtemp( join( tmpdir(), 'docent-identity-' ) );
} );

afterEach( () => rm( folder, { recursive: true, force: true } ) );

describe( 'the identity of a site', () => {
	it( 'has the form that plugin and proxy accept, and is new every time', () => {
		const { siteId, secret } = newSiteIdentity();
		expect( siteId ).toMatch( /^[a-z0-9-]{3,64}$/ );
		expect( secret ).toMatch( /^[A-Za-z0-9_-]{32,}$/ );
		expect( newSiteIdentity().secret ).not.toBe( secret );
	} );

	it( 'is made once and readable by its owner only', async () => {
		const file = join( folder, 'deep/site.json' );
		const first = await keptSiteIdentity( file );
		expect( await keptSiteIdentity( file ) ).toEqual( first );
		if ( process.platform !== 'win32' ) {
			expect( ( await stat( file ) ).mode & 0o777 ).toBe( 0o600 );
		}
	} );

	it.each( [
		'',
		'{"siteId":"dev-1","sec',
		'{}',
		'{"siteId":"x","secret":"short"}',
	] )( 'is made anew from a spoilt file: %j', async ( content ) => {
		const file = join( folder, 'site.json' );
		await writeFile( file, content, { mode: 0o600 } );
		const identity = await keptSiteIdentity( file );
		expect( identity.secret.length ).toBeGreaterThanOrEqual( 32 );
		expect( await keptSiteIdentity( file ) ).toEqual( identity );
	} );
} );

/**
 * Starts Docent as a newcomer does, on WordPress Playground, and looks at what a visitor gets.
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newSiteIdentity, connectionConstants } from '../../dev/connection.ts';
import { nextFreePort } from '../../dev/ports.ts';
import { startProxyProcess } from '../../dev/start/proxy-process.ts';
import type { ProxyProcess } from '../../dev/start/proxy-process.ts';
import { callPlugin, syncKnowledge } from '../../dev/start/sync-knowledge.ts';
import type { SyncReport } from '../../dev/start/sync-knowledge.ts';
import {
	copyWordPress,
	obtainWordPress,
} from '../../dev/wordpress/obtain-wordpress.ts';
import {
	devInPlayground,
	startPlayground,
} from '../../dev/wordpress/playground.ts';
import type { PlaygroundWordPress } from '../../dev/wordpress/playground.ts';

let folder: string;
let proxy: ProxyProcess | undefined;
let site: PlaygroundWordPress | undefined;
let sync: SyncReport;

beforeAll( async () => {
	folder = await mkdtemp( join( tmpdir(), 'docent-playground-' ) );
	const port = await nextFreePort( 8960 );
	const identity = newSiteIdentity();
	proxy = await startProxyProcess( {
		port: await nextFreePort( 8970, [ port ] ),
		logFile: join( folder, 'proxy.log' ),
		env: {
			DOCENT_DATA_DIR: join( folder, 'proxy' ),
			DOCENT_SITE_ID: identity.siteId,
			DOCENT_SITE_SECRET: identity.secret,
			DOCENT_SITE_ORIGINS: `http://127.0.0.1:${ port }`,
			OPENAI_API_KEY: '',
		},
	} );
	const core = await obtainWordPress( '7.1' );
	await copyWordPress( core.path, join( folder, 'wordpress' ) );
	site = await startPlayground( {
		port,
		wordpressDir: join( folder, 'wordpress' ),
		siteDir: join( folder, 'site' ),
		demo: true,
		constants: {
			...connectionConstants( { ...identity, proxyUrl: proxy.url } ),
			WP_ACCESSIBLE_HOSTS: '127.0.0.1,localhost',
		},
		flags: { WP_HTTP_BLOCK_EXTERNAL: true },
	} );
	await site.runPhp(
		`require '${ devInPlayground }/wordpress/prepare-site.php';`
	);
	await site.runPhp( `require '${ devInPlayground }/demo/import.php';` );
	await callPlugin( site.runPhp, 'PUT', '/settings', {
		launcher: { isEnabled: true, position: 'end' },
		contentTypes: [ 'page', 'post', 'product' ],
	} );
	sync = await syncKnowledge( site.runPhp );
} );

afterAll( async () => {
	await site?.stop();
	await proxy?.stop();
	await rm( folder, { recursive: true, force: true } );
} );

describe( 'the demo shop on Playground', () => {
	it( 'sends every page, product and article to the proxy', () => {
		expect( sync ).toMatchObject( { status: 'done', failed: 0 } );
		expect( sync.sent ).toBeGreaterThanOrEqual( 23 );
	} );

	it( 'shows the assistant and the launcher on the front page, without a secret', async () => {
		const response = await fetch( `${ site!.url }/` );
		const html = await response.text();
		expect( response.status ).toBe( 200 );
		expect( html ).toContain( 'Gear for people who come home muddy' );
		expect( html ).toContain( 'data-docent="panel"' );
		expect( html ).toContain( 'data-docent="launcher"' );
		const secret = await site!.runPhp( 'echo DOCENT_SITE_SECRET;' );
		expect( secret.trim().length ).toBeGreaterThanOrEqual( 32 );
		expect( html ).not.toContain( secret.trim() );
	} );

	it( 'answers a visitor from the page that says it', async () => {
		const origin = site!.url;
		const minted = await fetch( `${ origin }/wp-json/docent/v1/token`, {
			method: 'POST',
			headers: { 'content-type': 'application/json', origin },
			body: JSON.stringify( { consent: [ 'text' ] } ),
		} );
		expect( minted.status ).toBe( 200 );
		const { token } = ( await minted.json() ) as { token: string };
		const answer = await fetch( `${ proxy!.url }/v1/ask`, {
			method: 'POST',
			headers: {
				'content-type': 'application/json',
				authorization: `Bearer ${ token }`,
				origin,
			},
			body: JSON.stringify( {
				question: 'Which gas canisters fit the Ember stove?',
			} ),
		} );
		expect( answer.status ).toBe( 200 );
		const stream = await answer.text();
		expect( stream ).toContain( 'EN 417' );
		expect( stream ).toContain( '/products/ember-stove/' );
		expect( stream ).toContain( 'event: done' );
	} );
} );

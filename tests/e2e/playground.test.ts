/**
 * Starts Docent as a newcomer does, with the one command, and looks at what a visitor and an owner get; twice, because the
 * second start must keep what was made in the first.
 */

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isPortFree, nextFreePort } from '../../dev/ports.ts';
import { inProject } from '../../dev/project.ts';

interface Start {
	child: ChildProcess;
	printed: () => string;
	/** Resolves with the exit code. */
	ended: Promise< number | null >;
}

let workDir: string;
let port: number;
let proxyPort: number;
let site: string;
let current: Start;

/** Runs the command and resolves when it says that it is ready. */
async function start(): Promise< Start > {
	const child = spawn(
		process.execPath,
		[
			inProject( 'dev/run.mjs' ),
			'start',
			`--port=${ port }`,
			`--proxy-port=${ proxyPort }`,
		],
		{
			env: {
				...process.env,
				DOCENT_WORK_DIR: workDir,
				OPENAI_API_KEY: '',
			},
			stdio: [ 'ignore', 'pipe', 'pipe' ],
		}
	);
	let printed = '';
	const ended = new Promise< number | null >( ( resolve ) =>
		child.once( 'exit', resolve )
	);
	await new Promise< void >( ( resolve, reject ) => {
		const listen = ( chunk: Buffer ): void => {
			printed += chunk.toString();
			if ( printed.includes( 'Docent is ready.' ) ) {
				resolve();
			}
		};
		child.stdout?.on( 'data', listen );
		child.stderr?.on( 'data', listen );
		void ended.then( () => reject( new Error( printed ) ) );
	} );
	return { child, printed: () => printed, ended };
}

/** Presses Ctrl-C and returns the exit code. */
async function interrupt( { child, ended }: Start ): Promise< number | null > {
	child.kill( 'SIGINT' );
	return ended;
}

async function ask( question: string ): Promise< string > {
	const minted = await fetch( `${ site }/wp-json/docent/v1/token`, {
		method: 'POST',
		headers: { 'content-type': 'application/json', origin: site },
		body: JSON.stringify( { consent: [ 'text' ] } ),
	} );
	expect( minted.status ).toBe( 200 );
	const { token } = ( await minted.json() ) as { token: string };
	const answer = await fetch( `http://127.0.0.1:${ proxyPort }/v1/ask`, {
		method: 'POST',
		headers: {
			'content-type': 'application/json',
			authorization: `Bearer ${ token }`,
			origin: site,
		},
		body: JSON.stringify( { question } ),
	} );
	expect( answer.status ).toBe( 200 );
	return answer.text();
}

/** Signs in with the printed user and password, and publishes a page through WordPress's own REST API. */
async function publishPage( page: {
	title: string;
	content: string;
	slug: string;
} ): Promise< void > {
	const jar = new Map< string, string >();
	const keep = ( response: Response ): Response => {
		for ( const cookie of response.headers.getSetCookie() ) {
			const [ name, value ] = cookie.split( ';' )[ 0 ]!.split( '=' );
			jar.set( name!, value ?? '' );
		}
		return response;
	};
	const cookies = (): string =>
		[ ...jar ].map( ( pair ) => pair.join( '=' ) ).join( '; ' );
	keep( await fetch( `${ site }/wp-login.php` ) );
	const login = keep(
		await fetch( `${ site }/wp-login.php`, {
			method: 'POST',
			redirect: 'manual',
			headers: { cookie: cookies() },
			body: new URLSearchParams( { log: 'admin', pwd: 'password' } ),
		} )
	);
	expect( login.status ).toBe( 302 );
	const nonce = await fetch(
		`${ site }/wp-admin/admin-ajax.php?action=rest-nonce`,
		{ headers: { cookie: cookies() } }
	);
	const created = await fetch( `${ site }/wp-json/wp/v2/pages`, {
		method: 'POST',
		headers: {
			cookie: cookies(),
			'x-wp-nonce': await nonce.text(),
			'content-type': 'application/json',
		},
		body: JSON.stringify( { ...page, status: 'publish' } ),
	} );
	expect( created.status ).toBe( 201 );
}

beforeAll( async () => {
	workDir = await mkdtemp( join( tmpdir(), 'docent-start-' ) );
	port = await nextFreePort( 8960 );
	proxyPort = await nextFreePort( 8970, [ port ] );
	site = `http://127.0.0.1:${ port }`;
	current = await start();
} );

afterAll( async () => {
	current?.child.kill( 'SIGTERM' );
	await current?.ended;
	await rm( workDir, { recursive: true, force: true } );
} );

describe( 'npm start, the first time', () => {
	it( 'prints where everything is', () => {
		expect( current.printed() ).toContain( `${ site }/wp-admin/` );
		expect( current.printed() ).toContain(
			`http://127.0.0.1:${ proxyPort }`
		);
		expect( current.printed() ).not.toMatch( /^[!✗]/m );
	} );

	it( 'shows the assistant and the launcher on the front page, without the secret', async () => {
		const response = await fetch( `${ site }/` );
		const html = await response.text();
		expect( response.status ).toBe( 200 );
		expect( html ).toContain( 'Gear for people who come home muddy' );
		expect( html ).toContain( 'data-docent="panel"' );
		expect( html ).toContain( 'data-docent="launcher"' );
		const identity = join( workDir, 'site.json' );
		const { secret } = JSON.parse( await readFile( identity, 'utf8' ) );
		expect( secret.length ).toBeGreaterThanOrEqual( 32 );
		expect( html ).not.toContain( secret );
		// Windows has no such modes.
		if ( process.platform !== 'win32' ) {
			expect( ( await stat( identity ) ).mode & 0o777 ).toBe( 0o600 );
		}
	} );

	it( 'answers a visitor from the page that says it', async () => {
		const stream = await ask( 'Which gas canisters fit the Ember stove?' );
		expect( stream ).toContain( 'EN 417' );
		expect( stream ).toContain( '/products/ember-stove/' );
		expect( stream ).toContain( 'event: done' );
	} );

	it( 'answers a Chinese question from the Chinese page', async () => {
		const stream = await ask( '收到商品后多少天内可以退货？' );
		expect( stream ).toContain( '60' );
		expect( stream ).toContain( '/tuihuo/' );
	} );
} );

describe( 'npm start, the second time', () => {
	beforeAll( async () => {
		await publishPage( {
			title: 'Snowshoe hire',
			slug: 'snowshoe-hire',
			content: '<p>A pair of snowshoes costs £17 for a weekend.</p>',
		} );
		expect( await interrupt( current ) ).toBe( 0 );
		expect( await isPortFree( port ) ).toBe( true );
		expect( await isPortFree( proxyPort ) ).toBe( true );
		current = await start();
	} );

	it( 'keeps the site as it was left', async () => {
		const response = await fetch( `${ site }/snowshoe-hire/` );
		expect( response.status ).toBe( 200 );
		expect( await response.text() ).toContain( '£17' );
	} );

	it( 'answers from what was published meanwhile', async () => {
		expect( await ask( 'How much does snowshoe hire cost?' ) ).toContain(
			'£17'
		);
	} );
} );

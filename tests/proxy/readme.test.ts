import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
	SITE_ID,
	SITE_ORIGIN,
	SITE_SECRET,
} from '../support/proxy/credentials.ts';
import { startProxy, type TestProxy } from '../support/proxy/start-proxy.ts';

const README = readFileSync(
	new URL( '../../proxy/README.md', import.meta.url ),
	'utf8'
);

let proxy: TestProxy;
beforeAll( async () => {
	proxy = await startProxy();
} );
afterAll( () => proxy.close() );

/** The lines that the README says an example answers with. */
const PROMISED = [
	'{"accepted":1,"rejected":[]}',
	'{"missing":["post-2"],"stale":[],"extra":[]}',
	'within 60 days',
	'"sentences":["Returns.","How long.","Unused gear can be returned within 60 days."]',
	'{"waiting":1}',
	'"id":"opening-hours"',
	'"status":"ok"',
	'"by":["tier","cache"]',
	'"nextCursor":null',
	'at,id,turn_id,request_id,visitor,kind,',
	'# TYPE docent_asks_total counter',
];

describe( 'the README of the proxy', () => {
	it( 'holds examples that run as they stand, one for each route', async () => {
		const examples = [
			...README.matchAll( /```sh example\n([^]*?)```/g ),
		].map( ( [ , code = '' ] ) => code );
		expect( examples.length ).toBeGreaterThan( 20 );
		const script = examples
			.map( ( code ) => `${ code }\necho\n` )
			.join( '' );
		const { stdout, stderr } = await promisify( execFile )(
			'bash',
			[ '-euo', 'pipefail', '-c', script ],
			{
				cwd: proxy.dataDir,
				env: {
					...process.env,
					// A top shell whose input is a socket takes itself for a remote one and reads the machine's own settings.
					SHLVL: '2',
					PROXY: proxy.url,
					SITE_ID,
					SITE_SECRET,
					ORIGIN: SITE_ORIGIN,
				},
			}
		);
		expect( stderr ).toBe( '' );
		expect( stdout ).not.toContain( '"error"' );
		for ( const line of PROMISED ) {
			expect( stdout ).toContain( line );
		}
	} );
} );

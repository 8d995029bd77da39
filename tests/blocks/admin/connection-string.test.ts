/**
 * Checks what the settings page says about a pasted connection string before sending it.
 */
import { describe, expect, it } from 'vitest';
import { parseConnectionString } from '../../../blocks/admin/connection-string.ts';

const secret = 'abcdefghijklmnopqrstuvwxyz_-0123456789';

describe( 'parseConnectionString', () => {
	it.each( [
		[
			`docent+https://my-site:${ secret }@proxy.example.com`,
			'https://proxy.example.com',
		],
		[
			`  docent+https://my-site:${ secret }@proxy.example.com:8443/docent/\n`,
			'https://proxy.example.com:8443/docent',
		],
		[
			`docent+http://my-site:${ secret }@127.0.0.1:8787`,
			'http://127.0.0.1:8787',
		],
		[
			`docent+http://my-site:${ secret }@localhost:8787`,
			'http://localhost:8787',
		],
		[ `docent+http://my-site:${ secret }@[::1]:8787`, 'http://[::1]:8787' ],
	] )( 'reads %j', ( pasted, proxyUrl ) => {
		expect( parseConnectionString( pasted ) ).toEqual( {
			isValid: true,
			siteId: 'my-site',
			proxyUrl,
		} );
	} );

	it.each( [
		[ '', 'empty' ],
		[ 'https://proxy.example.com', 'form' ],
		[ 'sk-1234567890', 'form' ],
		[ `docent+https://${ secret }@proxy.example.com`, 'form' ],
		[ `docent+https://my-site:${ secret }@`, 'form' ],
		[ `docent+https://my-site:${ secret }@host?x=1`, 'form' ],
		[ `docent+https://My_Site:${ secret }@host`, 'site-id' ],
		[ `docent+https://ab:${ secret }@host`, 'site-id' ],
		[ 'docent+https://my-site:short@host', 'secret' ],
		[ `docent+http://my-site:${ secret }@proxy.example.com`, 'insecure' ],
		[ `docent+http://my-site:${ secret }@127.0.0.1.evil.com`, 'insecure' ],
	] )( 'refuses %j because of its %s', ( pasted, problem ) => {
		expect( parseConnectionString( pasted ) ).toEqual( {
			isValid: false,
			problem,
		} );
	} );
} );

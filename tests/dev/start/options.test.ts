/**
 * Reads command lines as people type them, also wrong ones.
 */

import { describe, expect, it } from 'vitest';
import { readStartOptions } from '../../../dev/start/options.ts';

describe( 'options of npm start', () => {
	it( 'insists on nothing by default', () => {
		expect( readStartOptions( [] ) ).toEqual( {
			port: undefined,
			proxyPort: undefined,
			wordpress: '7.1',
			isWatching: false,
			isReset: false,
			isHelp: false,
		} );
	} );

	it( 'takes ports, release and switches', () => {
		expect(
			readStartOptions( [
				'--port',
				'9000',
				'--proxy-port=9001',
				'--wp=6.8',
				'--watch',
				'--reset',
			] )
		).toMatchObject( {
			port: 9000,
			proxyPort: 9001,
			wordpress: '6.8',
			isWatching: true,
			isReset: true,
		} );
	} );

	it.each( [
		[ [ '--port', 'abc' ], 'a whole number from 1 to 65535' ],
		[ [ '--port', '0' ], 'a whole number from 1 to 65535' ],
		[ [ '--port', '65536' ], 'a whole number from 1 to 65535' ],
		[ [ '--proxy-port', '80.5' ], 'a whole number from 1 to 65535' ],
		[ [ '--port', '9000', '--proxy-port', '9000' ], 'must differ' ],
		[ [ '--wp', '5.9' ], 'choose 7.1 or 6.8' ],
		[ [ '--prot', '9000' ], 'npm start -- [options]' ],
		[ [ 'now' ], 'npm start -- [options]' ],
	] )( 'says what is wrong with %j', ( args, sentence ) => {
		expect( () => readStartOptions( args ) ).toThrow( sentence );
	} );
} );

import { describe, expect, it } from 'vitest';
import { isThere, namedTests } from './named-tests.ts';

const named = namedTests( 'docs/security.md', 'S\\d+' );

describe( 'the page about security', () => {
	it( 'names a test for each of the eighteen threats', () => {
		expect( new Set( named.map( ( { row } ) => row ) ).size ).toBe( 18 );
	} );

	it.each( named )( '$row names a test that exists: $name', ( test ) => {
		expect( isThere( test ) ).toBe( true );
	} );
} );

import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const ROOT = new URL( '../../', import.meta.url );
const read = ( path: string ) => readFileSync( new URL( path, ROOT ), 'utf8' );

/** The tests that the page names, with the row that names them. */
const named = [
	...read( 'docs/security.md' ).matchAll( /^\| (S\d+) \|.*\| (.*) \|$/gm ),
].flatMap( ( [ , row = '', shownBy = '' ] ) =>
	shownBy.split( ' · ' ).map( ( entry ) => {
		const [ , file = '', name = '' ] =
			/^`([^`]+)`: (.+)$/.exec( entry ) ?? [];
		return { row, file, name };
	} )
);

describe( 'the page about security', () => {
	it( 'names a test for each of the eighteen threats', () => {
		expect( new Set( named.map( ( { row } ) => row ) ).size ).toBe( 18 );
	} );

	it.each( named )(
		'$row names a test that exists: $name',
		( { file, name } ) => {
			expect( existsSync( new URL( file, ROOT ) ) ).toBe( true );
			expect( read( file ) ).toContain( name );
		}
	);
} );

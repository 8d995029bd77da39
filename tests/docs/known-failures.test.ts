import { describe, expect, it } from 'vitest';
import { isThere, namedTests, readProjectFile } from './named-tests.ts';

const PAGE = 'docs/known-failures.md';

const failures = namedTests( PAGE, 'T\\d+' );
const badInput = namedTests( PAGE, 'B\\d+' );

const rowsOf = ( tests: readonly { row: string }[] ) => [
	...new Set( tests.map( ( { row } ) => row ) ),
];
const upTo = ( letter: string, count: number ) =>
	Array.from(
		{ length: count },
		( _, index ) => `${ letter }${ index + 1 }`
	);

describe( 'the page about known failures', () => {
	it( 'has a row for each of the thirty reported failures and for each kind of bad input, in order', () => {
		expect( rowsOf( failures ) ).toEqual( upTo( 'T', 30 ) );
		expect( rowsOf( badInput ) ).toEqual( upTo( 'B', 20 ) );
	} );

	it( 'says of the failures of realtime sessions that they belong to voice', () => {
		const rows = readProjectFile( PAGE ).match( /^\| R\d+ \|.*$/gm ) ?? [];
		expect( rows ).toHaveLength( 3 );
		for ( const row of rows ) {
			expect( row ).toContain( 'voice' );
		}
	} );

	it.each( [ ...failures, ...badInput ] )(
		'$row names a test that exists: $name',
		( test ) => {
			expect( isThere( test ) ).toBe( true );
		}
	);

	it.each( rowsOf( failures ) )(
		'%s stands in the name of a test that it names',
		( row ) => {
			const files = failures
				.filter( ( test ) => test.row === row )
				.map( ( { file } ) => readProjectFile( file ) );
			expect( files.join( '\n' ) ).toMatch(
				new RegExp( `['\`( ]${ row }\\b` )
			);
		}
	);
} );

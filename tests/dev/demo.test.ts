/**
 * Reads the demo shop's content and proves that the shop does not contradict itself.
 */

import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { demoDir } from '../../dev/project.ts';

let content: Map< string, string >;

beforeAll( async () => {
	const folder = join( demoDir, 'content' );
	const entries = await readdir( folder, {
		recursive: true,
		withFileTypes: true,
	} );
	content = new Map(
		await Promise.all(
			entries
				.filter( ( entry ) => entry.isFile() )
				.map( async ( entry ): Promise< [ string, string ] > => {
					const path = join( entry.parentPath, entry.name );
					return [
						path.slice( folder.length + 1 ),
						await readFile( path, 'utf8' ),
					];
				} )
		)
	);
} );

const page = ( name: string ): string => content.get( name ) ?? '';
const names = ( folder: string ): string[] =>
	[ ...content.keys() ].filter( ( name ) => name.startsWith( folder ) );

describe( 'the demo shop', () => {
	it( 'has ten products with specifications and five articles', () => {
		expect( names( 'products' ) ).toHaveLength( 10 );
		expect( names( 'posts' ) ).toHaveLength( 5 );
		for ( const name of names( 'products' ) ) {
			expect( page( name ) ).toContain( '## Specifications' );
		}
	} );

	it( 'says the same price above and in the table', () => {
		for ( const name of names( 'products' ) ) {
			const price = /^price: (£\d+)$/m.exec( page( name ) )?.[ 1 ];
			expect( page( name ) ).toMatch(
				new RegExp( `^\\| Price \\| ${ price }\\b`, 'm' )
			);
		}
	} );

	it( 'says the same in English and in Chinese', () => {
		const figures = ( text: string ): string[] =>
			[ ...text.matchAll( /£\d+(?:\.\d+)?/g ) ].map(
				( match ) => match[ 0 ]
			);
		expect( figures( page( 'pages/shipping-zh.md' ) ) ).toEqual(
			figures( page( 'pages/shipping.md' ) )
		);
		for ( const days of [ '60', '30', '5' ] ) {
			expect( page( 'pages/returns.md' ) ).toContain( `${ days } ` );
			expect( page( 'pages/returns-zh.md' ) ).toContain( days );
		}
	} );

	it( 'links only to pages that it has', () => {
		const slugs = [ ...content.values() ].map(
			( text ) => /^slug: (.+)$/m.exec( text )?.[ 1 ]
		);
		for ( const [ name, text ] of content ) {
			for ( const [ , slug ] of text.matchAll(
				/(?:\]\(|href=")\/([a-z-]+)\//g
			) ) {
				expect( slugs, `a link in ${ name }` ).toContain( slug );
			}
		}
	} );
} );

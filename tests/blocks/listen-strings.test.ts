/**
 * Checks that the page prints every word that the player says, and none that it does not.
 */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const read = ( path: string ) =>
	readFileSync(
		new URL( `../../blocks/listen/${ path }`, import.meta.url ),
		'utf8'
	);

it( 'the words that the player looks up are those that the page prints', () => {
	const [ , wanted = '' ] =
		/type Strings = Record<(.*?)string\s*>;/s.exec(
			read( 'view/strings.ts' )
		) ?? [];
	const [ , printed = '' ] =
		/'strings'\s*=> array\((.*?)\n\t\t\t\),/s.exec(
			read( 'render.php' )
		) ?? [];
	const names = ( text: string, pattern: RegExp ) =>
		[ ...text.matchAll( pattern ) ]
			.map( ( [ , name ] ) => name )
			.toSorted();
	expect( names( wanted, /'(\w+)'/g ).length ).toBeGreaterThan( 10 );
	expect( names( printed, /'(\w+)'\s*=>/g ) ).toEqual(
		names( wanted, /'(\w+)'/g )
	);
} );

/**
 * Checks the list of languages an owner chooses from.
 */
import { describe, expect, it } from 'vitest';
import { languageOptions } from '../../../../blocks/admin/models/languages.ts';
import { detectLanguage } from '../../../../proxy/src/knowledge/language.ts';

describe( 'languageOptions', () => {
	it( 'names each language once, sorted in the language of the screen', () => {
		const german = languageOptions( [], 'de' );
		expect( german.find( ( { value } ) => value === 'zh' )?.label ).toBe(
			'Chinesisch'
		);
		expect( new Set( german.map( ( { value } ) => value ) ).size ).toBe(
			german.length
		);
		expect( german.map( ( { label } ) => label ) ).toEqual(
			german
				.map( ( { label } ) => label )
				.sort( ( one, other ) => one.localeCompare( other, 'de' ) )
		);
	} );

	it( 'holds a language that is in use although it is rare', () => {
		expect(
			languageOptions( [ 'hsb', '' ], 'en' ).map( ( { value } ) => value )
		).toContain( 'hsb' );
	} );

	it( 'holds what questions are recognised as', () => {
		const values = languageOptions( [] ).map( ( { value } ) => value );
		for ( const text of [
			'Wie lange dauert die Lieferung, und was kostet sie für mich?',
			'退货要多久？',
			'كم يستغرق التوصيل إلى المنزل؟',
			'ምን ያህል ጊዜ ይወስዳል?',
		] ) {
			expect( values ).toContain( detectLanguage( text ) );
		}
	} );
} );

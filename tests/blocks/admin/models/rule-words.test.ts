/**
 * Checks that the words of a rule are the words the proxy looks for.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
	MAX_WORD_LENGTH,
	MAX_WORDS,
	readWords,
	writeWords,
} from '../../../../blocks/admin/models/rule-words.ts';

describe( 'readWords', () => {
	it.each( [
		[ 'refund', [ 'refund' ] ],
		[ ' refund ,money back, ', [ 'refund', 'money back' ] ],
		[ '退款，退货、换货', [ '退款', '退货', '换货' ] ],
		[ 'استرداد، إرجاع', [ 'استرداد', 'إرجاع' ] ],
		[ 'Refund, refund', [ 'Refund' ] ],
		[ '"1,000 litres", tank', [ '1,000 litres', 'tank' ] ],
		[ '5" tube', [ '5" tube' ] ],
	] )( 'reads %j as %j', ( typed, words ) => {
		expect( readWords( typed ) ).toEqual( { isValid: true, words } );
	} );

	it.each( [
		[ '', 'empty' ],
		[ ' , ，', 'empty' ],
		[ '""', 'empty' ],
		[
			Array.from( { length: MAX_WORDS + 1 }, ( _, n ) => n ).join( ',' ),
			'too-many',
		],
		[ 'x'.repeat( MAX_WORD_LENGTH + 1 ), 'too-long' ],
	] )( 'refuses %j as %s', ( typed, problem ) => {
		expect( readWords( typed ) ).toEqual( { isValid: false, problem } );
	} );

	it( 'reads back whatever was written', () => {
		const word = fc
			.string( { unit: 'grapheme', minLength: 1, maxLength: 12 } )
			.map( ( text ) => text.trim() )
			.filter( ( text ) => text !== '' );
		const words = fc.uniqueArray( word, {
			minLength: 1,
			maxLength: MAX_WORDS,
			selector: ( text ) => text.toLowerCase(),
		} );
		fc.assert(
			fc.property( words, ( given ) => {
				expect( readWords( writeWords( given ) ) ).toEqual( {
					isValid: true,
					words: given,
				} );
			} )
		);
	} );
} );

/**
 * Reads the words of documents and questions.
 */
import { describe, expect, it } from 'vitest';
import { stem } from '../../../proxy/src/knowledge/stem.ts';
import {
	allForms,
	documentWords,
	questionWords,
} from '../../../proxy/src/knowledge/words.ts';

const asked = ( question: string, language = 'en' ) =>
	questionWords( question, language )
		.filter( ( { isOptional } ) => ! isOptional )
		.map( ( { word } ) => word );

describe( 'documentWords', () => {
	it.each( [
		[ 'The TENTS', [ 'tent' ] ],
		[ 'X-200', [ 'x', '200', 'x200' ] ],
		[ '3kg', [ '3', 'kg', '3kg' ] ],
		[ '1,000 and 2.5', [ '1000', '2.5' ] ],
		[ 'C++ C# C', [ 'c++', 'c#', 'c' ] ],
		[ "women's l'eau", [ 'woman', 'eau' ] ],
		[ 'Crème brûlée', [ 'crem', 'brule' ] ],
		[ 'ﬁnd ﬁre', [ 'find', 'fir' ] ],
	] )( 'of %j', ( text, words ) => {
		expect( documentWords( text, 'en' ) ).toEqual( words );
	} );

	it( 'gives characters and pairs for Chinese', () => {
		expect( documentWords( '帐篷重', 'zh' ) ).toEqual( [
			'帐',
			'帐篷',
			'篷',
			'篷重',
			'重',
		] );
	} );
} );

describe( 'questionWords', () => {
	it.each( [
		[ 'What is the weight of the tent?', [ 'weight', 'tent' ] ],
		[ 'Could you please tell me about it?', [ 'please', 'tell' ] ],
		[ 'Do you sell X-200?', [ 'x', '200' ] ],
		[ 'the of and', [] ],
	] )( 'that %j asks about', ( question, words ) => {
		expect( asked( question ) ).toEqual( words );
	} );

	it( 'makes no pairs across Chinese words', () => {
		expect( asked( '帐篷的重量是多少', 'zh' ) ).toEqual( [
			'帐篷',
			'重量',
		] );
	} );
} );

describe( 'stem', () => {
	it.each( [
		[ 'return', 'returns', 'returned', 'returning' ],
		[ 'ship', 'ships', 'shipped', 'shipping', 'shipment' ],
		[ 'warranty', 'warranties' ],
		[ 'deliver', 'delivers', 'delivered', 'delivery' ],
		[ 'store', 'stores', 'stored', 'storing' ],
		[ 'cancel', 'cancelled', 'cancellation' ],
		[ 'box', 'boxes' ],
		[ 'pay', 'paid', 'payment', 'payments' ],
		[ 'knife', 'knives' ],
		[ 'buy', 'bought', 'buying' ],
	] )( 'brings together %s and its forms', ( word, ...forms ) => {
		for ( const form of forms ) {
			expect( stem( form, 'en' ) ).toBe( stem( word, 'en' ) );
		}
	} );

	it.each( [
		[ 'tent', 'tend' ],
		[ 'boot', 'boat' ],
		[ 'rope', 'rob' ],
		[ 'price', 'print' ],
		[ 'organ', 'organisation' ],
		[ 'pass', 'past' ],
	] )( 'keeps apart %s and %s', ( a, b ) => {
		expect( stem( a, 'en' ) ).not.toBe( stem( b, 'en' ) );
	} );
} );

describe( 'allForms', () => {
	it( 'knows what stands for a word', () => {
		expect( allForms( 'shipping', 'en' ) ).toContain(
			stem( 'delivery', 'en' )
		);
		expect( allForms( 'much', 'en' ) ).toContain( stem( 'price', 'en' ) );
		expect( allForms( '寄到', 'zh' ) ).toContain( '配送' );
		expect( allForms( 'tent', 'en' ) ).toEqual( [ 'tent' ] );
	} );
} );

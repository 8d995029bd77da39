/**
 * What reading aloud counts and remembers: sentences through all parts of an article, their times, and how far a visitor came.
 */

import { describe, expect, it } from 'vitest';
import { hashOf, openKeptPlaces } from '../../blocks/listen/view/kept-place.ts';
import { createSentences } from '../../blocks/listen/view/sentences.ts';

function createStorage( isFull = false ): Storage {
	const kept = new Map< string, string >();
	return {
		getItem: ( key: string ) => kept.get( key ) ?? null,
		setItem( key: string, value: string ) {
			if ( isFull ) {
				throw new Error( 'Full.' );
			}
			kept.set( key, value );
		},
	} as unknown as Storage;
}

const speechOf = ( ...texts: string[] ) => ( {
	url: '/v1/speech/x',
	durationMs: texts.length * 1_000,
	sentences: texts.map( ( text, at ) => ( { text, startMs: at * 1_000 } ) ),
} );

describe( 'sentences', () => {
	it( 'are counted through all segments, empty ones included', () => {
		const sentences = createSentences( [
			{ sentences: [ 'a', 'b' ] },
			{ sentences: [] },
			{ sentences: [ 'c' ] },
		] );
		expect( sentences.count ).toBe( 3 );
		expect(
			[ 0, 1, 2 ].map( ( index ) => sentences.text( index ) )
		).toEqual( [ 'a', 'b', 'c' ] );
		expect( sentences.placeOf( 2 ) ).toEqual( { segment: 2, sentence: 0 } );
		for ( const index of [ 0, 1, 2 ] ) {
			expect( sentences.indexOf( sentences.placeOf( index ) ) ).toBe(
				index
			);
		}
		// The end of an article is behind its last segment.
		expect( sentences.indexOf( { segment: 3, sentence: 0 } ) ).toBe( 3 );
		expect( sentences.text( 3 ) ).toBe( '' );
	} );

	it( 'have the times of the recordings, and estimates until those are known', () => {
		const sentences = createSentences( [
			{ sentences: [ 'Ten chars.', 'Ten chars.' ] },
			{ sentences: [ '你好' ], speech: speechOf( '你好', '再见' ) },
		] );
		expect( sentences.count ).toBe( 4 );
		expect( sentences.startMs( 1 ) ).toBe( 650 );
		expect( sentences.startMs( 3 ) ).toBe( 2_300 );
		expect( sentences.startMs( Infinity ) ).toBe( 3_300 );
		sentences.adopt( 0, speechOf( 'Ten chars.', 'Ten chars.' ) );
		expect( sentences.startMs( 1 ) ).toBe( 1_000 );
		expect( sentences.startMs( Infinity ) ).toBe( 4_000 );
	} );
} );

describe( 'the place of a visitor', () => {
	it( 'is found again as long as the text is the same', () => {
		const storage = createStorage();
		const hash = hashOf( [ 'One.', 'Two.' ] );
		openKeptPlaces( storage ).keep( 'post-1', { sentence: 1, hash } );
		expect( openKeptPlaces( storage ).sentence( 'post-1', hash ) ).toBe(
			1
		);
		expect(
			openKeptPlaces( storage ).sentence(
				'post-1',
				hashOf( [ 'One.', 'Three.' ] )
			)
		).toBe( 0 );
		expect( openKeptPlaces( storage ).sentence( 'post-2', hash ) ).toBe(
			0
		);
	} );

	it( 'is forgotten at the beginning and the end, and of all but the last twenty articles', () => {
		const places = openKeptPlaces( createStorage() );
		for ( let post = 0; post < 25; post++ ) {
			places.keep( `post-${ post }`, { sentence: 3, hash: 'h' } );
		}
		expect( places.sentence( 'post-4', 'h' ) ).toBe( 0 );
		expect( places.sentence( 'post-5', 'h' ) ).toBe( 3 );
		places.keep( 'post-5', { sentence: 0, hash: 'h' } );
		expect( places.sentence( 'post-5', 'h' ) ).toBe( 0 );
	} );

	it( 'keeps the speed beside it', () => {
		const storage = createStorage();
		const places = openKeptPlaces( storage );
		expect( places.speed ).toBe( 1 );
		places.speed = 1.5;
		places.keep( 'post-1', { sentence: 3, hash: 'h' } );
		expect( openKeptPlaces( storage ).speed ).toBe( 1.5 );
	} );

	it( 'is nowhere without storage, with full storage and with somebody else’s value', () => {
		const foreign = createStorage();
		foreign.setItem(
			'docent-listen',
			'{"places":[1,null,{"id":7}],"speed":"fast"}'
		);
		for ( const storage of [ undefined, createStorage( true ), foreign ] ) {
			const places = openKeptPlaces( storage );
			expect( places.speed ).toBe( 1 );
			places.keep( 'post-1', { sentence: 3, hash: 'h' } );
			expect( places.sentence( 'post-9', 'h' ) ).toBe( 0 );
		}
	} );
} );

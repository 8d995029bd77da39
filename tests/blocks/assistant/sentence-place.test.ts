/**
 * The sentence that is spoken is found where it stands, however it is written there.
 */
import { describe, expect, it } from 'vitest';
import { placeOf } from '../../../blocks/assistant/view/voice/sentence-place.ts';

const found = ( sentence: string, text: string, after?: number ) => {
	const place = placeOf( sentence, text, after );
	return place && text.slice( place.from, place.to );
};

describe( 'a spoken sentence', () => {
	it.each( [
		[
			'It takes two days.',
			'Hello. It takes two days. Bye.',
			'It takes two days.',
		],
		[
			'It takes 2 to 3 days',
			'It takes (2 to 3) days!',
			'It takes (2 to 3) days!',
		],
		[
			'Germany two days',
			'Sizes:Germany: two\ndays.',
			'Germany: two\ndays.',
		],
		[ 'IT IS FREE', 'So it is free…', 'it is free…' ],
		[ '运费是五欧元。', '您好。运费是五欧元。谢谢。', '运费是五欧元。' ],
		[ 'İstanbul is far.', 'Yes. İstanbul is far. No.', 'İstanbul is far.' ],
		[ '𝒜bc', 'x 𝒜bc.', '𝒜bc.' ],
	] )( '"%s" is found in "%s"', ( sentence, text, expected ) => {
		expect( found( sentence, text ) ).toBe( expected );
	} );

	it( 'that is said twice is found after the first when asked for', () => {
		const text = 'Yes. No. Yes.';
		expect( placeOf( 'Yes.', text, 4 ) ).toEqual( { from: 9, to: 13 } );
	} );

	it( 'that does not stand there, or has no letters, is not found', () => {
		expect(
			found( 'Something else', 'It takes two days.' )
		).toBeUndefined();
		expect( found( '…', 'It takes two days…' ) ).toBeUndefined();
		expect( found( 'days', '' ) ).toBeUndefined();
	} );
} );

/**
 * Looks at how a model that answers is told from one that reads.
 */
import { describe, expect, it } from 'vitest';
import { watchVerbatim } from '../../../../proxy/src/voice/speech/verbatim.ts';

/** Says a transcript word by word and returns the first verdict that is not `unknown`, and the last. */
const listen = ( text: string, transcript: string ) => {
	const watch = watchVerbatim( text );
	const verdicts = ( transcript.match( /\S+\s*|./gu ) ?? [] ).map(
		( piece ) => watch.push( piece )
	);
	verdicts.push( watch.finish() );
	return [
		verdicts.find( ( verdict ) => verdict !== 'unknown' ),
		verdicts.at( -1 ),
	];
};

describe( 'a model', () => {
	it.each( [
		[ 'word for word', 'You can return it.', 'You can return it.' ],
		[
			'with numbers in words',
			'Shipping costs 4.90 € in 3 days.',
			'Shipping costs four euros and ninety cents in three days.',
		],
		[
			'that begins with a number',
			'60 days after delivery you can return it.',
			'Sixty days after delivery you can return it.',
		],
		[ 'with other marks', '“Yes” — it’s fine.', "Yes, it's fine" ],
		[ 'in Chinese', '您可以在60天内退货。', '您可以在六十天内退货。' ],
		[ 'a single word', 'Returns.', 'Returns.' ],
		[
			'an abbreviation',
			'Bring gear, e.g. tents.',
			'Bring gear, for example tents.',
		],
	] )( 'reads %s', ( _, text, transcript ) => {
		expect( listen( text, transcript ) ).toEqual( [ 'reads', 'reads' ] );
	} );

	it.each( [
		[
			'answers',
			'What is your return policy?',
			'Our return policy is sixty days.',
		],
		[ 'talks about it', 'You can return it.', 'Sure, here is the text:' ],
		[
			'refuses',
			'You can return unused gear.',
			'I cannot help with that.',
		],
		[ 'answers in Chinese', '运费是多少？', '我们的运费是五块。' ],
	] )( 'departs when it %s', ( _, text, transcript ) => {
		expect( listen( text, transcript )[ 0 ] ).toBe( 'departs' );
	} );

	it( 'is found to go on after the text', () => {
		expect(
			listen(
				'You can return it.',
				'You can return it. Is there anything else that I can do for you today, my friend?'
			)
		).toEqual( [ 'reads', 'extra' ] );
	} );

	it( 'is found to have left out the most of it', () => {
		expect(
			listen(
				'You can return unused gear within sixty days of delivery to our shop.',
				'You can return unused gear.'
			)
		).toEqual( [ 'reads', 'departs' ] );
	} );

	it( 'that says nothing of what it says is not judged', () => {
		expect( watchVerbatim( 'Hello there.' ).finish() ).toBe( 'unknown' );
	} );
} );

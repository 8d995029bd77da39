/**
 * Quotes passages.
 */
import { describe, expect, it } from 'vitest';
import { extractAnswer } from '../../../proxy/src/knowledge/extractive.ts';
import type { Passage } from '../../../proxy/src/types.ts';

const passage = ( text: string, rest: Partial< Passage > = {} ): Passage => ( {
	documentId: 'a',
	documentHash: 'h',
	url: 'https://shop.example/a/',
	title: 'Serra 3 tent',
	language: 'en',
	headingPath: [],
	text,
	score: 10,
	...rest,
} );

const quoted = ( question: string, ...passages: Passage[] ) =>
	extractAnswer( question, passages )?.text;

describe( 'extractAnswer', () => {
	it( 'has nothing to say without passages', () => {
		expect( extractAnswer( 'How heavy?', [] ) ).toBeUndefined();
	} );

	it( 'quotes the sentence that speaks of what was asked, and what follows it', () => {
		expect(
			quoted(
				'What is the door made of?',
				passage(
					'It sleeps three. It has two porches. The door is made of mesh. It rolls up. It closes with a zip. It is wide.',
					{ headingPath: [ 'Use', 'At night' ] }
				)
			)
		).toBe(
			'Serra 3 tent › Use › At night\nThe door is made of mesh. It rolls up. It closes with a zip.'
		);
	} );

	it( 'quotes the one row of a table that answers', () => {
		expect(
			quoted(
				'How heavy is the Serra 3?',
				passage( 'Price | €379\nWeight | 3.4 kg\nColour | sand' )
			)
		).toBe( 'Serra 3 tent\n- Weight: 3.4 kg' );
	} );

	it( 'quotes a row of a wide table under the names of its columns', () => {
		expect(
			quoted(
				'How much is delivery to Spain?',
				passage(
					'Country | Price | Days\nPortugal | €5 | 2\nSpain | €9 | 4\nFrance | €12 | 5',
					{ title: 'Delivery' }
				)
			)
		).toBe( 'Delivery\n- Spain: Price €9; Days 4' );
	} );

	it( 'quotes all steps of an instruction', () => {
		const steps =
			'1. Write to us with the order number.\n2. Pack the goods.\n3. Wait for the courier.';
		expect(
			quoted(
				'Do I need an order number to return something?',
				passage( steps, { title: 'Returns' } )
			)
		).toBe( `Returns\n${ steps }` );
	} );

	it( 'quotes the beginning when the question names the page', () => {
		expect(
			quoted(
				'Tell me about the Serra 3 tent',
				passage( 'One. Two. Three. Four.' )
			)
		).toBe( 'Serra 3 tent\nOne. Two. Three.' );
	} );

	it( 'quotes a second page only when it says as much', () => {
		const first = passage( 'The poles are made of aluminium.' );
		const same = passage( 'Aluminium poles weigh little.', {
			title: 'Poles compared',
			score: 9,
		} );
		const less = passage( 'Poles are long.', {
			title: 'Lengths',
			score: 5,
		} );
		const both = extractAnswer( 'Are there aluminium poles?', [
			first,
			same,
		] );
		expect( both?.quoted ).toEqual( [ first, same ] );
		expect( both?.text ).toBe(
			'Serra 3 tent\nThe poles are made of aluminium.\n\nPoles compared\nAluminium poles weigh little.'
		);
		expect(
			extractAnswer( 'Are there aluminium poles?', [ first, less ] )
				?.quoted
		).toEqual( [ first ] );
	} );

	it( 'quotes Chinese sentences', () => {
		expect(
			quoted(
				'帐篷可以用肥皂清洗吗？',
				passage(
					'收纳之前请把它晾干。清洗时不要用肥皂。存放在阴凉处。它很轻。',
					{
						title: '山脊三人帐篷',
						language: 'zh-CN',
					}
				)
			)
		).toBe( '山脊三人帐篷\n清洗时不要用肥皂。存放在阴凉处。它很轻。' );
	} );

	it( 'keeps a quotation short', () => {
		const long = `A ${ 'word '.repeat( 80 ) }door.`;
		const text = quoted(
			'Which door?',
			passage( `${ long } ${ long } ${ long }` )
		);
		expect( text?.length ).toBeLessThan( 750 );
	} );
} );

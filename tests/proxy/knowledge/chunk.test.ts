/**
 * Cuts documents into passages.
 */
import { describe, expect, it } from 'vitest';
import { chunkDocument } from '../../../proxy/src/knowledge/chunk.ts';
import { sentenceSpans } from '../../../proxy/src/knowledge/sentences.ts';

const sentences = ( text: string ) =>
	sentenceSpans( text ).map( ( { start, end } ) => text.slice( start, end ) );

describe( 'chunkDocument', () => {
	it( 'keeps the path of headings above each passage', () => {
		const chunks = chunkDocument(
			'Returns',
			[
				'# Returns',
				'Send it back.',
				'## Refunds',
				'We pay.',
				'### Cards',
				'To the card.',
				'## Exchange ##',
				'Another size.',
			].join( '\n' )
		);
		expect( chunks ).toEqual( [
			{ headingPath: [], text: 'Send it back.' },
			{ headingPath: [ 'Refunds' ], text: 'We pay.' },
			{ headingPath: [ 'Refunds', 'Cards' ], text: 'To the card.' },
			{ headingPath: [ 'Exchange' ], text: 'Another size.' },
		] );
	} );

	it( 'keeps a first heading that is not the title', () => {
		expect( chunkDocument( 'Page', '# Topic\nText.' ) ).toEqual( [
			{ headingPath: [ 'Topic' ], text: 'Text.' },
		] );
	} );

	it( 'takes a # without a space for text', () => {
		expect( chunkDocument( 'Page', '#hashtag and C#\nText.' ) ).toEqual( [
			{ headingPath: [], text: '#hashtag and C#\nText.' },
		] );
	} );

	it( 'gives nothing for a text without words', () => {
		expect( chunkDocument( 'Page', ' \n\n## Heading only\n \n' ) ).toEqual(
			[]
		);
	} );

	it( 'loses no sentence and cuts none', () => {
		const written = Array.from(
			{ length: 60 },
			( _, at ) =>
				`Sentence number ${ at } says something of ordinary length here.`
		);
		const chunks = chunkDocument( 'Page', written.join( ' ' ) );
		expect( chunks.flatMap( ( { text } ) => sentences( text ) ) ).toEqual(
			written
		);
		for ( const { text } of chunks.slice( 0, -1 ) ) {
			expect( text.length ).toBeGreaterThan( 600 );
			expect( text.length ).toBeLessThanOrEqual( 1_000 );
		}
	} );

	it( 'cuts Chinese after its own full stops, in half as many characters', () => {
		const written = Array.from(
			{ length: 80 },
			( _, at ) => `第${ at }句话说的是帐篷的重量和颜色。`
		);
		const chunks = chunkDocument( '帐篷', written.join( '' ) );
		expect( chunks.map( ( { text } ) => text ).join( '' ) ).toBe(
			written.join( '' )
		);
		for ( const { text } of chunks ) {
			expect( text.endsWith( '。' ) ).toBe( true );
			expect( text.length ).toBeLessThanOrEqual( 500 );
		}
	} );

	it( 'does not cut list items and table rows', () => {
		const rows = Array.from(
			{ length: 80 },
			( _, at ) => `Size ${ at } | ${ at } cm. Long. Wide. | in stock`
		);
		const chunks = chunkDocument( 'Sizes', rows.join( '\n' ) );
		expect( chunks.length ).toBeGreaterThan( 1 );
		expect( chunks.flatMap( ( { text } ) => text.split( '\n' ) ) ).toEqual(
			rows
		);
	} );

	it( 'cuts a huge sentence between words and never inside a character', () => {
		const words = chunkDocument( 'Page', 'word '.repeat( 2_000 ) );
		for ( const { text } of words ) {
			expect( text.length ).toBeLessThanOrEqual( 1_500 );
			expect(
				text
					.split( ' ' )
					.every( ( word ) => word === 'word' || word === '' )
			).toBe( true );
		}
		const emoji = chunkDocument( 'Page', '🏔'.repeat( 3_000 ) );
		expect( emoji.every( ( { text } ) => text.isWellFormed() ) ).toBe(
			true
		);
		expect( emoji.map( ( { text } ) => text ).join( '' ) ).toBe(
			'🏔'.repeat( 3_000 )
		);
	} );
} );

describe( 'sentenceSpans', () => {
	it.each( [
		[ 'One. Two! Three?', [ 'One.', 'Two!', 'Three?' ] ],
		[ 'It is 2.5 kg. Good.', [ 'It is 2.5 kg.', 'Good.' ] ],
		[ 'Use e.g. Gas. Then stop.', [ 'Use e.g. Gas.', 'Then stop.' ] ],
		[ 'Ask Dr. Silva. He knows.', [ 'Ask Dr. Silva.', 'He knows.' ] ],
		[
			'He said "Stop." Then he left.',
			[ 'He said "Stop."', 'Then he left.' ],
		],
		[ '好的。真的吗？是！', [ '好的。', '真的吗？', '是！' ] ],
		[ '他说“好。”然后走了。', [ '他说“好。”', '然后走了。' ] ],
		[ 'Write to a.b@c.example now.', [ 'Write to a.b@c.example now.' ] ],
		[ 'क्या यह है। हाँ।', [ 'क्या यह है।', 'हाँ।' ] ],
		[ '', [] ],
	] )( 'cuts %j', ( text, expected ) => {
		expect( sentences( text ) ).toEqual( expected );
	} );
} );

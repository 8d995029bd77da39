/**
 * Looks at how an article is put together again, and where it is cut.
 */
import { describe, expect, it } from 'vitest';
import { chunkDocument } from '../../../../proxy/src/knowledge/chunk.ts';
import { segmentsOf } from '../../../../proxy/src/voice/listen/article.ts';

const sentence = ( number: number ) =>
	`This is sentence number ${ number } of a long article about tents and their care in the cold season.`;
const paragraph = ( from: number, count: number ) =>
	Array.from( { length: count }, ( _, at ) => sentence( from + at ) ).join(
		' '
	);

describe( 'an article in segments', () => {
	it( 'holds every sentence once and in order, however its passages were cut', () => {
		const text = Array.from( { length: 12 }, ( _, at ) =>
			paragraph( at * 7, 7 )
		).join( '\n\n' );
		const segments = segmentsOf( 'Tents', chunkDocument( 'Tents', text ) );
		expect( segments.flatMap( ( { sentences } ) => sentences ) ).toEqual( [
			'Tents.',
			...Array.from( { length: 84 }, ( _, number ) =>
				sentence( number )
			),
		] );
		for ( const { text: part } of segments ) {
			expect( part.length ).toBeLessThanOrEqual( 820 );
		}
		expect( segments.length ).toBeLessThan( 25 );
	} );

	it( 'begins a segment at each heading, and names it', () => {
		const segments = segmentsOf(
			'Tents',
			chunkDocument(
				'Tents',
				`Intro here.\n\n## Care\n### Drying\n${ sentence( 1 ) }\n### Storing\n${ sentence( 2 ) }\n## End\nBye now.`
			)
		);
		expect( segments.map( ( { heading } ) => heading ) ).toEqual( [
			'Tents',
			'Care',
			'Storing',
			'End',
		] );
		expect( segments[ 1 ]?.sentences.slice( 0, 2 ) ).toEqual( [
			'Care.',
			'Drying.',
		] );
	} );

	it( 'of lists, tables and Chinese is read in its sentences', () => {
		const segments = segmentsOf(
			'',
			chunkDocument(
				'',
				'## 配送\n中国大陆的订单通常在五到七个工作日内送达。订单满三百元免运费。\n\n- 第一项的内容是这样的\n- 第二项的内容是那样的\n\n| 尺寸 | 价格 |\n|---|---|\n| 小号 | 四元 |'
			)
		);
		expect( segments ).toHaveLength( 1 );
		expect( segments[ 0 ]?.sentences ).toEqual( [
			'配送。',
			'中国大陆的订单通常在五到七个工作日内送达。',
			'订单满三百元免运费。',
			'第一项的内容是这样的。',
			'第二项的内容是那样的。',
			'尺寸，价格。',
			'小号，四元。',
		] );
	} );

	it( 'keeps a paragraph whole that is as long as the passages allow', () => {
		const segments = segmentsOf( '', [
			{ headingPath: [], text: paragraph( 0, 11 ) },
		] );
		expect(
			segments.flatMap( ( { sentences } ) => sentences )
		).toHaveLength( 11 );
		for ( const { text } of segments ) {
			expect( text.length ).toBeLessThanOrEqual( 820 );
		}
	} );

	it( 'without words is none', () => {
		expect(
			segmentsOf( '', [ { headingPath: [], text: '---\n\n😀' } ] )
		).toEqual( [] );
	} );
} );

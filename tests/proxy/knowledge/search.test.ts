/**
 * Asks a small shop in English and Chinese, and asks what it does not know.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { extractAnswer } from '../../../proxy/src/knowledge/extractive.ts';
import type { SearchRequest } from '../../../proxy/src/knowledge/search.ts';
import { openInMemory } from './open-sqlite.ts';
import { ANSWERABLE, document, SHOP, UNANSWERABLE } from './outdoor-shop.ts';
import type { Rooms } from './rooms.ts';

const SITE = 'shop';

describe( 'search on a shop in English and Chinese', () => {
	let rooms: Rooms;
	const search = ( query: string, rest: Partial< SearchRequest > = {} ) =>
		rooms.knowledge.search( SITE, { query, language: 'en', ...rest } );

	beforeAll( async () => {
		rooms = await openInMemory();
		await rooms.knowledge.putDocuments( SITE, SHOP );
		return () => rooms.close();
	} );

	it.each( ANSWERABLE )(
		'answers "%s" from %s',
		async ( question, documentId, heading, quoted ) => {
			const { passages, isConfident } = await search( question );
			expect( isConfident ).toBe( true );
			const right = passages.find(
				( passage ) =>
					passage.documentId === documentId &&
					passage.headingPath.at( -1 ) === heading
			);
			expect( passages.indexOf( right! ) ).toBeLessThan( 2 );
			expect( extractAnswer( question, passages )?.text ).toContain(
				quoted
			);
		}
	);

	it.each( UNANSWERABLE )( 'abstains from "%s"', async ( question ) => {
		expect( await search( question ) ).toMatchObject( {
			isConfident: false,
		} );
	} );

	it( 'puts the right page first for most questions', async () => {
		let first = 0;
		for ( const [ question, documentId ] of ANSWERABLE ) {
			const { passages } = await search( question );
			first += passages[ 0 ]?.documentId === documentId ? 1 : 0;
		}
		expect( first / ANSWERABLE.length ).toBeGreaterThanOrEqual( 0.95 );
	} );

	it( 'gives every passage what a source needs', async () => {
		const { passages, knowledgeVersion } = await search(
			'What is the weight of the Serra 3 tent?'
		);
		expect( knowledgeVersion ).toBe( 1 );
		expect( passages[ 0 ] ).toMatchObject( {
			documentId: 'serra-3',
			documentHash: expect.stringMatching( /^[0-9a-f]{64}$/ ),
			url: 'https://shop.example/serra-3/',
			title: 'Serra 3 tent',
			language: 'en-GB',
			headingPath: [ 'Specifications' ],
			text: expect.stringContaining( 'Weight | 3.4 kg' ),
		} );
		expect( passages.map( ( { score } ) => score ) ).toEqual(
			passages.map( ( { score } ) => score ).sort( ( a, b ) => b - a )
		);
	} );

	it( 'offers the nearest pages, each once, when it abstains', async () => {
		const { isConfident, nearest } = await search(
			'Do you sell tents for elephants and giraffes?'
		);
		expect( isConfident ).toBe( false );
		expect( nearest[ 0 ]?.documentId ).toBe( 'serra-3' );
		const urls = nearest.map( ( { url } ) => url );
		expect( new Set( urls ).size ).toBe( urls.length );
		expect( urls.length ).toBeLessThanOrEqual( 3 );
	} );

	it( 'returns no more than topK passages', async () => {
		const { passages } = await search( 'tent weight price colour care', {
			topK: 2,
		} );
		expect( passages ).toHaveLength( 2 );
	} );

	it( 'tells C++ from C#', async () => {
		const { passages } = await search( 'C++' );
		expect( passages[ 0 ]?.documentId ).toBe( 'coding-hike' );
		expect( ( await search( 'C--' ) ).isConfident ).toBe( false );
	} );

	describe( 'limited to a page', () => {
		it.each( [
			[ 'its id', { postId: 7 } ],
			[ 'its address', { url: 'https://shop.example/page-7/' } ],
			[
				'its address without a slash',
				{ url: 'https://shop.example/page-7' },
			],
			[
				'its address with a campaign and a fragment',
				{ url: 'https://shop.example/page-7/?utm_source=x#top' },
			],
		] )( 'finds only that page by %s', async ( _, scope ) => {
			await rooms.knowledge.putDocuments( 'scoped', [
				document( 'post-7', 'Seven', 'The tent weighs 7 kg.', {
					url: 'https://shop.example/page-7/',
				} ),
				document( 'post-8', 'Eight', 'The tent weighs 8 kg.' ),
			] );
			const { passages } = await rooms.knowledge.search( 'scoped', {
				query: 'How heavy is the tent?',
				scope,
			} );
			expect( passages.map( ( { documentId } ) => documentId ) ).toEqual(
				[ 'post-7' ]
			);
		} );

		it( 'finds nothing when the page is unknown', async () => {
			const result = await search( 'How heavy is the tent?', {
				scope: { postId: 999 },
			} );
			expect( result ).toMatchObject( {
				passages: [],
				nearest: [],
				isConfident: false,
			} );
		} );

		it.each( [
			'What is this about?',
			'Tell me about this page',
			'Summarise this',
			'总结这个页面',
		] )( 'gives the page itself for "%s"', async ( question ) => {
			const { passages, isConfident } = await search( question, {
				scope: { url: 'https://shop.example/visit/' },
			} );
			expect( isConfident ).toBe( true );
			expect( passages[ 0 ]?.text ).toContain( 'Rua do Carmo' );
		} );

		it( 'finds the price on a product page without naming the product', async () => {
			const { passages, isConfident } = await search( 'How much is it?', {
				scope: { url: 'https://shop.example/serra-3/' },
			} );
			expect( isConfident ).toBe( true );
			expect( passages[ 0 ]?.text ).toContain( '€379' );
		} );

		it( 'abstains when the page does not say it', async () => {
			expect(
				await search( 'Is there parking?', {
					scope: { url: 'https://shop.example/serra-3/' },
				} )
			).toMatchObject( { isConfident: false } );
		} );
	} );

	it( 'prefers the language of the question', async () => {
		await rooms.knowledge.putDocuments( 'bilingual', [
			document( 'de', 'Serra 3', 'Das Serra 3 kostet 379 Euro.', {
				language: 'de-DE',
			} ),
			document( 'en', 'Serra 3', 'The Serra 3 is 379 euro.' ),
		] );
		const first = async ( query: string, language?: string ) =>
			( await rooms.knowledge.search( 'bilingual', { query, language } ) )
				.passages[ 0 ]?.documentId;
		expect( await first( 'Serra 3', 'de' ) ).toBe( 'de' );
		expect( await first( 'Serra 3', 'en' ) ).toBe( 'en' );
		expect( await first( 'Was kostet das Serra 3 bei euch?', 'en' ) ).toBe(
			'de'
		);
	} );

	it( 'shows a text that two pages share only once', async () => {
		await rooms.knowledge.putDocuments( 'twins', [
			document( 'a', 'One', 'Lamps run for nine hours.' ),
			document( 'b', 'Two', 'Lamps run for nine hours.' ),
		] );
		const { passages } = await rooms.knowledge.search( 'twins', {
			query: 'How many hours do lamps run?',
		} );
		expect( passages ).toHaveLength( 1 );
	} );
} );

describe( 'search on other languages', () => {
	it.each( [
		[
			'de',
			'Rücksendungen sind 30 Tage lang möglich.',
			'Wie lange ist eine Rücksendung möglich?',
		],
		[
			'fr',
			'Les retours sont gratuits pendant trente jours.',
			'Le retour est-il gratuit ?',
		],
		[
			'es',
			'Las devoluciones son gratuitas durante treinta días.',
			'¿Es gratuita la devolución?',
		],
		[
			'ja',
			'返品は三十日以内にお願いします。送料は無料です。',
			'送料はいくらですか',
		],
		[
			'ko',
			'반품은 30일 이내에 가능합니다. 배송비는 무료입니다.',
			'반품은 가능합니까?',
		],
		[
			'ru',
			'Возврат товаров возможен в течение тридцати дней.',
			'Как вернуть товар, возможен ли возврат?',
		],
		[ 'th', 'คืนสินค้าได้ภายในสามสิบวัน ค่าจัดส่งฟรี', 'คืนสินค้าได้ไหม' ],
		[
			'ar',
			'يمكن إرجاع المنتجات خلال ثلاثين يوما.',
			'هل يمكن إرجاع المنتج؟',
		],
		[
			'he',
			'אפשר להחזיר מוצרים תוך שלושים יום.',
			'האם אפשר להחזיר מוצרים?',
		],
	] )( 'finds the page in %s', async ( language, text, question ) => {
		const rooms = await openInMemory();
		await rooms.knowledge.putDocuments( SITE, [
			document( 'page', 'Docent', text, { language } ),
			document( 'other', 'Other', 'Something else entirely.' ),
		] );
		const { passages, isConfident } = await rooms.knowledge.search( SITE, {
			query: question,
		} );
		expect( passages[ 0 ]?.documentId ).toBe( 'page' );
		expect( isConfident ).toBe( true );
		await rooms.close();
	} );
} );

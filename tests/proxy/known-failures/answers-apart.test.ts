/**
 * The same question at two sites, in two languages, about two pages, of a changed assistant: nobody gets what was said to somebody else (T23).
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
	mintToken,
	newVisitorId,
	signRequest,
} from '../../support/proxy/credentials.ts';
import { page, SHOP } from '../../support/proxy/shop.ts';
import { askAnew, fromCache } from './own-words.ts';
import { setStage, type Stage } from './stage.ts';

const QUESTION = 'How much is shipping?';
const OTHER = {
	id: 'other-shop',
	secret: 'other-secret-0123456789abcdefghijklmn',
	origins: [ 'https://other.example' ],
};

describe.each( [ 'SQLite', 'Redis' ] as const )(
	'T23: the same question, with answers kept in %s,',
	( store ) => {
		const folder = mkdtempSync( join( tmpdir(), 'docent-sites-' ) );
		let stage: Stage;
		let calls = 0;

		/** As the other shop: its own secret, page and visitors. */
		const there = () => ( {
			token: mintToken(
				{ iss: OTHER.id, origin: OTHER.origins[ 0 ] },
				{ secret: OTHER.secret }
			),
			headers: { Origin: String( OTHER.origins[ 0 ] ) },
		} );
		const tellThere = ( method: string, path: string, body: object ) => {
			const text = JSON.stringify( body );
			return fetch( stage.proxy.url + path, {
				method,
				headers: signRequest( method, path, text, {
					siteId: OTHER.id,
					secret: OTHER.secret,
				} ),
				body: text,
			} );
		};

		beforeAll( async () => {
			const file = join( folder, 'sites.json' );
			writeFileSync( file, JSON.stringify( { sites: [ OTHER ] } ) );
			stage = await setStage( {
				store,
				documents: [
					...SHOP,
					page( 31, 'Preise', 'Der Preis der Lampe X-200 ist 30.' ),
				],
				env: { DOCENT_SITES_FILE: file },
				behaviour: {
					text: () =>
						`Answer ${ ++calls }.\n[[docent]] mood=neutral confident=yes handoff=no used=1`,
				},
			} );
			await tellThere( 'PUT', '/v1/site/documents', { documents: SHOP } );
		} );
		afterAll( async () => {
			await stage.close();
			rmSync( folder, { recursive: true, force: true } );
		} );

		/** Asks in each way at once, then again in each way: every way must have an answer of its own and keep it. */
		const expectApart = async (
			ways: ReadonlyArray< () => ReturnType< typeof askAnew > >
		): Promise< void > => {
			const first = await Promise.all( ways.map( ( ask ) => ask() ) );
			for ( const { cache, finishReason } of first ) {
				expect( { cache, finishReason } ).toEqual( {
					cache: 'miss',
					finishReason: 'stop',
				} );
			}
			expect( new Set( first.map( ( { text } ) => text ) ).size ).toBe(
				ways.length
			);
			const later = [];
			for ( const ask of ways ) {
				later.push( await ask() );
			}
			expect( later ).toEqual( first.map( fromCache ) );
		};

		it( 'at two sites with the same pages has two answers, asked at once and later', () =>
			expectApart( [
				() => askAnew( stage.proxy, QUESTION ),
				() => askAnew( stage.proxy, QUESTION, there() ),
			] ) );

		it( 'keeps its answer at one site when the other changes its pages and deletes all of its answers', async () => {
			const before = await askAnew( stage.proxy, QUESTION );
			await askAnew( stage.proxy, QUESTION, there() );
			await tellThere( 'PUT', '/v1/site/documents', {
				documents: [
					page( 11, 'Shipping', 'Shipping costs 9 euros.' ),
				],
			} );
			expect(
				( await askAnew( stage.proxy, QUESTION, there() ) ).cache
			).toBe( 'miss' );
			expect( await askAnew( stage.proxy, QUESTION ) ).toEqual(
				fromCache( before )
			);
		} );

		it( 'about two pages and about the whole site has three answers', () =>
			expectApart(
				[ undefined, { postId: 11 }, { postId: 12 } ].map(
					( scope ) => () =>
						askAnew( stage.proxy, 'How long does delivery take?', {
							body: scope ? { scope } : {},
						} )
				)
			) );

		it( 'on pages in two languages, when it could be in either, has two answers', () =>
			expectApart(
				[ 'en', 'de' ].map(
					( language ) => () =>
						askAnew( stage.proxy, 'Lampe X-200?', {
							body: { language },
						} )
				)
			) );

		it( 'of an assistant that was told something new has a new answer', async () => {
			const before = await askAnew( stage.proxy, QUESTION );
			await stage.proxy.site( 'PUT', '/v1/site/settings', {
				assistant: { instructions: 'Be formal.' },
			} );
			const after = await askAnew( stage.proxy, QUESTION );
			expect( after.cache ).toBe( 'miss' );
			expect( after.text ).not.toBe( before.text );
		} );

		it( 'with somebody’s own number in it is kept for nobody, not even for who asked', async () => {
			const token = mintToken( { sub: newVisitorId() } );
			const question =
				'Are shipping costs 4.90 euros for orders above 80 euros like 471108?';
			for ( let count = 0; count < 2; count++ ) {
				expect(
					await askAnew( stage.proxy, question, { token } )
				).toMatchObject( { cache: 'miss', finishReason: 'stop' } );
			}
		} );
	}
);

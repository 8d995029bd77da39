/**
 * What knowledge must do over any store. A new store is put through it with one call of `describeKnowledge`.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DocentError } from '../../../proxy/src/errors.ts';
import type { SiteDocument } from '../../../proxy/src/types.ts';
import type { OpenRooms, Rooms } from './rooms.ts';
import { document, SHOP } from './outdoor-shop.ts';

const SITE = 'shop';

/** Describes knowledge over the store that `open` opens. */
export function describeKnowledge( name: string, open: OpenRooms ): void {
	describe( `knowledge over ${ name }`, () => {
		let rooms: Rooms;
		const put = ( ...documents: unknown[] ) =>
			rooms.knowledge.putDocuments( SITE, documents );
		const ids = async ( query: string, site = SITE ) =>
			(
				await rooms.knowledge.search( site, { query, language: 'en' } )
			).passages.map( ( { documentId } ) => documentId );

		beforeEach( async () => {
			rooms = await open();
		} );
		afterEach( () => rooms.close() );

		it( 'knows nothing of a site that sent nothing', async () => {
			expect(
				await rooms.knowledge.search( SITE, { query: 'tent' } )
			).toEqual( {
				passages: [],
				coverage: 0,
				isConfident: false,
				knowledgeVersion: 0,
				nearest: [],
			} );
			expect( await rooms.knowledge.countDocuments( SITE ) ).toBe( 0 );
			expect( await rooms.knowledge.removeDocument( SITE, 'x' ) ).toBe(
				false
			);
		} );

		it( 'finds a document once put has returned', async () => {
			expect( await put( ...SHOP ) ).toEqual( {
				accepted: SHOP.length,
				rejected: [],
			} );
			expect( ( await ids( 'bear spray' ) )[ 0 ] ).toBe( 'delivery' );
			expect( await rooms.knowledge.countDocuments( SITE ) ).toBe(
				SHOP.length
			);
		} );

		it( 'follows a change and forgets the old text', async () => {
			await put( document( 'a', 'Lamp', 'The lamp glows amber.' ) );
			await put( document( 'a', 'Lamp', 'The lamp glows violet.' ) );
			expect( await ids( 'violet' ) ).toEqual( [ 'a' ] );
			expect( await ids( 'amber' ) ).toEqual( [] );
			expect( await rooms.knowledge.countDocuments( SITE ) ).toBe( 1 );
		} );

		it( 'forgets a removed document', async () => {
			await put( ...SHOP );
			expect(
				await rooms.knowledge.removeDocument( SITE, 'delivery' )
			).toBe( true );
			expect( await ids( 'bear spray' ) ).not.toContain( 'delivery' );
			expect(
				await rooms.knowledge.removeDocument( SITE, 'delivery' )
			).toBe( false );
		} );

		it( 'raises the version with every change and only then', async () => {
			const version = () => rooms.knowledge.version( SITE );
			const a = document( 'a', 'Lamp', 'Amber.' );
			await put( a );
			expect( await version() ).toBe( 1 );
			await put( a );
			await rooms.knowledge.removeDocument( SITE, 'b' );
			expect( await version() ).toBe( 1 );
			await put( document( 'a', 'Lamp', 'Violet.' ) );
			expect( await version() ).toBe( 2 );
			await rooms.knowledge.removeDocument( SITE, 'a' );
			expect( await version() ).toBe( 3 );
			expect( await version() ).toBe(
				( await rooms.knowledge.search( SITE, { query: 'x' } ) )
					.knowledgeVersion
			);
		} );

		it( 'takes the good documents of a call and says what is wrong with the others', async () => {
			const good = document( 'good', 'Lamp', 'The lamp glows amber.' );
			const { accepted, rejected } = await put(
				good,
				{ ...good, id: 'no-scheme', url: 'javascript:alert(1)' },
				{ ...good, id: 'x'.repeat( 201 ) },
				{
					...good,
					id: 'long-url',
					url: `https://e.example/${ 'x'.repeat( 2_000 ) }`,
				},
				{ ...good, id: 'long-title', title: 'x'.repeat( 501 ) },
				{ ...good, id: 'long-text', text: 'x'.repeat( 1_000_001 ) },
				{ ...good, id: 'text-is-a-number', text: 7 },
				{ ...good, id: 'line\nbreak' },
				null,
				'text'
			);
			expect( accepted ).toBe( 1 );
			expect( rejected.map( ( { id } ) => id.slice( 0, 20 ) ) ).toEqual( [
				'no-scheme',
				'x'.repeat( 20 ),
				'long-url',
				'long-title',
				'long-text',
				'text-is-a-number',
				'line\nbreak',
				'',
				'',
			] );
			for ( const { code, message } of rejected ) {
				expect( code ).toBe( 'document_invalid' );
				expect( message.length ).toBeGreaterThan( 10 );
			}
			expect( await ids( 'amber' ) ).toEqual( [ 'good' ] );
		} );

		it( 'refuses more than 100 documents at once', async () => {
			const many = Array.from( { length: 101 }, ( _, at ) =>
				document( `d${ at }`, 'Title', 'Text' )
			);
			await expect( put( ...many ) ).rejects.toThrow( DocentError );
			expect( await rooms.knowledge.countDocuments( SITE ) ).toBe( 0 );
		} );

		it( 'lets the later of two documents with one id count', async () => {
			await put(
				document( 'a', 'Lamp', 'Amber.' ),
				document( 'a', 'Lamp', 'Violet.' )
			);
			expect( await ids( 'violet' ) ).toEqual( [ 'a' ] );
			expect( await ids( 'amber' ) ).toEqual( [] );
		} );

		it( 'removes control characters', async () => {
			await put(
				document(
					'a',
					'Red\u0000 lamp\n',
					'Am\u0000ber\u0007 light.\r\nOn.'
				)
			);
			const { passages } = await rooms.knowledge.search( SITE, {
				query: 'amber',
			} );
			expect( passages[ 0 ] ).toMatchObject( {
				title: 'Red lamp',
				text: 'Amber light.\nOn.',
			} );
		} );

		it( 'finds a document without text by its title', async () => {
			await put( document( 'a', 'Wool socks', '' ) );
			expect( await ids( 'wool socks' ) ).toEqual( [ 'a' ] );
		} );

		it( 'does not bring back a document that is removed while it is taken in', async () => {
			const long = document(
				'long',
				'Long',
				'The heron stands. '.repeat( 20_000 )
			);
			const results = await Promise.all( [
				put( long ),
				rooms.knowledge.removeDocument( SITE, 'long' ),
				put( document( 'other', 'Other', 'The heron flies.' ) ),
			] );
			expect( results[ 1 ] ).toBe( true );
			expect( await ids( 'heron' ) ).toEqual( [ 'other' ] );
		} );

		it( 'lets the document that came last win', async () => {
			await Promise.all( [
				put(
					document( 'a', 'A', 'The heron stands. '.repeat( 20_000 ) )
				),
				put( document( 'a', 'A', 'The kestrel flies.' ) ),
			] );
			expect( await ids( 'heron' ) ).toEqual( [] );
			expect( await ids( 'kestrel' ) ).toEqual( [ 'a' ] );
		} );

		it( 'goes on after a change that failed', async () => {
			await expect(
				put( ...Array.from( { length: 101 }, () => null ) )
			).rejects.toThrow( 'at most 100' );
			await put( document( 'a', 'A', 'The kestrel flies.' ) );
			expect( await ids( 'kestrel' ) ).toEqual( [ 'a' ] );
		} );

		it( 'says what a site has to send, send again and remove', async () => {
			await put( ...SHOP );
			const [ first, second, ...rest ] = SHOP as [
				SiteDocument,
				SiteDocument,
				...SiteDocument[],
			];
			const manifest = [
				...rest.map( ( { id, hash } ) => ( { id, hash } ) ),
				{ id: second.id, hash: 'another' },
				{ id: 'new', hash: 'new' },
			];
			expect(
				await rooms.knowledge.compareManifest( SITE, manifest )
			).toEqual( {
				missing: [ 'new' ],
				stale: [ second.id ],
				extra: [ first.id ],
			} );
			await expect(
				rooms.knowledge.compareManifest( SITE, [ { id: 7 } ] )
			).rejects.toMatchObject( { code: 'bad_request' } );
		} );

		it( 'keeps sites apart', async () => {
			await rooms.knowledge.putDocuments( 'one', [
				document( 'a', 'Secret', 'The code word is heron.' ),
			] );
			await rooms.knowledge.putDocuments( 'two', [
				document( 'a', 'Secret', 'The code word is kestrel.' ),
			] );
			expect( await ids( 'heron', 'two' ) ).toEqual( [] );
			expect( await ids( 'kestrel', 'two' ) ).toEqual( [ 'a' ] );
			await rooms.knowledge.removeDocument( 'two', 'a' );
			expect( await ids( 'heron', 'one' ) ).toEqual( [ 'a' ] );
			expect( await rooms.knowledge.version( 'one' ) ).toBe( 1 );
			expect(
				await rooms.knowledge.compareManifest( 'two', [] )
			).toEqual( { missing: [], stale: [], extra: [] } );
		} );

		it( 'finds what stands beyond the first block of passages', async () => {
			const sections = ( id: string ) =>
				Array.from(
					{ length: 60 },
					( _, at ) =>
						`## Part ${ at }\nThe peg ${ id }x${ at } is here.`
				).join( '\n' );
			for ( let from = 0; from < 80; from += 40 ) {
				await put(
					...Array.from( { length: 40 }, ( _, at ) =>
						document(
							`d${ from + at }`,
							'Pegs',
							sections( `p${ from + at }` )
						)
					)
				);
			}
			for ( const id of [ 0, 39, 40, 79 ] ) {
				expect( await ids( `p${ id }x59` ) ).toContain( `d${ id }` );
			}
			await put( document( 'd79', 'Pegs', 'None are left.' ) );
			expect( ( await ids( 'p79x59' ) )[ 0 ] ).not.toBe( 'd79' );
			expect( ( await ids( 'none left' ) )[ 0 ] ).toBe( 'd79' );
		} );

		it( 'finds the same after many changes as a store that only saw the end', async () => {
			const fresh = await open();
			const last = new Map< string, SiteDocument >();
			const random = seeded( 7 );
			for ( let step = 0; step < 120; step++ ) {
				const id = `d${ Math.floor( random() * 12 ) }`;
				if ( random() < 0.25 ) {
					await rooms.knowledge.removeDocument( SITE, id );
					last.delete( id );
				} else {
					const made = randomDocument( id, random );
					await put( made );
					last.set( id, made );
				}
			}
			await fresh.knowledge.putDocuments( SITE, [ ...last.values() ] );
			for ( const word of WORDS ) {
				const found = async ( { knowledge }: Rooms ) =>
					(
						await knowledge.search( SITE, {
							query: word,
							topK: 50,
						} )
					).passages
						.map(
							( { documentId, text, score } ) =>
								`${ documentId } ${ score.toFixed( 9 ) } ${ text }`
						)
						.sort();
				expect( await found( rooms ) ).toEqual( await found( fresh ) );
			}
			await fresh.close();
		} );
	} );
}

const WORDS = 'amber violet heron kestrel copper marble willow cedar'.split(
	' '
);

/** Returns numbers from 0 to 1 that are the same for the same seed (mulberry32). */
export function seeded( seed: number ): () => number {
	let state = seed;
	return () => {
		state = ( state + 0x6d2b79f5 ) | 0;
		let mixed = Math.imul( state ^ ( state >>> 15 ), 1 | state );
		mixed =
			( mixed + Math.imul( mixed ^ ( mixed >>> 7 ), 61 | mixed ) ) ^
			mixed;
		return ( ( mixed ^ ( mixed >>> 14 ) ) >>> 0 ) / 2 ** 32;
	};
}

function randomDocument( id: string, random: () => number ): SiteDocument {
	const word = () => WORDS[ Math.floor( random() * WORDS.length ) ] ?? '';
	const sections = Array.from(
		{ length: 1 + Math.floor( random() * 3 ) },
		() => `## ${ word() }\n${ word() } and ${ word() } of ${ id }.`
	);
	return document( id, word(), sections.join( '\n' ) );
}

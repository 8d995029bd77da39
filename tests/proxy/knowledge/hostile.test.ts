/**
 * Feeds search and answers what nobody should send.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { normaliseQuestion } from '../../../proxy/src/answers/normalise.ts';
import { extractAnswer } from '../../../proxy/src/knowledge/extractive.ts';
import { openInMemory } from './open-sqlite.ts';
import { document, SHOP } from './outdoor-shop.ts';
import type { Rooms } from './rooms.ts';

const SITE = 'shop';

const HOSTILE: ReadonlyArray< readonly [ name: string, question: string ] > = [
	[ 'nothing', '' ],
	[ 'white space', ' \t\n　 ' ],
	[ 'one character', 'x' ],
	[ 'punctuation', '?!.,;:"\'()[]{}<>|\\/@#$%^&*-_=+~`' ],
	[ 'quotes', `"tent" 'tent' “tent” «tent» "` ],
	[
		'operators of a search language',
		'tent AND NOT (stove OR "fuel*") NEAR(tent stove, 5) title:tent ^tent {a b}: c',
	],
	[ 'a lone operator', 'NEAR' ],
	[
		'SQL',
		`'; DROP TABLE documents; -- ' OR '1'='1' UNION SELECT * FROM answers`,
	],
	[ 'wildcards', '%_*? tent% ten_' ],
	[ 'HTML', '<script>alert(1)</script><img src=x onerror=alert(1)> tent' ],
	[
		'Markdown',
		'[tent](javascript:alert(1)) ![x](https://evil.example/x.png) `tent` **tent**',
	],
	[ 'emoji', '⛺🏔️👨‍👩‍👧‍👦🇵🇹 tent 🔥' ],
	[ 'only emoji', '⛺⛺⛺' ],
	[ 'NUL bytes', 'te\0nt\0 weight\0' ],
	[ 'half characters', '\ud800tent\udc00 \udfff' ],
	[ 'right-to-left marks', '\u202etent\u202c \u2067weight\u2069 \u200ftent' ],
	[ 'combining marks without end', `te${ '\u0301'.repeat( 5_000 ) }nt` ],
	[
		'names of built-in properties',
		'__proto__ constructor toString hasOwnProperty valueOf',
	],
	[ '20,000 letters', 'x'.repeat( 20_000 ) ],
	[
		'20,000 different words',
		Array.from( { length: 5_000 }, ( _, at ) => `w${ at }` ).join( ' ' ),
	],
	[ '20,000 Chinese characters', '帐篷重量退货'.repeat( 3_334 ) ],
	[ '20,000 hyphens', `tent${ '-'.repeat( 20_000 ) }weight` ],
	[ '20,000 question marks', '?'.repeat( 20_000 ) ],
	[ '20,000 full stops with spaces', '. '.repeat( 10_000 ) ],
	[ '10,000 apostrophes', `l${ "'".repeat( 10_000 ) }eau` ],
];

describe( 'hostile input', () => {
	let rooms: Rooms;

	beforeAll( async () => {
		rooms = await openInMemory();
		await rooms.knowledge.putDocuments( SITE, SHOP );
	} );
	afterAll( () => rooms.close() );

	it.each( HOSTILE )(
		'is searched for without harm: %s',
		async ( _, query ) => {
			const start = performance.now();
			const result = await rooms.knowledge.search( SITE, { query } );
			extractAnswer( query, result.passages );
			expect( performance.now() - start ).toBeLessThan( 500 );
			expect( await rooms.knowledge.countDocuments( SITE ) ).toBe(
				SHOP.length
			);
		}
	);

	it.each( HOSTILE )(
		'is normalised once and for all: %s',
		( _, question ) => {
			const start = performance.now();
			const normalised = normaliseQuestion( question );
			expect( performance.now() - start ).toBeLessThan( 500 );
			expect( normaliseQuestion( normalised ) ).toBe( normalised );
		}
	);

	it.each( HOSTILE )(
		'is remembered and logged without harm: %s',
		async ( _, question ) => {
			const key = {
				siteId: SITE,
				language: 'en',
				scopeKey: question.slice( 0, 100 ),
				assistantVersion: '1',
				question,
			};
			const stored = await rooms.answers.remember( {
				...key,
				text: question.toWellFormed(),
				sources: [],
				restsOn: [],
				knowledgeVersion: await rooms.knowledge.version( SITE ),
				costNanoUsd: 0,
				ttlSeconds: 60,
			} );
			expect( ( await rooms.answers.find( key ) ).kind ).toBe(
				stored ? 'hit' : 'miss'
			);
			await rooms.unanswered.log( SITE, question );
		}
	);

	it.each( HOSTILE )(
		'is taken in as content and found again: %s',
		async ( _, text ) => {
			const site = 'hostile';
			const { rejected } = await rooms.knowledge.putDocuments( site, [
				document( 'page', 'Findable', text ),
				document( 'titled', text.slice( 0, 400 ), 'Findable' ),
			] );
			expect( rejected ).toEqual( [] );
			const { passages } = await rooms.knowledge.search( site, {
				query: 'findable',
			} );
			expect( passages.length ).toBeGreaterThan( 0 );
		}
	);

	it.each( [
		[ 'an id', 'id', `'; DELETE FROM documents; --` ],
		[ 'a type', 'type', `'); DROP TABLE words; --` ],
		[ 'a language', 'language', `en'; --` ],
		[ 'a language', 'language', 'constructor' ],
		[ 'a hash', 'hash', `'; --` ],
	] )( 'in %s is stored as it is', async ( _, field, value ) => {
		const site = `field-${ field }`;
		await rooms.knowledge.putDocuments( site, [
			{
				...document( 'page', 'Lamp', 'It glows amber.' ),
				[ field ]: value,
			},
		] );
		expect(
			( await rooms.knowledge.search( site, { query: 'amber' } ) )
				.passages
		).toHaveLength( 1 );
	} );

	it( 'quotes markup as text, word for word', async () => {
		const text =
			'The lamp <b onclick="x()">glows</b> [amber](javascript:alert(1)) & `bright`.';
		await rooms.knowledge.putDocuments( 'markup', [
			document( 'lamp', '<i>Lamp</i>', text ),
		] );
		const { passages } = await rooms.knowledge.search( 'markup', {
			query: 'Which lamp glows amber?',
		} );
		expect(
			extractAnswer( 'Which lamp glows amber?', passages )?.text
		).toBe( `<i>Lamp</i>\n${ text }` );
	} );

	it( 'takes a million characters without headings and finds the last sentence', async () => {
		const filler = 'Nothing of interest is written in this sentence. ';
		const text = `${ filler.repeat( 20_000 ) }The treasure lies under the oak.`;
		const start = performance.now();
		await rooms.knowledge.putDocuments( 'long', [
			document( 'long', 'Long', text ),
		] );
		expect( performance.now() - start ).toBeLessThan( 15_000 );
		const { passages } = await rooms.knowledge.search( 'long', {
			query: 'Where does the treasure lie?',
		} );
		expect( passages[ 0 ]?.text ).toContain( 'under the oak' );
	} );
} );

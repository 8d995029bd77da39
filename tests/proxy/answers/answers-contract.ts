/**
 * What answers must do over any store. A new store is put through it with one call of `describeAnswers`.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { NewlyAnswered } from '../../../proxy/src/answers/answers.ts';
import type { OpenRooms, Rooms } from '../knowledge/rooms.ts';
import { document } from '../knowledge/outdoor-shop.ts';

const SITE = 'shop';
const KEY = {
	siteId: SITE,
	language: 'en',
	scopeKey: 'site',
	assistantVersion: '1',
};
const QUESTION = 'Which colour is the lamp?';

/** Describes answers over the store that `open` opens. */
export function describeAnswers( name: string, open: OpenRooms ): void {
	describe( `answers over ${ name }`, () => {
		let rooms: Rooms;

		const find = (
			question = QUESTION,
			rest: Partial< typeof KEY > = {}
		) => rooms.answers.find( { ...KEY, question, ...rest } );
		/** Answers from the site as it is, and remembers that. */
		const answer = async (
			rest: Partial< NewlyAnswered > = {}
		): Promise< boolean > => {
			const question = rest.question ?? QUESTION;
			const found = await rooms.knowledge.search( rest.siteId ?? SITE, {
				query: question,
				language: 'en',
			} );
			return rooms.answers.remember( {
				...KEY,
				question,
				text: 'Amber.',
				sources: [
					{ id: 1, title: 'Lamp', url: 'https://e.example/' },
				],
				restsOn: found.passages.map(
					( { documentId, documentHash } ) => ( {
						documentId,
						hash: documentHash,
					} )
				),
				knowledgeVersion: found.knowledgeVersion,
				costNanoUsd: 250,
				ttlSeconds: 3_600,
				...rest,
			} );
		};
		const put = ( id: string, title: string, text: string ) =>
			rooms.knowledge.putDocuments( SITE, [
				document( id, title, text ),
			] );

		beforeEach( async () => {
			rooms = await open();
			await put( 'lamp', 'Lamp', 'The colour is amber.' );
			await put( 'rope', 'Rope', 'It holds nine people.' );
		} );
		afterEach( () => rooms.close() );

		describe( 'remembering', () => {
			it( 'answers the same question again, with its sources', async () => {
				expect( await find() ).toEqual( { kind: 'miss' } );
				expect( await answer( { mood: 'happy' } ) ).toBe( true );
				expect( await find() ).toEqual( {
					kind: 'hit',
					match: 'exact',
					answer: {
						id: expect.any( String ),
						text: 'Amber.',
						sources: [
							{ id: 1, title: 'Lamp', url: 'https://e.example/' },
						],
						mood: 'happy',
						confident: true,
						costNanoUsd: 250,
					},
				} );
			} );

			it( 'answers the question typed another way', async () => {
				await answer();
				expect(
					( await find( '  which COLOUR is the lamp' ) ).kind
				).toBe( 'hit' );
			} );

			it.each( [
				[ 'site', { siteId: 'other' } ],
				[ 'language', { language: 'de' } ],
				[ 'page', { scopeKey: 'page:7' } ],
				[ 'assistant', { assistantVersion: '2' } ],
			] )( 'misses for another %s', async ( _, rest ) => {
				await answer();
				expect( await find( QUESTION, rest ) ).toEqual( {
					kind: 'miss',
				} );
			} );

			it( 'replaces an answer to the same question', async () => {
				await answer();
				await answer( { text: 'Warm amber.' } );
				expect( await find() ).toMatchObject( {
					answer: { text: 'Warm amber.' },
				} );
				expect( await rooms.answers.list( SITE ) ).toHaveLength( 1 );
			} );

			it( 'forgets after its time', async () => {
				await answer( { ttlSeconds: 10 } );
				rooms.clock.set( rooms.clock() + 9_999 );
				expect( ( await find() ).kind ).toBe( 'hit' );
				rooms.clock.set( rooms.clock() + 1 );
				expect( ( await find() ).kind ).toBe( 'miss' );
				expect( await rooms.answers.deleteExpired() ).toBe( 1 );
				expect( await answer( { ttlSeconds: 0 } ) ).toBe( false );
			} );

			it( 'keeps the answers used last when there are too many', async () => {
				await rooms.close();
				rooms = await open( { maxAnswersPerSite: 3 } );
				for ( const question of [
					'one one',
					'two two',
					'three three',
				] ) {
					await answer( { question } );
					rooms.clock.set( rooms.clock() + 1_000 );
				}
				await find( 'one one' );
				await rooms.answers.flush();
				rooms.clock.set( rooms.clock() + 1_000 );
				await answer( { question: 'four four' } );
				expect( ( await find( 'two two' ) ).kind ).toBe( 'miss' );
				for ( const question of [
					'one one',
					'three three',
					'four four',
				] ) {
					expect( ( await find( question ) ).kind ).toBe( 'hit' );
				}
			} );

			it( 'neither stores nor finds a question that is empty or very long', async () => {
				for ( const question of [ '???', '', 'x'.repeat( 20_000 ) ] ) {
					expect( await answer( { question } ) ).toBe( false );
					expect( await find( question ) ).toEqual( {
						kind: 'miss',
					} );
				}
			} );
		} );

		describe( 'when documents change', () => {
			it( 'drops what rests on a changed document', async () => {
				await answer();
				await put( 'lamp', 'Lamp', 'The colour is violet.' );
				expect( ( await find() ).kind ).toBe( 'miss' );
			} );

			it( 'drops what rests on a removed document', async () => {
				await answer();
				await rooms.knowledge.removeDocument( SITE, 'lamp' );
				expect( ( await find() ).kind ).toBe( 'miss' );
			} );

			it( 'drops what a new document speaks to', async () => {
				await answer();
				await put(
					'news',
					'News',
					'The lamp now comes in a colour called ash.'
				);
				expect( ( await find() ).kind ).toBe( 'miss' );
			} );

			it( 'drops what a new document speaks to with other words', async () => {
				await answer( {
					question: 'What does shipping of a lamp cost?',
				} );
				await put(
					'post',
					'Delivery',
					'Delivery has a fee of 4 euro.'
				);
				expect(
					( await find( 'What does shipping of a lamp cost?' ) ).kind
				).toBe( 'miss' );
			} );

			it( 'keeps what a change has nothing to do with', async () => {
				await answer();
				await put( 'rope', 'Rope', 'It holds eight people.' );
				await put( 'boots', 'Boots', 'They are made of leather.' );
				expect( ( await find() ).kind ).toBe( 'hit' );
			} );

			it( 'keeps everything when the same document comes again', async () => {
				await answer();
				await put( 'lamp', 'Lamp', 'The colour is amber.' );
				expect( ( await find() ).kind ).toBe( 'hit' );
			} );

			it( 'keeps the answers of other sites', async () => {
				await rooms.knowledge.putDocuments( 'other', [
					document( 'lamp', 'Lamp', 'The colour is amber.' ),
				] );
				await answer( { siteId: 'other' } );
				await put( 'lamp', 'Lamp', 'The colour is violet.' );
				expect(
					( await find( QUESTION, { siteId: 'other' } ) ).kind
				).toBe( 'hit' );
			} );

			it( 'refuses an answer from before the change', async () => {
				const { knowledgeVersion } = await rooms.knowledge.search(
					SITE,
					{
						query: QUESTION,
					}
				);
				await put( 'rope', 'Rope', 'It holds eight people.' );
				expect( await answer( { knowledgeVersion } ) ).toBe( false );
				expect( ( await find() ).kind ).toBe( 'miss' );
			} );

			it( 'refuses an answer that is stored in the same moment as the change', async () => {
				const { knowledgeVersion } = await rooms.knowledge.search(
					SITE,
					{
						query: QUESTION,
					}
				);
				const [ , stored ] = await Promise.all( [
					put( 'lamp', 'Lamp', 'The colour is violet.' ),
					answer( { knowledgeVersion } ),
				] );
				const found = await find();
				expect( stored && found.kind === 'hit' ).toBe( false );
			} );

			it( 'refuses an answer that rests on a document it never saw', async () => {
				expect(
					await answer( {
						restsOn: [ { documentId: 'lamp', hash: 'other' } ],
					} )
				).toBe( false );
			} );
		} );

		describe( 'the owner', () => {
			it( 'pins an answer for every language, assistant and page', async () => {
				const id = await rooms.answers.pin( {
					siteId: SITE,
					question: QUESTION,
					text: 'Ask Ana.',
				} );
				expect(
					await find( 'WHICH colour is the lamp?!', {
						language: 'de',
						assistantVersion: '9',
						scopeKey: 'page:1',
					} )
				).toEqual( {
					kind: 'hit',
					match: 'pinned',
					answer: {
						id,
						text: 'Ask Ana.',
						sources: [],
						confident: true,
						costNanoUsd: 0,
					},
				} );
				expect(
					( await find( QUESTION, { siteId: 'other' } ) ).kind
				).toBe( 'miss' );
			} );

			it( 'pins an answer for one language', async () => {
				await rooms.answers.pin( {
					siteId: SITE,
					question: QUESTION,
					text: 'Ask Ana.',
				} );
				await rooms.answers.pin( {
					siteId: SITE,
					question: QUESTION,
					language: 'pt-PT',
					text: 'Pergunte à Ana.',
				} );
				expect(
					await find( QUESTION, { language: 'pt-BR' } )
				).toMatchObject( { answer: { text: 'Pergunte à Ana.' } } );
				expect( await find() ).toMatchObject( {
					answer: { text: 'Ask Ana.' },
				} );
			} );

			it( 'keeps a pinned answer through changes and time', async () => {
				await rooms.answers.pin( {
					siteId: SITE,
					question: QUESTION,
					text: 'Ask Ana.',
				} );
				await put(
					'lamp',
					'Lamp',
					'The colour of the lamp is violet.'
				);
				await rooms.knowledge.removeDocument( SITE, 'lamp' );
				rooms.clock.set( rooms.clock() + 1e12 );
				await rooms.answers.deleteExpired();
				expect( await find() ).toMatchObject( { match: 'pinned' } );
			} );

			it( 'turns a cached answer into a pinned one', async () => {
				await answer();
				const found = await find();
				const id = found.kind === 'hit' ? found.answer.id : '';
				await rooms.answers.pin( {
					siteId: SITE,
					id,
					question: QUESTION,
					text: 'Amber, says Ana.',
				} );
				expect( await rooms.answers.list( SITE ) ).toMatchObject( [
					{ id, status: 'pinned', text: 'Amber, says Ana.' },
				] );
				expect( await answer() ).toBe( false );
			} );

			it( 'forbids a question: nothing is served, nothing is stored', async () => {
				await answer();
				const id = await rooms.answers.forbid( {
					siteId: SITE,
					question: QUESTION,
				} );
				expect( ( await find() ).kind ).toBe( 'miss' );
				expect( await answer() ).toBe( false );
				expect( await rooms.answers.delete( SITE, id ) ).toBe( true );
				expect( await answer() ).toBe( true );
				expect( ( await find() ).kind ).toBe( 'hit' );
			} );

			it( 'forbids a question in one language, however its tag goes on', async () => {
				await rooms.answers.forbid( {
					siteId: SITE,
					question: QUESTION,
					language: 'en-GB',
				} );
				expect( await answer( { language: 'en-US' } ) ).toBe( false );
				expect( await answer( { language: 'de' } ) ).toBe( true );
			} );

			it( 'cannot pin a question without words', async () => {
				await expect(
					rooms.answers.pin( {
						siteId: SITE,
						question: '???',
						text: 'Yes.',
					} )
				).rejects.toMatchObject( { code: 'question_empty' } );
				await expect(
					rooms.answers.forbid( {
						siteId: SITE,
						question: 'x'.repeat( 1_001 ),
					} )
				).rejects.toMatchObject( { code: 'question_too_long' } );
			} );

			it( 'deletes answers of the own site only', async () => {
				await answer();
				const [ listed ] = await rooms.answers.list( SITE );
				const id = listed?.id ?? '';
				expect( await rooms.answers.delete( 'other', id ) ).toBe(
					false
				);
				expect( await rooms.answers.delete( SITE, id ) ).toBe( true );
				expect( await rooms.answers.delete( SITE, id ) ).toBe( false );
				expect( ( await find() ).kind ).toBe( 'miss' );
			} );

			it( 'sees the most used answers first, with what they saved', async () => {
				await answer();
				await answer( {
					question: 'How many people does the rope hold?',
				} );
				await find();
				await find();
				await find( 'How many people does the rope hold?' );
				const listed = await rooms.answers.list( SITE );
				expect( listed ).toMatchObject( [
					{ question: QUESTION, hits: 2, savedNanoUsd: 500 },
					{ hits: 1, savedNanoUsd: 250 },
				] );
				expect( await rooms.answers.list( SITE, 1 ) ).toHaveLength( 1 );
				expect( await rooms.answers.list( 'other' ) ).toEqual( [] );
			} );
		} );

		describe( 'questions without an answer', () => {
			it( 'counts the same question typed in several ways', async () => {
				await rooms.unanswered.log( SITE, 'Do you sell kayaks?', 'en' );
				rooms.clock.set( rooms.clock() + 5_000 );
				await rooms.unanswered.log( SITE, 'do you sell KAYAKS', 'en' );
				await rooms.unanswered.log( SITE, 'Gift cards?' );
				expect( await rooms.unanswered.list( SITE ) ).toMatchObject( [
					{
						question: 'do you sell KAYAKS',
						normalised: 'do you sell kayaks',
						count: 2,
						lastAskedAt: rooms.clock(),
						firstAskedAt: rooms.clock() - 5_000,
					},
					{ question: 'Gift cards?', count: 1 },
				] );
				expect( await rooms.unanswered.list( 'other' ) ).toEqual( [] );
				expect(
					await rooms.unanswered.delete( SITE, 'gift cards' )
				).toBe( true );
				expect( await rooms.unanswered.list( SITE ) ).toHaveLength( 1 );
			} );

			it( 'keeps the questions asked last when there are too many', async () => {
				await rooms.close();
				rooms = await open( { maxUnansweredPerSite: 2 } );
				for ( const question of [ 'one', 'two', 'three' ] ) {
					await rooms.unanswered.log( SITE, question );
					rooms.clock.set( rooms.clock() + 1 );
				}
				const kept = await rooms.unanswered.list( SITE );
				expect(
					kept.map( ( { question } ) => question ).sort()
				).toEqual( [ 'three', 'two' ] );
			} );

			it( 'shortens what is very long and drops control characters', async () => {
				await rooms.unanswered.log(
					SITE,
					`a\u0000${ 'b'.repeat( 20_000 ) }`
				);
				const [ kept ] = await rooms.unanswered.list( SITE );
				expect( kept?.question ).toHaveLength( 500 );
				expect( kept?.question ).toMatch( /^ab+$/ );
			} );
		} );
	} );
}

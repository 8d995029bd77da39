/**
 * What a store of conversations must do. A new store is put through it with one call of `describeConversationStore`.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type {
	Conversation,
	ConversationStore,
	FinishedTurn,
} from '../../../proxy/src/stores/conversation-store.ts';

const SITE = 'shop';
const VISITOR = 'visitor-1';
const NOW = Date.UTC( 2026, 10, 20, 12 );
const KEEP_MS = 24 * 3_600_000;

/** An open store, and what lets go of it. */
export interface OpenConversationStore {
	store: ConversationStore;
	close(): Promise< void >;
}

/** Makes a finished turn; `rest` lays over it. */
export function finishedTurn(
	id: string,
	rest: Partial< FinishedTurn > = {}
): FinishedTurn {
	return {
		id,
		conversationId: 'c1',
		question: `Question ${ id }?`,
		answer: `Answer ${ id }.`,
		sources: [ { id: 1, title: 'Lamp', url: 'https://e.example/' } ],
		finishReason: 'stop',
		cache: 'miss',
		events: [
			`id: 1\nevent: turn\ndata: {"turnId":"${ id }"}\n\n`,
			'id: 2\nevent: text\ndata: {"delta":"导游 “says”"}\n\n',
			'id: 3\nevent: done\ndata: {}\n\n',
		],
		costNanoUsd: 250_000,
		askedAt: NOW,
		...rest,
	};
}

/** Describes the conversation store that `open` opens, empty and apart from every other. */
export function describeConversationStore(
	name: string,
	open: () => Promise< OpenConversationStore >
): void {
	describe( `conversations in ${ name }`, () => {
		let opened: OpenConversationStore;
		let store: ConversationStore;
		const add = (
			turn: FinishedTurn,
			conversation: Partial< Conversation > = {}
		) =>
			store.addTurn(
				{
					id: turn.conversationId,
					siteId: SITE,
					visitorId: VISITOR,
					user: undefined,
					...conversation,
				},
				turn,
				KEEP_MS
			);

		beforeEach( async () => {
			opened = await open();
			( { store } = opened );
		} );
		afterEach( () => opened.close() );

		it( 'lists the last turns of a conversation, oldest first', async () => {
			for ( const id of [ 'a', 'b', 'c' ] ) {
				await add( finishedTurn( id ) );
			}
			expect( await store.history( SITE, VISITOR, 'c1', 2 ) ).toEqual( [
				{ question: 'Question b?', answer: 'Answer b.' },
				{ question: 'Question c?', answer: 'Answer c.' },
			] );
			expect(
				await store.history( SITE, VISITOR, 'c1', 10 )
			).toHaveLength( 3 );
		} );

		it( 'tells with an earlier turn what the visitor thought of it', async () => {
			await add( finishedTurn( 'a' ) );
			await add( finishedTurn( 'b' ) );
			await store.rate( SITE, VISITOR, 'b', 'down', null );
			expect( await store.history( SITE, VISITOR, 'c1', 2 ) ).toEqual( [
				{ question: 'Question a?', answer: 'Answer a.' },
				{
					question: 'Question b?',
					answer: 'Answer b.',
					rating: 'down',
				},
			] );
		} );

		it( 'knows a conversation of its own visitor and site only', async () => {
			await add( finishedTurn( 'a' ) );
			expect(
				await store.history( SITE, VISITOR, 'c2', 4 )
			).toBeUndefined();
			expect(
				await store.history( SITE, 'visitor-2', 'c1', 4 )
			).toBeUndefined();
			expect(
				await store.history( 'other', VISITOR, 'c1', 4 )
			).toBeUndefined();
			expect( await store.forget( SITE, 'visitor-2', 'c1' ) ).toBe(
				false
			);
			expect( await store.forget( 'other', VISITOR, 'c1' ) ).toBe(
				false
			);
			expect(
				await store.rate( SITE, 'visitor-2', 'a', 'up', null )
			).toBe( false );
			expect(
				await store.findTurn( SITE, 'visitor-2', 'a' )
			).toBeUndefined();
			expect(
				await store.findTurn( 'other', VISITOR, 'a' )
			).toBeUndefined();
		} );

		it( 'finds a turn with everything that was told of it', async () => {
			const turn = finishedTurn( 'a', {
				answer: '“Ja”, 导游\n\nsagt: <b>',
				sources: [],
			} );
			await add( turn );
			expect( await store.findTurn( SITE, VISITOR, 'a' ) ).toEqual(
				turn
			);
			expect(
				await store.findTurn( SITE, VISITOR, 'b' )
			).toBeUndefined();
		} );

		it( 'keeps the last rating of a turn for the export', async () => {
			await add( finishedTurn( 'a' ), { user: 'ana' } );
			expect( await store.rate( SITE, VISITOR, 'a', 'up', null ) ).toBe(
				true
			);
			expect(
				await store.rate( SITE, VISITOR, 'a', 'down', 'Too “long”' )
			).toBe( true );
			expect( await store.rate( SITE, VISITOR, 'b', 'up', null ) ).toBe(
				false
			);
			expect( await store.exportPerson( SITE, 'ana' ) ).toEqual( [
				{
					conversationId: 'c1',
					turnId: 'a',
					question: 'Question a?',
					answer: 'Answer a.',
					rating: 'down',
					remark: 'Too “long”',
					askedAt: NOW,
				},
			] );
			await store.rate( SITE, VISITOR, 'a', null, null );
			expect( await store.exportPerson( SITE, 'ana' ) ).toMatchObject( [
				{ rating: null, remark: null },
			] );
		} );

		it( 'forgets a conversation with all its turns', async () => {
			await add( finishedTurn( 'a' ), { user: 'ana' } );
			await add( finishedTurn( 'b' ), { user: 'ana' } );
			await add( finishedTurn( 'x', { conversationId: 'c2' } ) );
			expect( await store.forget( SITE, VISITOR, 'c1' ) ).toBe( true );
			expect( await store.forget( SITE, VISITOR, 'c1' ) ).toBe( false );
			expect(
				await store.history( SITE, VISITOR, 'c1', 4 )
			).toBeUndefined();
			expect(
				await store.findTurn( SITE, VISITOR, 'a' )
			).toBeUndefined();
			expect( await store.exportPerson( SITE, 'ana' ) ).toEqual( [] );
			expect( await store.countAnswers( SITE, 0 ) ).toEqual( [
				{ cache: 'miss', finishReason: 'stop', count: 1 },
			] );
			expect(
				await store.history( SITE, VISITOR, 'c2', 4 )
			).toHaveLength( 1 );
		} );

		it( 'begins anew under the id of a forgotten conversation', async () => {
			await add( finishedTurn( 'a' ) );
			await store.forget( SITE, VISITOR, 'c1' );
			await add( finishedTurn( 'b' ) );
			expect( await store.history( SITE, VISITOR, 'c1', 4 ) ).toEqual( [
				{ question: 'Question b?', answer: 'Answer b.' },
			] );
		} );

		it( 'forgets conversations whose last turn is too old, however old their first', async () => {
			const at = (
				id: string,
				conversationId: string,
				askedAt: number
			) => add( finishedTurn( id, { conversationId, askedAt } ) );
			await at( 'a', 'old', NOW - 2_000 );
			await at( 'b', 'old', NOW - 1_001 );
			await at( 'c', 'edge', NOW - 1_000 );
			await at( 'd', 'lively', NOW - 2_000 );
			await at( 'e', 'lively', NOW );
			expect( await store.forgetOlderThan( SITE, NOW - 1_000 ) ).toBe(
				1
			);
			expect( await store.forgetOlderThan( 'other', NOW + 1 ) ).toBe( 0 );
			expect(
				await store.history( SITE, VISITOR, 'old', 4 )
			).toBeUndefined();
			expect(
				await store.history( SITE, VISITOR, 'edge', 4 )
			).toHaveLength( 1 );
			expect(
				await store.history( SITE, VISITOR, 'lively', 4 )
			).toHaveLength( 2 );
			expect( await store.findTurn( SITE, VISITOR, 'd' ) ).toBeDefined();
			expect( await store.countAnswers( SITE, 0 ) ).toEqual( [
				{ cache: 'miss', finishReason: 'stop', count: 3 },
			] );
		} );

		it( 'forgets a thousand old conversations in one call', async () => {
			await Promise.all(
				Array.from( { length: 1_000 }, ( _, at ) =>
					add(
						finishedTurn( `t${ at }`, {
							conversationId: `c${ at }`,
							askedAt: NOW + at,
						} )
					)
				)
			);
			expect( await store.forgetOlderThan( SITE, NOW + 950 ) ).toBe(
				950
			);
			expect( await store.countAnswers( SITE, 0 ) ).toMatchObject( [
				{ count: 50 },
			] );
		} );

		it( 'exports everything of a person in the order it was said, and nothing of others', async () => {
			const said = (
				id: string,
				conversationId: string,
				user?: string
			) =>
				add(
					finishedTurn( id, {
						conversationId,
						askedAt: NOW + id.charCodeAt( 0 ),
					} ),
					{ user, visitorId: `visitor-${ conversationId }` }
				);
			await said( 'a', 'c1', 'ana:1 ö' );
			await said( 'b', 'c2', 'ana:1 ö' );
			await said( 'c', 'c1', 'ana:1 ö' );
			await said( 'd', 'c3', 'bea' );
			await said( 'e', 'c4' );
			const exported = await store.exportPerson( SITE, 'ana:1 ö' );
			expect(
				exported.map(
					( { conversationId, turnId } ) =>
						`${ conversationId } ${ turnId }`
				)
			).toEqual( [ 'c1 a', 'c2 b', 'c1 c' ] );
			expect( await store.exportPerson( 'other', 'ana:1 ö' ) ).toEqual(
				[]
			);
		} );

		it( 'erases a person with every conversation, and nobody else', async () => {
			await add( finishedTurn( 'a' ), { user: 'ana' } );
			await add( finishedTurn( 'b', { conversationId: 'c2' } ), {
				user: 'ana',
			} );
			await add( finishedTurn( 'c', { conversationId: 'c3' } ), {
				user: 'bea',
			} );
			expect( await store.erasePerson( 'other', 'ana' ) ).toBe( 0 );
			expect( await store.erasePerson( SITE, 'ana' ) ).toBe( 2 );
			expect( await store.erasePerson( SITE, 'ana' ) ).toBe( 0 );
			expect( await store.exportPerson( SITE, 'ana' ) ).toEqual( [] );
			expect(
				await store.findTurn( SITE, VISITOR, 'a' )
			).toBeUndefined();
			expect(
				await store.history( SITE, VISITOR, 'c2', 4 )
			).toBeUndefined();
			expect( await store.exportPerson( SITE, 'bea' ) ).toHaveLength( 1 );
		} );

		it( 'counts answers since a time by how they came about', async () => {
			const at = ( id: string, rest: Partial< FinishedTurn > ) =>
				add( finishedTurn( id, rest ) );
			await at( 'a', { askedAt: NOW - 1 } );
			await at( 'b', { askedAt: NOW } );
			await at( 'c', { askedAt: NOW + 1 } );
			await at( 'd', { cache: 'exact', finishReason: 'cached' } );
			await at( 'e', { finishReason: 'abstained' } );
			const counts = await store.countAnswers( SITE, NOW );
			expect(
				counts
					.map(
						( { cache, finishReason, count } ) =>
							`${ cache } ${ finishReason } ${ count }`
					)
					.sort()
			).toEqual( [
				'exact cached 1',
				'miss abstained 1',
				'miss stop 2',
			] );
			expect( await store.countAnswers( SITE, NOW + 2 ) ).toEqual( [] );
			expect( await store.countAnswers( 'other', 0 ) ).toEqual( [] );
		} );

		it( 'keeps every turn of a conversation that is added to from several sides at once', async () => {
			const ids = Array.from( { length: 30 }, ( _, at ) => `t${ at }` );
			await Promise.all( ids.map( ( id ) => add( finishedTurn( id ) ) ) );
			expect(
				( await store.history( SITE, VISITOR, 'c1', 100 ) )?.length
			).toBe( 30 );
			for ( const id of ids ) {
				expect(
					( await store.findTurn( SITE, VISITOR, id ) )?.question
				).toBe( `Question ${ id }?` );
			}
		} );
	} );
}

/**
 * Puts the Redis store through the contract of answers, and looks at what stays behind in Redis, and what happens without it.
 */
import { afterEach, describe, expect, it } from 'vitest';
import type { RedisConnection } from '../../../proxy/src/stores/redis/connection.ts';
import { createRedisAnswerStore } from '../../../proxy/src/stores/redis/redis-answer-store.ts';
import { createRedisUnansweredStore } from '../../../proxy/src/stores/redis/redis-unanswered-store.ts';
import { redisOfThisFile, roomsOver } from '../knowledge/open-redis.ts';
import { document } from '../knowledge/outdoor-shop.ts';
import type { Rooms } from '../knowledge/rooms.ts';
import { describeAnswers } from './answers-contract.ts';

const SITE = 'shop';
const KEY = {
	siteId: SITE,
	language: 'en',
	scopeKey: 'site',
	assistantVersion: '1',
};

const redis = redisOfThisFile();

describeAnswers( 'Redis', async ( options ) =>
	roomsOver( await redis.connect(), options )
);

const remember = async (
	{ answers, knowledge }: Rooms,
	question: string,
	rest: Partial< typeof KEY > & { ttlSeconds?: number } = {}
) =>
	answers.remember( {
		...KEY,
		question,
		text: 'Amber.',
		sources: [],
		restsOn: [ { documentId: 'lamp', hash: LAMP.hash } ],
		knowledgeVersion: await knowledge.version( SITE ),
		costNanoUsd: 100,
		ttlSeconds: 60,
		...rest,
	} );

const LAMP = document( 'lamp', 'Lamp', 'The colour is amber.' );

const answerKeys = async ( connection: RedisConnection ) =>
	( await connection.command< string[] >( [ 'KEYS', '*:answers*' ] ) ).filter(
		( key ) => key !== `docent:{${ SITE }}:answers:count`
	);

describe( 'what Redis holds of answers', () => {
	it( 'is nothing once all have fallen, expired, been replaced and been deleted', async () => {
		const connection = await redis.connect();
		const rooms = roomsOver( connection, { maxAnswersPerSite: 5 } );
		await rooms.knowledge.putDocuments( SITE, [ LAMP ] );
		for ( const at of [ 1, 2, 3, 4, 5, 6, 7 ] ) {
			// One after the other, so that it is plain which ones are unused the longest.
			rooms.clock.set( rooms.clock() + 1 );
			expect( await remember( rooms, `question ${ at }` ) ).toBe( true );
		}
		await rooms.answers.find( { ...KEY, question: 'question 7' } );
		await rooms.answers.flush();
		await rooms.answers.pin( {
			siteId: SITE,
			question: 'question 6',
			text: 'Mine.',
			id: 'pin',
		} );
		await rooms.answers.forbid( {
			siteId: SITE,
			question: 'question 6',
			language: 'de',
			id: 'no',
		} );
		expect( await rooms.answers.list( SITE ) ).toHaveLength( 6 );
		await rooms.answers.delete( SITE, 'pin' );
		await rooms.answers.delete( SITE, 'no' );
		expect( await remember( rooms, 'short', { ttlSeconds: 1 } ) ).toBe(
			true
		);
		rooms.clock.set( rooms.clock() + 2_000 );
		expect( await rooms.answers.deleteExpired() ).toBe( 1 );
		await rooms.knowledge.removeDocument( SITE, 'lamp' );
		expect( await answerKeys( connection ) ).toEqual( [] );
		await rooms.close();
	} );

	it( 'keeps the entries of other languages when one is replaced', async () => {
		const rooms = roomsOver( await redis.connect() );
		await rooms.knowledge.putDocuments( SITE, [ LAMP ] );
		const find = async ( language: string ) => {
			const found = await rooms.answers.find( {
				...KEY,
				language,
				question: 'Which colour?',
			} );
			return found.kind === 'hit' ? found.answer.text : found.kind;
		};
		await remember( rooms, 'Which colour?' );
		await remember( rooms, 'Which colour?', { language: 'fr' } );
		const pin = ( text: string, language?: string ) =>
			rooms.answers.pin( {
				siteId: SITE,
				question: 'Which colour?',
				text,
				language,
			} );
		await pin( 'Eins.', 'de' );
		await pin( 'Zwei.', 'de' );
		expect( await find( 'de' ) ).toBe( 'Zwei.' );
		expect( await find( 'en' ) ).toBe( 'Amber.' );
		expect( await find( 'fr' ) ).toBe( 'Amber.' );
		await pin( 'All.' );
		expect( await find( 'fr' ) ).toBe( 'All.' );
		expect( await find( 'de' ) ).toBe( 'Zwei.' );
		expect( await rooms.answers.list( SITE ) ).toHaveLength( 2 );
		await rooms.close();
	} );

	it( 'adds up the hits of two proxies, and none for an answer that has gone', async () => {
		const one = await redis.connect();
		const two = await redis.connectAgain();
		const rooms = roomsOver( one );
		await rooms.knowledge.putDocuments( SITE, [ LAMP ] );
		await remember( rooms, 'Which colour?' );
		const [ listed ] = await rooms.answers.list( SITE );
		const hit = { siteId: SITE, id: listed?.id ?? '', hits: 3 };
		const stores = [ one, two ].map( createRedisAnswerStore );
		await Promise.all(
			stores.map( ( store, at ) =>
				store.countHits( [
					{ ...hit, lastUsedAt: 5_000_000_000_000 - at },
					{ siteId: 'other', id: 'gone', hits: 1, lastUsedAt: 1 },
				] )
			)
		);
		expect( await rooms.answers.list( SITE ) ).toMatchObject( [
			{ hits: 6, savedNanoUsd: 600, lastUsedAt: 5_000_000_000_000 },
		] );
		await rooms.answers.delete( SITE, hit.id );
		await stores[ 0 ]?.countHits( [ { ...hit, lastUsedAt: 9 } ] );
		expect( await answerKeys( one ) ).toEqual( [] );
		await two.close();
		await rooms.close();
	} );

	it( 'bounds what is missing, with the questions asked at once by two proxies counted once each', async () => {
		const connections = [
			await redis.connect(),
			await redis.connectAgain(),
		];
		const stores = connections.map( createRedisUnansweredStore );
		await Promise.all(
			stores.flatMap( ( store ) =>
				Array.from( { length: 40 }, ( _, at ) =>
					store.log(
						SITE,
						{
							question: `Kayak ${ at % 10 }?`,
							normalised: `kayak ${ at % 10 }`,
							language: 'en',
							at: 1_000 + ( at % 10 ),
						},
						6
					)
				)
			)
		);
		const listed = ( await stores[ 0 ]?.list( SITE, 99 ) ) ?? [];
		expect( listed ).toHaveLength( 6 );
		expect(
			listed.find( ( { normalised } ) => normalised === 'kayak 9' )
		).toMatchObject( {
			question: 'Kayak 9?',
			count: 8,
		} );
		await Promise.all( connections.map( ( one ) => one.close() ) );
	} );
} );

describe( 'answers while Redis is away', () => {
	afterEach( () => redis.server.resume() );

	it( 'are missed in time rather than waited for, and no hit is counted twice', async () => {
		const connection = await redis.connect();
		const rooms = roomsOver( connection );
		await rooms.knowledge.putDocuments( SITE, [ LAMP ] );
		await remember( rooms, 'Which colour?' );
		const find = () =>
			rooms.answers.find( { ...KEY, question: 'Which colour?' } );
		expect( ( await find() ).kind ).toBe( 'hit' );
		redis.server.pause();
		const begin = performance.now();
		expect( ( await find() ).kind ).toBe( 'miss' );
		expect( performance.now() - begin ).toBeLessThan( 2_500 );
		await rooms.answers.flush();
		redis.server.resume();
		await expect
			.poll( async () => ( await find() ).kind, { timeout: 10_000 } )
			.toBe( 'hit' );
		const [ listed ] = await rooms.answers.list( SITE );
		expect( listed?.hits ).toBeLessThanOrEqual( 2 );
		await rooms.close();
	} );
} );

/**
 * Puts the Redis store of conversations through its contract, and looks at what stays behind in Redis and for how long.
 */
import { describe, expect, it } from 'vitest';
import type { RedisConnection } from '../../../proxy/src/stores/redis/connection.ts';
import { createRedisConversationStore } from '../../../proxy/src/stores/redis/redis-conversation-store.ts';
import { redisOfThisFile } from '../knowledge/open-redis.ts';
import {
	describeConversationStore,
	finishedTurn,
} from './conversation-store-contract.ts';

const SITE = 'shop';
const HOUR_MS = 3_600_000;

const redis = redisOfThisFile();

describeConversationStore( 'Redis', async () => {
	const connection = await redis.connect();
	return {
		store: createRedisConversationStore( connection ),
		close: () => connection.close(),
	};
} );

describe( 'what Redis holds of conversations', () => {
	const keysOf = ( connection: RedisConnection ) =>
		connection.command< string[] >( [ 'KEYS', '*' ] );
	const open = async () => {
		const connection = await redis.connect();
		const store = createRedisConversationStore( connection );
		const add = (
			id: string,
			conversationId: string,
			keepMs: number,
			askedAt = 1_000
		) =>
			store.addTurn(
				{
					id: conversationId,
					siteId: SITE,
					visitorId: 'v',
					user: 'ana',
				},
				finishedTurn( id, { conversationId, askedAt } ),
				keepMs
			);
		return { connection, store, add };
	};

	it( 'expires by itself soon after the time it is kept for, every key of it', async () => {
		const { connection, add } = await open();
		await add( 'a', 'c1', HOUR_MS );
		for ( const key of await keysOf( connection ) ) {
			const ttl = await connection.command< number >( [ 'PTTL', key ] );
			expect( ttl ).toBeGreaterThan( HOUR_MS );
			expect( ttl ).toBeLessThanOrEqual( HOUR_MS + 600_000 );
		}
		await connection.close();
	} );

	it( 'keeps the first turns of a conversation as long as its last one', async () => {
		const { connection, add } = await open();
		await add( 'a', 'c1', 1 );
		await add( 'b', 'c1', 9 * HOUR_MS );
		for ( const key of await keysOf( connection ) ) {
			expect(
				await connection.command< number >( [ 'PTTL', key ] )
			).toBeGreaterThan( 8 * HOUR_MS );
		}
		await connection.close();
	} );

	it( 'is nothing once everything is forgotten or erased', async () => {
		const { connection, store, add } = await open();
		await add( 'a', 'c1', HOUR_MS );
		await add( 'b', 'c2', HOUR_MS );
		await add( 'c', 'c3', HOUR_MS );
		await store.forget( SITE, 'v', 'c1' );
		await store.forgetOlderThan( SITE, 0 );
		await store.erasePerson( SITE, 'ana' );
		// The ways in which answers came about are no one's.
		expect( await keysOf( connection ) ).toEqual( [
			'docent:{shop}:asked',
		] );
		await connection.close();
	} );

	it( 'loses what is left of a conversation that expired by itself when the site is tidied', async () => {
		const { connection, store, add } = await open();
		await add( 'a', 'c1', HOUR_MS );
		await add( 'b', 'c2', HOUR_MS, 5_000 );
		// As if nobody had tidied for so long that the conversation expired.
		await connection.command( [
			'DEL',
			'docent:{shop}:conversation:c1',
			'docent:{shop}:turn:a',
		] );
		expect( await store.exportPerson( SITE, 'ana' ) ).toHaveLength( 1 );
		expect( await store.forgetOlderThan( SITE, 2_000 ) ).toBe( 0 );
		expect( await store.countAnswers( SITE, 0 ) ).toMatchObject( [
			{ count: 1 },
		] );
		await add( 'c', 'c3', HOUR_MS, 5_000 );
		expect(
			(
				await connection.command< string[] >( [
					'SMEMBERS',
					'docent:{shop}:conversations-of:ana',
				] )
			).sort()
		).toEqual( [ 'c2', 'c3' ] );
		await connection.close();
	} );

	it( 'takes the nine thousandth turn of a conversation like its first', async () => {
		const { connection, store, add } = await open();
		await add( 'a', 'c1', HOUR_MS );
		await connection.command( [
			'HSET',
			'docent:{shop}:conversation:c1',
			'count',
			'9000',
			...Array.from( { length: 9_000 }, ( _, at ) => [
				`t:${ at + 1 }`,
				`t${ at + 1 } miss stop`,
			] ).flat(),
		] );
		await add( 'b', 'c1', HOUR_MS );
		expect( await store.history( SITE, 'v', 'c1', 1 ) ).toEqual( [
			{ question: 'Question b?', answer: 'Answer b.' },
		] );
		expect( await store.forget( SITE, 'v', 'c1' ) ).toBe( true );
		await connection.close();
	} );

	it( 'takes a turn that is sent twice once', async () => {
		const { connection, store, add } = await open();
		await add( 'a', 'c1', HOUR_MS );
		await add( 'a', 'c1', HOUR_MS );
		expect( await store.history( SITE, 'v', 'c1', 9 ) ).toHaveLength( 1 );
		await connection.close();
	} );
} );

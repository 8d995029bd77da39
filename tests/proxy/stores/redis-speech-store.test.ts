/**
 * Puts the Redis store of speech through its contract, and looks at what stays behind in Redis.
 */
import { describe, expect, it } from 'vitest';
import { createRedisSpeechStore } from '../../../proxy/src/stores/redis/redis-speech-store.ts';
import { isStoreAway } from '../../../proxy/src/stores/store-away.ts';
import { redisOfThisFile } from '../knowledge/open-redis.ts';
import {
	describeSpeechStore,
	idOf,
	soundOf,
	speechOf,
} from './speech-store-contract.ts';

const redis = redisOfThisFile();

describeSpeechStore( 'Redis', async () => {
	const connection = await redis.connect();
	return {
		store: createRedisSpeechStore( connection ),
		close: () => connection.close(),
	};
} );

describe( 'what Redis holds of speech', () => {
	it( 'is no sound once it is driven out', async () => {
		const connection = await redis.connect();
		const store = createRedisSpeechStore( connection );
		await store.add( speechOf( 'a' ), soundOf( 1_000 ), 1_000 );
		await store.add( speechOf( 'b' ), soundOf( 1_000 ), 1_000 );
		const keys = await connection.command< string[] >( [
			'KEYS',
			'docent:{shop}:speech:*',
		] );
		expect( keys.sort() ).toEqual( [
			`docent:{shop}:speech:${ idOf( 'b' ) }`,
			'docent:{shop}:speech:used',
		] );
		const ttl = await connection.command< number >( [
			'TTL',
			`docent:speech-of:${ idOf( 'a' ) }`,
		] );
		expect( ttl ).toBeGreaterThan( 90 * 86_400 );
		await connection.close();
	} );

	it( 'is found by another proxy at once', async () => {
		const [ one, other ] = [
			await redis.connect(),
			await redis.connectAgain(),
		];
		await createRedisSpeechStore( one ).add(
			speechOf( 'a' ),
			soundOf( 1_000 ),
			10_000
		);
		expect(
			await createRedisSpeechStore( other ).find( 'shop', idOf( 'a' ), 1 )
		).toEqual( speechOf( 'a' ) );
		await Promise.all( [ one.close(), other.close() ] );
	} );

	it( 'holds some megabytes of one sound', async () => {
		const connection = await redis.connect();
		const store = createRedisSpeechStore( connection );
		const bytes = 8_000_000;
		await store.add(
			speechOf( 'a', { bytes } ),
			soundOf( bytes ),
			store.maxBytesPerSite
		);
		expect(
			( await store.read( speechOf( 'a', { bytes } ), 0, bytes - 1 ) )
				?.length
		).toBe( bytes );
		await connection.close();
	} );

	it( 'away says so', async () => {
		const connection = await redis.connect();
		const store = createRedisSpeechStore( connection );
		await connection.close();
		const error = await store
			.find( 'shop', idOf( 'a' ), 1 )
			.catch( ( caught: unknown ) => caught );
		expect( isStoreAway( error ) ).toBe( true );
	} );
} );

/**
 * Puts the Redis store through the contract of knowledge, and through what happens to a server: full, flushed, away.
 */
import { afterEach, describe, expect, it } from 'vitest';
import { isStoreAway } from '../../../proxy/src/stores/store-away.ts';
import { until } from '../../support/redis/until.ts';
import { describeKnowledge } from './knowledge-contract.ts';
import { redisOfThisFile, roomsOver } from './open-redis.ts';
import { document, SHOP } from './outdoor-shop.ts';

const SITE = 'shop';

const redis = redisOfThisFile();

describeKnowledge( 'Redis', async ( options ) =>
	roomsOver( await redis.connect(), options )
);

describe( 'knowledge in a Redis', () => {
	afterEach( async () => {
		redis.server.resume();
		await redis.server.limitMemory( 0 );
	} );

	it( 'leaves no word, passage or document behind when the last document goes', async () => {
		const connection = await redis.connect();
		const rooms = roomsOver( connection );
		await rooms.knowledge.putDocuments( SITE, SHOP );
		for ( const { id } of SHOP ) {
			await rooms.knowledge.removeDocument( SITE, id );
		}
		expect( await connection.command( [ 'KEYS', '*' ] ) ).toEqual( [
			`docent:{${ SITE }}:knowledge`,
		] );
		await rooms.knowledge.putDocuments( SITE, SHOP );
		const { passages } = await rooms.knowledge.search( SITE, {
			query: 'How heavy is the Serra 3?',
		} );
		expect( passages[ 0 ]?.documentId ).toBe( 'serra-3' );
		await rooms.close();
	} );

	it( 'changes nothing when Redis is full, and goes on when it is not any more', async () => {
		const connection = await redis.connect();
		const rooms = roomsOver( connection );
		await rooms.knowledge.putDocuments( SITE, SHOP.slice( 0, 4 ) );
		await redis.server.limitMemory( 1 );
		await expect(
			rooms.knowledge.putDocuments( SITE, SHOP.slice( 4 ) )
		).rejects.toSatisfy( isStoreAway );
		expect( await rooms.knowledge.version( SITE ) ).toBe( 1 );
		expect( await rooms.knowledge.countDocuments( SITE ) ).toBe( 4 );

		await redis.server.limitMemory( 0 );
		await rooms.knowledge.putDocuments( SITE, SHOP.slice( 4 ) );
		expect( await rooms.knowledge.countDocuments( SITE ) ).toBe(
			SHOP.length
		);
		expect( await connection.command( [ 'KEYS', '*:change:*' ] ) ).toEqual(
			[]
		);
		await rooms.close();
	} );

	it( 'serves nothing from before a flush, even when the version is the same again', async () => {
		const rooms = roomsOver( await redis.connect() );
		const again = await redis.connectAgain();
		const search = async () =>
			(
				await rooms.knowledge.search( SITE, {
					query: 'Which colour is the lamp?',
				} )
			).passages[ 0 ]?.text;
		await rooms.knowledge.putDocuments( SITE, [
			document( 'lamp', 'Lamp', 'The colour is amber.' ),
		] );
		expect( await search() ).toBe( 'The colour is amber.' );
		await again.command( [ 'FLUSHDB' ] );
		await roomsOver( again ).knowledge.putDocuments( SITE, [
			document( 'lamp', 'Lamp', 'The colour is violet.' ),
		] );
		expect( await rooms.knowledge.version( SITE ) ).toBe( 1 );
		expect( await search() ).toBe( 'The colour is violet.' );
		await again.close();
		await rooms.close();
	} );

	it.each( [ 'killed', 'paused' ] )(
		'is searched as it was read last while Redis is %s, and says so of what was not read',
		async ( what ) => {
			const connection = await redis.connect();
			const rooms = roomsOver( connection );
			await rooms.knowledge.putDocuments( SITE, SHOP );
			const search = ( query: string ) =>
				rooms.knowledge.search( SITE, { query } );
			const known = await search( 'How heavy is the Serra 3?' );
			if ( what === 'killed' ) {
				await redis.server.kill();
			} else {
				redis.server.pause();
			}
			expect( await search( 'How heavy is the Serra 3?' ) ).toEqual(
				known
			);
			await expect( search( 'bear spray' ) ).rejects.toMatchObject( {
				code: 'storage_unavailable',
				retryAfterMs: expect.any( Number ),
			} );
			await expect(
				rooms.knowledge.putDocuments( SITE, [
					document( 'a', 'A', 'The kestrel flies.' ),
				] )
			).rejects.toSatisfy( isStoreAway );

			if ( what === 'killed' ) {
				await redis.server.restart();
			} else {
				redis.server.resume();
			}
			await until( connection, 'ready' );
			await rooms.knowledge.putDocuments( SITE, SHOP );
			expect(
				( await search( 'bear spray' ) ).passages[ 0 ]?.documentId
			).toBe( 'delivery' );
			await rooms.close();
		}
	);
} );

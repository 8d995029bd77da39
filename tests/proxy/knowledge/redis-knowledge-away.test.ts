/**
 * Searches a site while Redis is away, in the copy that the proxy made before.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createKnowledge } from '../../../proxy/src/knowledge/knowledge.ts';
import type { RedisConnection } from '../../../proxy/src/stores/redis/connection.ts';
import { createRedisKnowledgeStore } from '../../../proxy/src/stores/redis/redis-knowledge-store.ts';
import { isStoreAway } from '../../../proxy/src/stores/store-away.ts';
import { until } from '../../support/redis/until.ts';
import { redisOfThisFile } from './open-redis.ts';
import { ANSWERABLE, document, SHOP, UNANSWERABLE } from './outdoor-shop.ts';

const SITE = 'shop';
const LAMP = document( 'lamp', 'Lamp', 'The colour is amber.' );

const redis = redisOfThisFile();

describe( 'a site that was copied', () => {
	let connection: RedisConnection;
	let copied: string[];
	let tellCopied: () => void;
	let knowledge: ReturnType< typeof createKnowledge >;

	beforeEach( async () => {
		connection = await redis.connect();
		copied = [];
		tellCopied = () => undefined;
		knowledge = createKnowledge( {
			store: createRedisKnowledgeStore( connection, {
				copyAfterMs: 0,
				onCopied( siteId ) {
					copied.push( siteId );
					tellCopied();
				},
			} ),
			clock: Date.now,
		} );
	} );
	afterEach( async () => {
		redis.server.resume();
		await connection.close();
	} );

	const search = ( query: string, rest: object = {} ) =>
		knowledge.search( SITE, { query, language: 'en', ...rest } );

	/** Looks at the site once, so that it is copied, and waits for that. */
	const copy = async () => {
		const isCopied = new Promise< void >( ( resolve ) => {
			tellCopied = resolve;
		} );
		await knowledge.version( SITE );
		await isCopied;
	};

	it( 'answers every question as before, none of which it was asked before', async () => {
		await knowledge.putDocuments( SITE, SHOP );
		await copy();
		const questions = [
			...ANSWERABLE.map( ( [ question ] ) => question ),
			...UNANSWERABLE,
		];
		const fresh = createKnowledge( {
			store: createRedisKnowledgeStore( await redis.connectAgain() ),
			clock: Date.now,
		} );
		const wanted = [];
		for ( const query of questions ) {
			wanted.push(
				await fresh.search( SITE, { query, language: 'en' } )
			);
		}
		const page = { scope: { url: 'https://shop.example/serra-3/' } };
		const pageWanted = await fresh.search( SITE, {
			query: 'How much is it?',
			language: 'en',
			...page,
		} );
		redis.server.pause();
		for ( const [ at, query ] of questions.entries() ) {
			expect( await search( query ) ).toEqual( wanted[ at ] );
		}
		expect( await search( 'How much is it?', page ) ).toEqual( pageWanted );
		await expect(
			knowledge.putDocuments( SITE, [ LAMP ] )
		).rejects.toSatisfy( isStoreAway );
	} );

	it( 'is not quoted any more once the proxy has seen another version', async () => {
		await knowledge.putDocuments( SITE, [ LAMP ] );
		await copy();
		await knowledge.removeDocument( SITE, 'lamp' );
		await knowledge.version( SITE );
		redis.server.pause();
		await expect( search( 'Which colour is the lamp?' ) ).rejects.toSatisfy(
			isStoreAway
		);
	} );

	it( 'is copied anew after a change, and read from Redis again once that is back', async () => {
		await knowledge.putDocuments( SITE, [ LAMP ] );
		await copy();
		await knowledge.putDocuments( SITE, [
			document( 'lamp', 'Lamp', 'The colour is violet.' ),
		] );
		await copy();
		expect( copied ).toEqual( [ SITE, SITE ] );
		redis.server.pause();
		const colour = async () =>
			( await search( 'Which colour is the lamp?' ) ).passages[ 0 ]?.text;
		expect( await colour() ).toBe( 'The colour is violet.' );
		redis.server.resume();
		await until( connection, 'ready' );
		await knowledge.putDocuments( SITE, [
			document( 'lamp', 'Lamp', 'The colour is olive.' ),
		] );
		expect( await colour() ).toBe( 'The colour is olive.' );
	} );

	it( 'is not copied while it is unknown or empty', async () => {
		expect( await knowledge.version( SITE ) ).toBe( 0 );
		await knowledge.putDocuments( SITE, [ LAMP ] );
		await copy();
		expect( copied ).toEqual( [ SITE ] );
		redis.server.pause();
		await expect(
			knowledge.search( 'other', { query: 'lamp' } )
		).rejects.toSatisfy( isStoreAway );
	} );
} );

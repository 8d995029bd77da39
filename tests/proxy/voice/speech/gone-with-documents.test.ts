/**
 * Takes documents away under what was spoken of them, over HTTP, with both kinds of stores.
 */
import { mkdtemp, readdir, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { page } from '../../../support/proxy/shop.ts';
import { allEvents } from '../../../support/proxy/sse.ts';
import {
	startProxy,
	type TestProxy,
} from '../../../support/proxy/start-proxy.ts';
import { startRedis, type RedisServer } from '../../../support/redis/index.ts';
import {
	startSimulatedProvider,
	type SimulatedProvider,
} from '../../../support/simulated-provider/index.ts';
import {
	demandSegment,
	limitsOf,
	openShop,
	say,
	writeRoles,
} from '../../money/spoken.ts';

const TENT = page(
	21,
	'Looking after a tent',
	'A tent lasts for many years.\n\n## Drying\nAlways dry it before you pack it away.'
);
const RETURNS = page(
	12,
	'Returns',
	'## How long\nYou can return unused gear within 90 days of delivery.'
);

let folder: string;
let redis: RedisServer | undefined;
let provider: SimulatedProvider;
let proxy: TestProxy;

const put = ( ...documents: object[] ) =>
	proxy.site( 'PUT', '/v1/site/documents', { documents } );
const remove = ( id: string ) =>
	proxy.site( 'DELETE', `/v1/site/documents/${ id }` );
const spoken = async ( id: string, index = 0 ): Promise< string > =>
	( await ( await demandSegment( proxy, id, index ) ).json() ).url;
const statusOf = async ( url: string ): Promise< number > =>
	( await fetch( proxy.url + url ) ).status;

describe.each( [ 'SQLite', 'Redis' ] )( 'speech in %s', ( kind ) => {
	beforeEach( async () => {
		folder = await mkdtemp( join( tmpdir(), 'docent-gone-' ) );
		redis = kind === 'Redis' ? await startRedis() : undefined;
		provider = await startSimulatedProvider( { hasRealSpeech: false } );
		proxy = await startProxy( {
			providerUrl: provider.baseUrl,
			env: {
				DOCENT_MODELS_FILE: writeRoles( folder, {
					speech: 'gpt-4o-mini-tts',
				} ),
				...( redis ? { REDIS_URL: redis.url } : {} ),
			},
		} );
		await openShop( proxy, {
			...limitsOf( 1e12 ),
			cache: { enabled: true },
		} );
		await put( TENT );
	} );

	afterEach( async () => {
		await proxy.close();
		await provider.close();
		await redis?.stop();
		await rm( folder, { recursive: true, force: true } );
	} );

	it( 'of an article that went, or is private now, is not served any more; that of others is', async () => {
		const gone = await spoken( 'post-21' );
		const other = await spoken( 'post-12' );
		expect( await statusOf( gone ) ).toBe( 200 );
		await remove( 'post-21' );
		expect( await statusOf( gone ) ).toBe( 404 );
		expect( await statusOf( other ) ).toBe( 200 );
		// It can be made again, once the article is there again.
		await put( TENT );
		expect( await spoken( 'post-21' ) ).toBe( gone );
		expect( await statusOf( gone ) ).toBe( 200 );
	} );

	it( 'of what stayed in an article that was edited is not paid again', async () => {
		const before = await spoken( 'post-21', 1 );
		const billed = provider.bill.totalNanoUsd;
		await put(
			page(
				21,
				'Looking after a tent',
				'A tent lasts for ten years.\n\n## Drying\nAlways dry it before you pack it away.'
			)
		);
		expect( await spoken( 'post-21', 1 ) ).toBe( before );
		expect( provider.bill.totalNanoUsd ).toBe( billed );
	} );

	it.each( [
		[ 'changed', () => put( RETURNS ) ],
		[ 'went', () => remove( 'post-12' ) ],
	] )(
		'of an answer whose page %s is not served any more',
		async ( _, change ) => {
			provider.setDefault( {
				for: 'transcription',
				text: 'How long can I return unused gear?',
			} );
			const events = await allEvents( await say( proxy ) );
			const { url } = events
				.map( ( { data } ) => data )
				.find( ( data ) => data?.url?.startsWith( '/v1/speech/' ) );
			expect( await statusOf( url ) ).toBe( 200 );
			await change();
			expect( await statusOf( url ) ).toBe( 404 );
		}
	);

	it( 'is not kept when its article goes while it is being made', async () => {
		provider.setDefault( { for: 'speech', firstChunkDelayMs: 300 } );
		const making = demandSegment( proxy, 'post-21', 0 );
		await expect
			.poll( () =>
				provider.journal.entries.some( ( { path } ) =>
					path.endsWith( '/audio/speech' )
				)
			)
			.toBe( true );
		await remove( 'post-21' );
		const reply = await making;
		const { url } = await reply.json();
		expect( url === undefined ? 404 : await statusOf( url ) ).toBe( 404 );
	} );

	if ( kind === 'SQLite' ) {
		it( 'leaves no file behind for long', async () => {
			await spoken( 'post-21' );
			await remove( 'post-21' );
			const files = join( proxy.dataDir, 'speech' );
			for ( const name of await readdir( files ) ) {
				await utimes( join( files, name ), 0, 0 );
			}
			await proxy.services.tidy();
			expect( await readdir( files ) ).toEqual( [] );
		} );
	}
} );

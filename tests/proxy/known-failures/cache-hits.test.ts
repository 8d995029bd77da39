/**
 * A cache that is right and never hits is none: the same question finds its answer, typed otherwise, after a restart, at another proxy (T24).
 */
import { afterEach, describe, expect, it } from 'vitest';
import { SHOP } from '../../support/proxy/shop.ts';
import { untilItWorks } from '../../support/redis/until.ts';
import { askAnew, repeatQuestion } from './own-words.ts';
import { setStage, type Stage, type StoreName } from './stage.ts';

const STORES = [ 'SQLite', 'Redis' ] as const;
const QUESTIONS = [
	'How much is shipping?',
	'How long can I return unused gear?',
	'What does the Ridgeline 2 tent weigh?',
];

let stage: Stage;
afterEach( () => stage.close() );

const start = async ( store: StoreName ): Promise< void > => {
	stage = await setStage( { store, behaviour: repeatQuestion } );
};

/** Asks everything once more and returns what the cache said. */
const cacheOfAll = async ( proxy = stage.proxy ) =>
	Promise.all(
		QUESTIONS.map(
			async ( question ) => ( await askAnew( proxy, question ) ).cache
		)
	);
const HITS = QUESTIONS.map( () => 'exact' );
const MISSES = QUESTIONS.map( () => 'miss' );

describe.each( STORES )( 'T24: answers kept in %s', ( store ) => {
	it( 'answer nine of ten askings when everything is asked ten times, however it is typed', async () => {
		await start( store );
		const typed = [
			( text: string ) => text,
			( text: string ) => text.toLowerCase(),
			( text: string ) => text.toUpperCase(),
			( text: string ) => `  ${ text.replaceAll( ' ', '  ' ) } `,
			( text: string ) => text.replace( '?', ' ?!' ),
		];
		for ( let round = 0; round < 10; round++ ) {
			const type = typed[ round % typed.length ] ?? String;
			for ( const question of QUESTIONS ) {
				const { cache } = await askAnew(
					stage.proxy,
					type( question )
				);
				expect( cache ).toBe( round === 0 ? 'miss' : 'exact' );
			}
		}
		expect( stage.provider.bill.entries ).toHaveLength( QUESTIONS.length );
		const { rows } = await (
			await stage.proxy.site( 'GET', '/v1/site/usage?by=cache' )
		).json();
		expect( rows ).toContainEqual(
			expect.objectContaining( {
				cache: 'exact',
				questions: QUESTIONS.length * 9,
				costNanoUsd: 0,
				savedNanoUsd: 9 * stage.provider.bill.totalNanoUsd,
			} )
		);
	} );

	it( 'are found after a restart and by a proxy that came later', async () => {
		await start( store );
		expect( await cacheOfAll() ).toEqual( MISSES );
		const restarted = await stage.restart();
		expect( await cacheOfAll( restarted ) ).toEqual( HITS );
		expect( await cacheOfAll( await stage.join() ) ).toEqual( HITS );
		expect( stage.provider.bill.entries ).toHaveLength( QUESTIONS.length );
	} );

	it( 'are found when settings are saved again as they were, in another order, and when those change that say nothing about answers', async () => {
		await start( store );
		const save = ( settings: object ) =>
			stage.proxy.site( 'PUT', '/v1/site/settings', settings );
		await save( { assistant: { name: 'Ada', instructions: 'Be kind.' } } );
		expect( await cacheOfAll() ).toEqual( MISSES );
		await save( { assistant: { instructions: 'Be kind.', name: 'Ada' } } );
		await save( {
			limits: { siteDayNanoUsd: 5_000_000_000 },
			retention: { conversationHours: 48 },
		} );
		expect( await cacheOfAll() ).toEqual( HITS );
		await save( { assistant: { instructions: 'Be short.' } } );
		await save( { assistant: { instructions: 'Be kind.' } } );
		expect( await cacheOfAll() ).toEqual( HITS );
	} );
} );

describe( 'T24: after a Redis was flushed', () => {
	it( 'and the site sent its pages again, the same questions are answered again and found again', async () => {
		await start( 'Redis' );
		expect( await cacheOfAll() ).toEqual( MISSES );
		await stage.redis?.flush();
		await untilItWorks( async () => {
			const { status } = await stage.proxy.site(
				'PUT',
				'/v1/site/documents',
				{ documents: SHOP }
			);
			expect( status ).toBe( 200 );
		} );
		await expect
			.poll( () => cacheOfAll(), { timeout: 8_000, interval: 200 } )
			.toEqual( HITS );
	} );
} );

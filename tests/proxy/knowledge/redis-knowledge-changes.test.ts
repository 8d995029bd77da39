/**
 * Changes documents in Redis from several proxies, and ends proxies in the middle of it: a change counts as a whole or not at all.
 */
import { describe, expect, it } from 'vitest';
import type { RedisConnection } from '../../../proxy/src/stores/redis/connection.ts';
import { createRedisAnswerStore } from '../../../proxy/src/stores/redis/redis-answer-store.ts';
import { createRedisKnowledgeStore } from '../../../proxy/src/stores/redis/redis-knowledge-store.ts';
import { isStoreAway } from '../../../proxy/src/stores/store-away.ts';
import type { SiteDocument } from '../../../proxy/src/types.ts';
import { untilItWorks } from '../../support/redis/until.ts';
import { cutConnection, type Cut } from './cut-connection.ts';
import { redisOfThisFile, roomsOver } from './open-redis.ts';
import { seeded } from './knowledge-contract.ts';
import { document, SHOP } from './outdoor-shop.ts';

const SITE = 'shop';

const redis = redisOfThisFile();

/** Writes a number in letters, as a word that no other word begins with. */
const inLetters = ( number: number ): string =>
	[ ...number.toString( 20 ) ]
		.map( ( digit ) => 'bcdfghjklmnpqrstvwxz'[ parseInt( digit, 20 ) ] )
		.join( '' );

/** Makes a document that names its colour once, and holds many words that only documents of that colour have. */
function coloured( id: string, colour: string, words = 300 ): SiteDocument {
	const text = Array.from(
		{ length: words },
		( _, at ) => `${ colour[ 0 ] }${ inLetters( at ) }o`
	).join( ' ' );
	return document( id, `Lamp ${ id }`, `It is ${ colour }. ${ text }.` );
}

/** Reads how many passages hold each word. */
async function countsOf(
	connection: RedisConnection,
	words: readonly string[]
): Promise< number[] > {
	const { value } = await createRedisKnowledgeStore( connection ).postings(
		SITE,
		words
	);
	return value.map( ( blocks ) =>
		blocks.reduce( ( sum, { pairs } ) => sum + pairs.length / 2, 0 )
	);
}

/** Reads everything that Redis holds, without what is different every time. */
async function everything( connection: RedisConnection ) {
	const keys = await connection.command< string[] >( [ 'KEYS', '*' ] );
	const read = async ( key: string ): Promise< unknown > => {
		const type = await connection.command< string >( [ 'TYPE', key ] );
		if ( type === 'hash' ) {
			const fields = await connection.command< object >(
				[ 'HGETALL', key ],
				{ asBuffers: true }
			);
			return Object.entries( fields )
				.filter( ( [ name ] ) => name !== 'epoch' )
				.map(
					( [ name, value ] ) =>
						`${ name }=${ value.toString( 'hex' ) }`
				)
				.sort();
		}
		return connection.command( [ 'DUMP', key ], { asBuffers: true } );
	};
	return Object.fromEntries(
		await Promise.all(
			keys.sort().map( async ( key ) => [ key, await read( key ) ] )
		)
	);
}

describe( 'two proxies on one Redis', () => {
	it( 'see the same documents and answers, and lose the same answers', async () => {
		const one = roomsOver( await redis.connect() );
		const two = roomsOver( await redis.connectAgain() );
		const ask = () =>
			two.knowledge.search( SITE, {
				query: 'Which colour is the lamp?',
			} );
		await one.knowledge.putDocuments( SITE, [
			document( 'lamp', 'Lamp', 'The colour is amber.' ),
		] );
		const found = await ask();
		expect( found.passages[ 0 ]?.text ).toBe( 'The colour is amber.' );
		const key = {
			siteId: SITE,
			language: 'en',
			scopeKey: 'site',
			assistantVersion: '1',
			question: 'Which colour is the lamp?',
		};
		const answer = {
			...key,
			text: 'Amber.',
			sources: [],
			restsOn: found.passages.map( ( { documentId, documentHash } ) => ( {
				documentId,
				hash: documentHash,
			} ) ),
			knowledgeVersion: found.knowledgeVersion,
			costNanoUsd: 5,
			ttlSeconds: 60,
		};
		expect( await two.answers.remember( answer ) ).toBe( true );
		expect( ( await one.answers.find( key ) ).kind ).toBe( 'hit' );

		await one.knowledge.putDocuments( SITE, [
			document( 'lamp', 'Lamp', 'The colour is violet.' ),
		] );
		expect( ( await two.answers.find( key ) ).kind ).toBe( 'miss' );
		expect( ( await ask() ).passages[ 0 ]?.text ).toBe(
			'The colour is violet.'
		);
		expect( await two.answers.remember( answer ) ).toBe( false );
		await one.close();
		await two.close();
	} );

	it( 'lose no document when both put many at once', async () => {
		const connections = [
			await redis.connect(),
			await redis.connectAgain(),
		];
		const rooms = connections.map( ( connection ) =>
			roomsOver( connection )
		);
		const ids = ( side: number ) =>
			Array.from( { length: 12 }, ( _, at ) => `s${ side }d${ at }` );
		await Promise.all(
			rooms.flatMap( ( { knowledge }, side ) =>
				ids( side ).map( ( id ) =>
					knowledge.putDocuments( SITE, [
						coloured( id, 'amber', 20 ),
					] )
				)
			)
		);
		for ( const { knowledge } of rooms ) {
			expect( await knowledge.countDocuments( SITE ) ).toBe( 24 );
			expect( await knowledge.version( SITE ) ).toBe( 24 );
		}
		const [ connection ] = connections as [ RedisConnection ];
		expect( await countsOf( connection, [ 'amber', 'abo' ] ) ).toEqual( [
			24, 24,
		] );
		await Promise.all( rooms.map( ( room ) => room.close() ) );
	} );

	it( 'leave the site, after random changes by both at once, as if it had only seen the end', async () => {
		const shared = await redis.connect();
		const rooms = [
			roomsOver( shared ),
			roomsOver( await redis.connectAgain() ),
		];
		const random = seeded( 3 );
		const pick = ( below: number ) => Math.floor( random() * below );
		const last = new Map< string, SiteDocument >();
		const colours = [ 'amber', 'violet', 'indigo' ];
		await Promise.all(
			rooms.map( async ( { knowledge }, side ) => {
				for ( let step = 0; step < 25; step++ ) {
					// Each has documents of its own, so that the end does not depend on who was faster.
					const id = `s${ side }d${ pick( 5 ) }`;
					if ( random() < 0.3 ) {
						last.delete( id );
						await knowledge.removeDocument( SITE, id );
					} else {
						const made = coloured(
							id,
							colours[ pick( 3 ) ] ?? '',
							20 + pick( 200 )
						);
						last.set( id, made );
						await knowledge.putDocuments( SITE, [ made ] );
					}
				}
			} )
		);
		const fresh = await redis.connect();
		await roomsOver( fresh ).knowledge.putDocuments( SITE, [
			...last.values(),
		] );
		const words = [
			...colours,
			...colours.map( ( [ first ] ) => `${ first }bo` ),
			'lamp',
			'abdo',
		];
		expect( await countsOf( shared, words ) ).toEqual(
			await countsOf( fresh, words )
		);
		const site = async ( connection: RedisConnection ) => {
			const {
				version: _,
				epoch: __,
				...rest
			} = await createRedisKnowledgeStore( connection ).site( SITE );
			return rest;
		};
		expect( await site( shared ) ).toEqual( await site( fresh ) );
		await fresh.close();
		await Promise.all( rooms.map( ( room ) => room.close() ) );
	} );

	it( 'hold up no large change by small ones for ever: it is overtaken once and then goes first', async () => {
		const shared = await redis.connect();
		let smallAttempts = 0;
		const small = roomsOver(
			cutConnection( await redis.connectAgain(), {
				before: async ( what ) => {
					if ( what.includes( 'Makes a change count' ) ) {
						smallAttempts++;
					}
				},
			} )
		);
		const overtaking: Array< Promise< unknown > > = [];
		let attempts = 0;
		const large = roomsOver(
			cutConnection( shared, {
				before: async ( what ) => {
					if ( what.includes( 'Makes a change count' ) ) {
						attempts++;
						const put = small.knowledge.putDocuments( SITE, [
							coloured( `s${ attempts }`, 'indigo', 5 ),
						] );
						overtaking.push( put );
						// The first overtakes; the second tries to, and then waits for the large change.
						await ( attempts === 1
							? put
							: untilItWorks( async () =>
									expect( smallAttempts ).toBe( 2 )
								) );
					}
				},
			} )
		);
		await large.knowledge.putDocuments( SITE, [
			coloured( 'l1', 'amber', 800 ),
			coloured( 'l2', 'amber', 800 ),
		] );
		await Promise.all( overtaking );
		expect( attempts ).toBe( 2 );
		expect( smallAttempts ).toBe( 3 );
		expect( await countsOf( shared, [ 'amber', 'indigo' ] ) ).toEqual( [
			2, 2,
		] );
		expect(
			await shared.command( [ 'EXISTS', `docent:{${ SITE }}:changing` ] )
		).toBe( 0 );
		await small.close();
		await shared.close();
	} );

	it( 'never see half of a change that the other one makes', async () => {
		const writer = roomsOver( await redis.connect() );
		const reading = await redis.connectAgain();
		const site = ( colour: string ) =>
			Array.from( { length: 30 }, ( _, at ) =>
				coloured( `d${ at }`, colour )
			);
		await writer.knowledge.putDocuments( SITE, site( 'amber' ) );
		let isDone = false;
		const change = ( async () => {
			for ( const colour of [ 'violet', 'amber', 'violet' ] ) {
				await writer.knowledge.putDocuments( SITE, site( colour ) );
			}
			isDone = true;
		} )();
		const seen = new Set< string >();
		while ( ! isDone ) {
			const counts = await countsOf( reading, [
				'amber',
				'abo',
				'violet',
				'vbo',
			] );
			seen.add( counts.join( ' ' ) );
		}
		await change;
		expect( [ ...seen ].sort() ).toEqual( [ '0 0 30 30', '30 30 0 0' ] );
		await writer.close();
		await reading.close();
	} );
} );

describe( 'a proxy that ends in the middle of a change', () => {
	const before = [ coloured( 'a', 'amber' ), coloured( 'b', 'amber' ) ];
	const after = [
		coloured( 'a', 'violet', 500 ),
		coloured( 'c', 'violet', 500 ),
	];

	const another = SHOP.slice( 0, 1 );

	/** Makes the change over a connection that is cut; tells how many commands it took. */
	const changeWithCut = async (
		connection: RedisConnection,
		at?: number,
		cut?: Cut
	): Promise< number > => {
		const cutOne = cutConnection( connection, {
			...( at === undefined ? {} : { at } ),
			...( cut === undefined ? {} : { cut } ),
		} );
		const rooms = roomsOver( cutOne );
		await rooms.knowledge
			.putDocuments( SITE, after )
			.catch( ( error: unknown ) => {
				expect( isStoreAway( error ) ).toBe( true );
			} );
		return cutOne.commandCount;
	};

	it( 'leaves the site whole and able to change, whichever command was its last', async () => {
		const measuring = await redis.connect();
		await roomsOver( measuring ).knowledge.putDocuments( SITE, before );
		const commands = await changeWithCut( measuring );
		await roomsOver( measuring ).knowledge.putDocuments( SITE, another );
		const wanted = await everything( measuring );
		await measuring.close();
		expect( commands ).toBeGreaterThan( 12 );

		const outcomes = new Set< string >();
		for ( let at = 1; at <= commands; at++ ) {
			for ( const cut of [ 'before', 'after' ] as const ) {
				const connection = await redis.connect();
				const rooms = roomsOver( connection );
				await rooms.knowledge.putDocuments( SITE, before );
				await changeWithCut( connection, at, cut );

				const counts = (
					await countsOf( connection, [ 'amber', 'abo', 'violet' ] )
				).join( ' ' );
				const version = await rooms.knowledge.version( SITE );
				expect( [ '1: 2 2 0', '2: 1 1 2' ] ).toContain(
					`${ version }: ${ counts }`
				);
				outcomes.add( counts );

				await rooms.knowledge.putDocuments( SITE, after );
				await rooms.knowledge.putDocuments( SITE, another );
				// What was staged and never counted goes by itself.
				for ( const key of await connection.command< string[] >( [
					'KEYS',
					'*:change:*',
				] ) ) {
					if (
						( await connection.command< number >( [
							'PTTL',
							key,
						] ) ) > 0
					) {
						await connection.command( [ 'DEL', key ] );
					}
				}
				expect( await everything( connection ) ).toEqual( wanted );
				await connection.close();
			}
		}
		expect( outcomes.size ).toBe( 2 );
	} );

	/** Makes a large change count and dies. */
	const countAndDie = async ( connection: RedisConnection ) => {
		let isCounting = false;
		const dying = cutConnection( connection, {
			// Dies as soon as its change counts.
			before: async ( what ) => {
				if ( isCounting ) {
					throw new Error( 'killed' );
				}
				isCounting = what.includes( 'Makes a change count' );
			},
		} );
		await expect(
			roomsOver( dying ).knowledge.putDocuments( SITE, [
				coloured( 'a', 'violet', 2_000 ),
			] )
		).rejects.toThrow( 'killed' );
	};
	const pendingOf = ( connection: RedisConnection ) =>
		connection.command( [
			'HGET',
			`docent:{${ SITE }}:knowledge`,
			'pending',
		] );

	it( 'leaves its change to be read by others, who write it down before the next', async () => {
		const connection = await redis.connect();
		const rooms = roomsOver( connection );
		await rooms.knowledge.putDocuments( SITE, before );
		await countAndDie( connection );
		expect( await pendingOf( connection ) ).not.toBeNull();
		const { passages } = await rooms.knowledge.search( SITE, {
			query: 'violet',
		} );
		expect( passages[ 0 ]?.text ).toContain( 'It is violet.' );
		expect( await countsOf( connection, [ 'amber', 'violet' ] ) ).toEqual( [
			1, 1,
		] );

		await rooms.knowledge.putDocuments( SITE, another );
		expect( await pendingOf( connection ) ).toBeNull();
		expect( await countsOf( connection, [ 'amber', 'violet' ] ) ).toEqual( [
			1, 1,
		] );
		expect( await connection.command( [ 'KEYS', '*:change:*' ] ) ).toEqual(
			[]
		);
		await rooms.close();
	} );

	it( 'has its change written down by whoever searches for a while', async () => {
		const connection = await redis.connect();
		await roomsOver( connection ).knowledge.putDocuments( SITE, before );
		await countAndDie( connection );
		const store = createRedisKnowledgeStore( connection, {
			helpAfterMs: 0,
		} );
		await store.site( SITE );
		await store.site( SITE );
		await untilItWorks( async () =>
			expect( await pendingOf( connection ) ).toBeNull()
		);
		expect( await countsOf( connection, [ 'amber', 'violet' ] ) ).toEqual( [
			1, 1,
		] );
		await connection.close();
	} );
} );

describe( 'an answer that is stored while a change is worked out', () => {
	it( 'falls with that change, because nobody looked at it', async () => {
		const connection = await redis.connect();
		const rooms = roomsOver( connection );
		await rooms.knowledge.putDocuments( SITE, [
			document( 'rope', 'Rope', 'It holds nine people.' ),
		] );
		const key = {
			siteId: SITE,
			language: 'en',
			scopeKey: 'site',
			assistantVersion: '1',
			question: 'What does the lamp weigh?',
		};
		let isStored: boolean | undefined;
		const slow = cutConnection( connection, {
			before: async ( what ) => {
				if ( what.includes( 'Makes a change count' ) ) {
					isStored = await rooms.answers.remember( {
						...key,
						text: 'We have no lamp.',
						sources: [],
						restsOn: [],
						knowledgeVersion: 1,
						costNanoUsd: 1,
						ttlSeconds: 60,
					} );
				}
			},
		} );
		await roomsOver( slow ).knowledge.putDocuments( SITE, [
			document( 'lamp', 'Lamp', 'The lamp weighs 90 grams.' ),
		] );
		expect( isStored ).toBe( true );
		expect( ( await rooms.answers.find( key ) ).kind ).toBe( 'miss' );
		expect(
			await createRedisAnswerStore( connection ).list( SITE, 9 )
		).toEqual( [] );
		await rooms.close();
	} );
} );

/**
 * Has many visitors spoken to at once within one small limit, with faults and departures, over both kinds of store.
 */
import { afterEach, describe, expect, it } from 'vitest';
import { SITE_ID } from '../../../support/proxy/credentials.ts';
import { faults } from '../../../support/simulated-provider/index.ts';
import { startProxy } from '../../../support/proxy/start-proxy.ts';
import { redisOfThisFile } from '../../knowledge/open-redis.ts';
import { startSpeechStage, VOICE, type SpeechStage } from './speech-stage.ts';

const LIMIT = 12_000_000;
const VISITORS = 12;

const redis = redisOfThisFile();
/** Counts the databases as the file's server opens them. */
let opened = 0;
let stage: SpeechStage;

afterEach( () => stage.close() );

/** Opens an empty database of the file's server, and returns its address. */
const emptyRedis = async (): Promise< string > => {
	const connection = await redis.connect();
	await connection.close();
	return `${ redis.server.url }/${ opened++ }`;
};

describe( 'twelve visitors at once, some of whom leave, and a provider that fails now and then', () => {
	it.each( [ 'SQLite', 'Redis' ] )(
		'never cost more than the limit of the site in %s, and the ledger knows of every cent',
		async ( kind ) => {
			stage = await startSpeechStage( {
				speech: [ 'gpt-4o-mini-tts', 'tts-1' ],
				settings: {
					limits: {
						siteDayNanoUsd: LIMIT,
						siteMonthNanoUsd: LIMIT,
						softShare: 1,
					},
				},
				...( kind === 'Redis' ? { redisUrl: await emptyRedis() } : {} ),
			} );
			stage.provider.script(
				{ for: 'speech', ...faults.serverError() },
				{ for: 'speech', ...faults.reset() },
				{ for: 'speech', cut: { afterChunks: 3, how: 'close' } }
			);
			const spoken = await Promise.all(
				Array.from( { length: VISITORS }, async ( _, number ) => {
					const heard = await stage.begin();
					heard.speaking.push(
						`This is what visitor number ${ number } wants to hear. It goes on for a while for number ${ number }.`
					);
					if ( number % 4 === 0 ) {
						heard.stop();
					}
					return ( await heard.speaking.finish() ).kind;
				} )
			);
			expect(
				spoken.filter( ( one ) => one === 'stopped' )
			).toHaveLength( VISITORS / 4 );
			const { spent, held, billed } = await stage.money();
			expect( held ).toBe( 0 );
			expect( billed ).toBeGreaterThan( 0 );
			expect( spent ).toBeGreaterThanOrEqual( billed );
			expect( spent ).toBeLessThanOrEqual( LIMIT );
			const book = await stage.proxy.services.stores.ledger.check();
			expect( book.problems ).toEqual( [] );
			expect( book.openReservations ).toBe( 0 );
		}
	);
} );

describe( 'two proxies that share a Redis', () => {
	it( 'pay once: what one has kept, the other finds and hands out', async () => {
		const redisUrl = await emptyRedis();
		stage = await startSpeechStage( { redisUrl } );
		const other = await startProxy( {
			providerUrl: stage.provider.baseUrl,
			env: { REDIS_URL: redisUrl },
		} );
		const text = 'You can return it within sixty days.';
		const { speaking } = await stage.begin();
		speaking.push( text );
		const kept = await ( await speaking.finish() ).keep();
		expect(
			await other.services.speaker?.find( SITE_ID, text, {
				voice: VOICE,
				language: 'en',
			} )
		).toEqual( kept );
		const response = await fetch(
			`${ other.url }/v1/speech/${ kept?.id }`
		);
		expect( ( await response.arrayBuffer() ).byteLength ).toBe(
			kept?.bytes
		);
		expect( stage.spokenCalls() ).toBe( 1 );
		await other.close();
	} );
} );

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCalls } from '../../../proxy/src/calls/calls.ts';
import { createMetrics } from '../../../proxy/src/metrics/metrics.ts';
import { DEFAULT_SETTINGS } from '../../../proxy/src/settings.ts';
import type { CallRecord } from '../../../proxy/src/stores/call-store.ts';
import { openDatabase } from '../../../proxy/src/stores/sqlite/database.ts';
import { createSqliteCallStore } from '../../../proxy/src/stores/sqlite/sqlite-call-store.ts';
import { createHandClock } from '../../support/clock.ts';

const DAY_MS = 86_400_000;

const record = ( overrides: Partial< CallRecord > = {} ): CallRecord => ( {
	id: 'call-1',
	siteId: 'shop',
	at: Date.UTC( 2026, 10, 20, 12 ),
	turnId: 'turn-1',
	requestId: 'request-1',
	visitorId: 'a-visitor-who-must-not-be-named',
	kind: 'answer',
	provider: 'openai',
	model: 'small',
	tier: 'economy',
	reason: 'default',
	attempt: 1,
	cache: 'miss',
	outcome: 'answered',
	errorKind: '',
	usage: { textIn: 100, textCachedIn: 400, audioIn: 7, textOut: 20 },
	isEstimated: false,
	reservedNanoUsd: 900,
	costNanoUsd: 250,
	savedNanoUsd: 0,
	queueMs: 12.7,
	firstTokenMs: 240.2,
	totalMs: 1_300.5,
	...overrides,
} );

let folder: string;
beforeEach( () => {
	folder = mkdtempSync( join( tmpdir(), 'docent-calls-' ) );
} );
afterEach( () => rmSync( folder, { recursive: true, force: true } ) );

function open() {
	const database = openDatabase( folder );
	const store = createSqliteCallStore( database );
	const metrics = createMetrics();
	const clock = createHandClock();
	const lines: Array< Record< string, unknown > > = [];
	const log = pino(
		{ level: 'debug' },
		{ write: ( line: string ) => void lines.push( JSON.parse( line ) ) }
	);
	const calls = createCalls( {
		store,
		metrics,
		log,
		clock,
		sites: {
			all: [ 'shop', 'museum' ].map( ( id ) => ( {
				id,
				secret: `the-secret-of-${ id }-0123456789abcdef`,
				origins: [],
				settings: {},
			} ) ),
			find( siteId ) {
				return this.all.find( ( { id } ) => id === siteId );
			},
			settings: async ( siteId ) => ( {
				...DEFAULT_SETTINGS,
				retention: {
					...DEFAULT_SETTINGS.retention,
					callDays: siteId === 'shop' ? 90 : 1,
				},
			} ),
		},
	} );
	return { database, store, metrics, clock, calls, lines };
}

const count = async (
	metrics: ReturnType< typeof createMetrics >,
	series: string
) => {
	const { text } = await metrics.render();
	const line = text
		.split( '\n' )
		.find( ( candidate ) => candidate.startsWith( `${ series } ` ) );
	return line === undefined
		? undefined
		: Number( line.split( ' ' ).at( -1 ) );
};

describe( 'a finished call', () => {
	it( 'is kept with its tokens added up, whole milliseconds and a hash in place of the visitor', async () => {
		const { database, store, calls } = open();
		await calls.record( record() );
		const { calls: kept } = await store.list( 'shop', {}, { limit: 5 } );
		expect( kept ).toMatchObject( [
			{
				visitor: expect.stringMatching( /^[0-9a-f]{12}$/ ),
				inputTokens: 507,
				outputTokens: 20,
				queueMs: 13,
				firstTokenMs: 240,
				totalMs: 1_301,
			},
		] );
		expect( JSON.stringify( kept ) ).not.toContain( 'must-not-be-named' );
		database.close();
	} );

	it( 'hashes the same visitor differently on each site', async () => {
		const { database, store, calls } = open();
		await calls.record( record() );
		await calls.record( record( { id: 'call-2', siteId: 'museum' } ) );
		const [ shop ] = ( await store.list( 'shop', {}, { limit: 1 } ) ).calls;
		const [ museum ] = ( await store.list( 'museum', {}, { limit: 1 } ) )
			.calls;
		expect( shop?.visitor ).not.toBe( museum?.visitor );
		database.close();
	} );

	it( 'takes nothing down when the log cannot be written: it is counted and said', async () => {
		const { database, metrics, calls, lines } = open();
		database.close();
		await calls.record( record() );
		expect( await count( metrics, 'docent_calls_unrecorded_total' ) ).toBe(
			1
		);
		expect( lines.at( -1 ) ).toMatchObject( {
			level: 50,
			requestId: 'request-1',
			msg: 'a call was not written into the call log',
		} );
	} );

	it( 'is a warning with its code when it failed, and no more than a detail otherwise', async () => {
		const { database, calls, lines } = open();
		await calls.record( record() );
		await calls.record(
			record( {
				id: 'call-2',
				outcome: 'failed',
				errorKind: 'provider_rate',
			} )
		);
		await calls.record( record( { id: 'call-3', outcome: 'no_money' } ) );
		expect( lines.map( ( { level, msg } ) => [ level, msg ] ) ).toEqual( [
			[ 20, 'call ended' ],
			[ 40, 'call failed' ],
			[ 30, 'no money for a call' ],
		] );
		expect( lines[ 1 ] ).toMatchObject( {
			requestId: 'request-1',
			turnId: 'turn-1',
			provider: 'openai',
			model: 'small',
			errorKind: 'provider_rate',
			costNanoUsd: 250,
		} );
		expect( JSON.stringify( lines ) ).not.toContain( 'must-not-be-named' );
		database.close();
	} );

	it( 'counts as a retry of the target that failed before it, or as a fallback from another', async () => {
		const { database, metrics, calls } = open();
		const failed = {
			outcome: 'failed',
			errorKind: 'provider_cut',
		} as const;
		await calls.record( record( { ...failed, id: '1' } ) );
		await calls.record( record( { ...failed, id: '2', attempt: 2 } ) );
		await calls.record( record( { id: '3', attempt: 3, model: 'large' } ) );
		await calls.record( record( { id: '4', turnId: 'turn-2' } ) );
		expect(
			await count( metrics, 'docent_retries_total{provider="openai"}' )
		).toBe( 1 );
		expect(
			await count( metrics, 'docent_fallbacks_total{tier="economy"}' )
		).toBe( 1 );
		database.close();
	} );

	it( 'that was not sent for want of money is no request to a provider', async () => {
		const { database, metrics, calls } = open();
		await calls.record(
			record( { outcome: 'no_money', errorKind: 'limit_reached' } )
		);
		const { text } = await metrics.render();
		expect( text ).not.toMatch( /^docent_calls_total\{/m );
		expect(
			await count(
				metrics,
				'docent_refusals_total{reason="limit_reached"}'
			)
		).toBe( 1 );
		database.close();
	} );
} );

describe( 'a call log that grows old', () => {
	it( 'forgets calls after as many days as each owner chose, and keeps the sums', async () => {
		const { database, store, calls, clock } = open();
		const now = clock();
		await calls.record( record( { id: '1', at: now - 91 * DAY_MS } ) );
		await calls.record( record( { id: '2', at: now - 89 * DAY_MS } ) );
		await calls.record(
			record( { id: '3', at: now - 2 * DAY_MS, siteId: 'museum' } )
		);
		expect( await calls.forgetOld() ).toBe( 2 );
		expect( await calls.forgetOld() ).toBe( 0 );
		const { calls: kept } = await store.list( 'shop', {}, { limit: 5 } );
		expect( kept.map( ( { id } ) => id ) ).toEqual( [ '2' ] );
		expect(
			await store.rollups( 'shop', '2026-01-01', '2026-12-31' )
		).toHaveLength( 2 );
		database.close();
	} );
} );

describe( 'labels that come from configuration', () => {
	it( 'stop growing at a hundred values', async () => {
		const metrics = createMetrics();
		for ( let n = 0; n < 250; n++ ) {
			metrics.count(
				'docent_spent_nano_usd_total',
				{ site: `s${ n }` },
				2
			);
		}
		expect(
			await count( metrics, 'docent_spent_nano_usd_total{site="s99"}' )
		).toBe( 2 );
		expect(
			await count( metrics, 'docent_spent_nano_usd_total{site="other"}' )
		).toBe( 300 );
	} );

	it( 'take no nonsense: what is not a number, or goes down, changes nothing', async () => {
		const metrics = createMetrics();
		for ( const amount of [ -5, Number.NaN, Infinity, 0 ] ) {
			metrics.count( 'docent_holds_expired_total', {}, amount );
		}
		expect( await count( metrics, 'docent_holds_expired_total' ) ).toBe(
			0
		);
	} );

	it( 'a scrape goes on when what it asks hangs or fails', async () => {
		const metrics = createMetrics( { collectMs: 20 } );
		metrics.onScrape( () => {
			throw new Error( 'broken' );
		} );
		metrics.onScrape( () => new Promise( () => {} ) );
		metrics.onScrape( () => metrics.set( 'docent_turns_open', {}, 7 ) );
		expect( await count( metrics, 'docent_turns_open' ) ).toBe( 7 );
	} );
} );

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CallRecord } from '../../../proxy/src/stores/call-store.ts';
import { SITE_ID } from '../../support/proxy/credentials.ts';
import { SHOP } from '../../support/proxy/shop.ts';
import { startProxy, type TestProxy } from '../../support/proxy/start-proxy.ts';
import {
	startSimulatedProvider,
	type SimulatedProvider,
} from '../../support/simulated-provider/index.ts';

interface Usage {
	day: { spentNanoUsd: number; window: string };
	month: { spentNanoUsd: number };
	answers: Record< string, number >;
	from: string;
	to: string;
	timeZone: string;
	by: string[];
	rows: Array< Record< string, unknown > >;
	totals: Record< string, number >;
}

let provider: SimulatedProvider;
let proxy: TestProxy;
beforeEach( async () => {
	provider = await startSimulatedProvider();
	proxy = await startProxy( {
		providerUrl: `http://127.0.0.1:${ provider.port }/v1`,
	} );
	await proxy.site( 'PUT', '/v1/site/documents', { documents: SHOP } );
} );
afterEach( async () => {
	await proxy.close();
	await provider.close();
} );

const usage = async ( query = '' ) =>
	( await (
		await proxy.site( 'GET', `/v1/site/usage${ query }` )
	).json() ) as Usage;

let next = 0;
const record = ( overrides: Partial< CallRecord > ): CallRecord => ( {
	id: `call-${ ++next }`,
	siteId: SITE_ID,
	at: 0,
	turnId: `turn-${ next }`,
	requestId: 'request',
	visitorId: 'v',
	kind: 'answer',
	provider: 'openai',
	model: 'small',
	tier: 'economy',
	reason: 'default',
	attempt: 1,
	cache: 'miss',
	outcome: 'answered',
	errorKind: '',
	usage: { textIn: 10, textOut: 2 },
	isEstimated: false,
	reservedNanoUsd: 0,
	costNanoUsd: 100,
	savedNanoUsd: 0,
	queueMs: 0,
	firstTokenMs: 1,
	totalMs: 2,
	...overrides,
} );
const addAll = ( records: Array< Partial< CallRecord > > ) =>
	Promise.all(
		records.map( ( one ) => proxy.services.calls.record( record( one ) ) )
	);

describe( 'GET /v1/site/usage', () => {
	it( 'agrees with the provider’s own bill after real questions, and counts each question once', async () => {
		await proxy.events( 'How much is shipping?' );
		await proxy.events( 'How much is shipping?' );
		await proxy.events( 'How heavy is the Ridgeline 2 tent?' );
		await proxy.events( 'Do you sell submarines to pirates?' );
		const { answers, totals, rows, day, by } = await usage( '?by=cache' );
		expect( answers ).toEqual( {
			total: 4,
			cached: 1,
			extractive: 0,
			unanswered: 1,
		} );
		expect( by ).toEqual( [ 'cache' ] );
		expect( totals ).toMatchObject( {
			questions: 4,
			costNanoUsd: provider.bill.totalNanoUsd,
		} );
		expect( day.spentNanoUsd ).toBe( provider.bill.totalNanoUsd );
		expect( totals.savedNanoUsd ).toBeGreaterThan( 0 );
		expect( rows.map( ( { cache } ) => cache ) ).toEqual( [
			'miss',
			'exact',
		] );
	} );

	it( 'has no figures by day unless somebody asks for them', async () => {
		const now = await usage();
		expect( now ).not.toHaveProperty( 'rows' );
		expect( now ).toMatchObject( {
			day: { spentNanoUsd: 0 },
			month: { spentNanoUsd: 0 },
			answers: { total: 0 },
		} );
	} );

	it( 'sums by any dimensions, the days in order and the dearest first', async () => {
		const day1 = Date.UTC( 2026, 5, 1, 12 );
		const day2 = Date.UTC( 2026, 5, 2, 12 );
		await addAll( [
			{ at: day2, model: 'large', tier: 'premium', costNanoUsd: 900 },
			{ at: day1 },
			{ at: day1, model: 'large', tier: 'premium', costNanoUsd: 700 },
			{ at: day1, outcome: 'failed', costNanoUsd: 5 },
			{
				at: day2,
				provider: '',
				model: '',
				tier: 'none',
				cache: 'exact',
				outcome: 'cached',
				usage: undefined,
				costNanoUsd: 0,
				savedNanoUsd: 80,
			},
		] );
		const period = 'from=2026-06-01&to=2026-06-02';
		const byDay = await usage( `?${ period }` );
		expect( byDay ).toMatchObject( {
			from: '2026-06-01',
			to: '2026-06-02',
			timeZone: 'UTC',
			by: [ 'day' ],
			rows: [
				{
					day: '2026-06-01',
					calls: 3,
					questions: 2,
					inputTokens: 30,
					outputTokens: 6,
					costNanoUsd: 805,
					savedNanoUsd: 0,
				},
				{
					day: '2026-06-02',
					calls: 2,
					questions: 2,
					inputTokens: 10,
					outputTokens: 2,
					costNanoUsd: 900,
					savedNanoUsd: 80,
				},
			],
			totals: {
				calls: 5,
				questions: 4,
				inputTokens: 40,
				outputTokens: 8,
				costNanoUsd: 1_705,
				savedNanoUsd: 80,
			},
		} );
		const byTier = await usage( `?${ period }&by=tier,model` );
		expect(
			byTier.rows.map( ( { tier, model, costNanoUsd } ) => [
				tier,
				model,
				costNanoUsd,
			] )
		).toEqual( [
			[ 'premium', 'large', 1_600 ],
			[ 'economy', 'small', 105 ],
			[ 'none', '', 0 ],
		] );
		const oneDay = await usage( '?from=2026-06-02&to=2026-06-02&by=kind' );
		expect( oneDay.rows ).toMatchObject( [ { kind: 'answer', calls: 2 } ] );
	} );

	it( 'counts a call on the day it has in the site’s time zone', async () => {
		await proxy.site( 'PUT', '/v1/site/settings', {
			limits: { timeZone: 'Pacific/Auckland' },
		} );
		await addAll( [ { at: Date.UTC( 2026, 5, 1, 13 ) } ] );
		const { rows } = await usage( '?from=2026-05-30&to=2026-06-03' );
		expect( rows.map( ( { day } ) => day ) ).toEqual( [ '2026-06-02' ] );
	} );

	it( 'reaches thirty days back unless told', async () => {
		const { from, to, day } = await usage( '?by=day' );
		expect( to ).toBe( day.window );
		expect( Date.parse( to ) - Date.parse( from ) ).toBe( 29 * 86_400_000 );
	} );

	it.each( [
		[ 'from=2026-02-30', 'from: is not a date' ],
		[ 'from=soon', 'from: is not a date' ],
		[ 'to=20261120', 'to: is not a date' ],
		[ 'from=2026-06-02&to=2026-06-01', 'from is after to' ],
		[ 'from=2020-01-01&to=2026-06-01', 'longer than 400 days' ],
		[ 'by=visitor', 'by' ],
		[ 'by=', 'by' ],
		[ 'by=day,day', 'names something twice' ],
		[ 'form=2026-06-01', 'form' ],
	] )( 'refuses %s and says why', async ( query, why ) => {
		const response = await proxy.site( 'GET', `/v1/site/usage?${ query }` );
		expect( response.status ).toBe( 400 );
		expect( await response.text() ).toContain( why );
	} );
} );

/**
 * Clocks that jump and months that end, seen by visitors: limits begin anew when the site's calendar says so, once, and never because a clock went back (T10).
 */
import { afterEach, describe, expect, it } from 'vitest';
import { mintToken, SITE_ID } from '../../support/proxy/credentials.ts';
import { textOf } from '../../support/proxy/sse.ts';
import { moneyLimits, setStage, type Stage, type StoreName } from './stage.ts';

const PLENTY = 1_000_000_000;
const HOUR = 3_600_000;

let stage: Stage;
let now: number;
afterEach( () => stage.close() );

async function start(
	store: StoreName,
	limits: Record< string, unknown >
): Promise< void > {
	now = Date.now();
	stage = await setStage( {
		store,
		clock: () => now,
		settings: {
			limits: { ...moneyLimits( PLENTY ), ...limits },
			cache: { enabled: false },
		},
	} );
}

let asked = 0;

/** Asks as a visitor whose token was made this moment; returns how it ended. */
async function ask(): Promise< string > {
	const iat = Math.floor( now / 1_000 );
	const events = await stage.proxy.events(
		`How much is shipping? ${ ++asked }`,
		{ token: mintToken( { iat, exp: iat + 900 } ) }
	);
	expect( textOf( events ) ).not.toBe( '' );
	return events.at( -1 )?.data.finishReason;
}

async function book() {
	const { limits } = await stage.proxy.services.sites.settings( SITE_ID );
	return stage.proxy.services.ledger.report( SITE_ID, limits );
}

/** Asks until the limit is reached. */
async function spendAll(): Promise< void > {
	for ( let count = 0; ( await ask() ) === 'stop'; count++ ) {
		expect( count ).toBeLessThan( 30 );
	}
}

/** Pays for a few questions. */
const A_FEW = 1_000_000;

const TIMES: Array< [ string, string, string ] > = [
	[ 'a month of 30 days', 'America/New_York', '2026-11-30T23:50-05:00' ],
	[ 'a month of 31 days', 'Europe/Berlin', '2026-12-31T23:50+01:00' ],
	[ 'a February', 'Asia/Kolkata', '2027-02-28T23:50+05:30' ],
	[
		'a February of a leap year',
		'Pacific/Auckland',
		'2028-02-29T23:50+13:00',
	],
	[
		'a month in which the clocks went back',
		'Europe/Berlin',
		'2026-10-31T23:50+01:00',
	],
];

describe.each( [ 'SQLite', 'Redis' ] as const )(
	'T10: the limit of a month, counted in %s,',
	( store ) => {
		it.each( TIMES )(
			'begins anew at midnight of the site at the end of %s, not ten minutes earlier',
			async ( _month, timeZone, tenToMidnight ) => {
				await start( store, { siteMonthNanoUsd: A_FEW, timeZone } );
				now = Date.parse( tenToMidnight );
				await spendAll();
				now += 9 * 60_000;
				expect( await ask() ).toBe( 'extractive' );
				now += 2 * 60_000;
				expect( await ask() ).toBe( 'stop' );
				const last = stage.provider.bill.entries.at( -1 );
				expect( ( await book() ).month ).toMatchObject( {
					spentNanoUsd: last?.costNanoUsd,
					heldNanoUsd: 0,
				} );
			}
		);

		it( 'holds for the 31st day like for the 30th', async () => {
			await start( store, { siteMonthNanoUsd: A_FEW } );
			now = Date.parse( '2026-12-30T12:00Z' );
			await spendAll();
			now += 24 * HOUR;
			expect( await ask() ).toBe( 'extractive' );
		} );
	}
);

describe.each( [ 'SQLite', 'Redis' ] as const )(
	'a clock that jumps back an hour, with everything kept in %s,',
	( store ) => {
		it( 'stops nobody from asking, and gives nobody money twice', async () => {
			await start( store, { siteDayNanoUsd: A_FEW } );
			now = Date.parse( '2026-11-20T12:00Z' );
			expect( await ask() ).toBe( 'stop' );
			now -= HOUR;
			expect( await ask() ).toBe( 'stop' );
			await spendAll();
			expect( stage.provider.bill.totalNanoUsd ).toBeLessThanOrEqual(
				A_FEW
			);
			expect( ( await book() ).day ).toMatchObject( {
				spentNanoUsd: stage.provider.bill.totalNanoUsd,
				heldNanoUsd: 0,
			} );
		} );

		it( 'over midnight finds the day before as it was left', async () => {
			await start( store, { siteDayNanoUsd: A_FEW } );
			now = Date.parse( '2026-11-20T23:30Z' );
			await spendAll();
			now += HOUR;
			expect( await ask() ).toBe( 'stop' );
			now -= HOUR;
			expect( await ask() ).toBe( 'extractive' );
			now += HOUR;
			await spendAll();
			expect( stage.provider.bill.totalNanoUsd ).toBeLessThanOrEqual(
				2 * A_FEW
			);
		} );
	}
);

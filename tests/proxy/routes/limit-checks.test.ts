/**
 * Looks at what the owner is told of limits, through a whole proxy with a real ledger.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { siteDayKey, siteMonthKey } from '../../../proxy/src/ledger/windows.ts';
import type { Check } from '../../../proxy/src/routes/check.ts';
import { SITE_ID } from '../../support/proxy/credentials.ts';
import { startProxy, type TestProxy } from '../../support/proxy/start-proxy.ts';

let proxy: TestProxy;
/** The proxy's clock; signatures are made by the real one, so it stays close. */
const today = new Date().toISOString().slice( 0, 10 );

beforeEach( async () => {
	proxy = await startProxy();
	await proxy.site( 'PUT', '/v1/site/settings', {
		limits: { siteDayNanoUsd: 1_000, siteMonthNanoUsd: 10_000 },
	} );
} );
afterEach( () => proxy.close() );

const spend = ( nanoUsd: number ) =>
	proxy.services.stores.ledger.correct( {
		siteId: SITE_ID,
		windows: [
			{ key: siteDayKey( SITE_ID, today ), unit: 'nanoUsd' },
			{
				key: siteMonthKey( SITE_ID, today.slice( 0, 7 ) ),
				unit: 'nanoUsd',
			},
		],
		nanoUsd,
		reason: 'test',
		now: Date.now(),
	} );

const limitChecks = async (): Promise< Check[] > => {
	const { checks } = ( await (
		await proxy.site( 'GET', '/v1/site/health' )
	).json() ) as { checks: Check[] };
	return checks.filter( ( { id } ) => id.startsWith( 'limit:' ) );
};

describe( 'the owner', () => {
	it( 'hears nothing below the soft limit', async () => {
		await spend( 799 );
		expect( await limitChecks() ).toEqual( [] );
	} );

	it( 'hears above it how much is spent, for an occasion of that day', async () => {
		await spend( 850 );
		expect( await limitChecks() ).toMatchObject( [
			{
				id: `limit:${ today }`,
				occasion: `limit-near:${ today }`,
				status: 'warning',
				message: expect.stringContaining( '85 %' ),
			},
		] );
	} );

	it( 'hears when it is reached, of the day and not of the month', async () => {
		await spend( 1_000 );
		expect( await limitChecks() ).toMatchObject( [
			{ occasion: `limit-reached:${ today }` },
		] );
		await spend( 8_000 );
		expect(
			( await limitChecks() ).map( ( { occasion } ) => occasion )
		).toEqual( [
			`limit-reached:${ today }`,
			`limit-near:${ today.slice( 0, 7 ) }`,
		] );
	} );

	it( 'who allows nothing hears nothing', async () => {
		await proxy.site( 'PUT', '/v1/site/settings', {
			limits: { siteDayNanoUsd: 0, siteMonthNanoUsd: 0 },
		} );
		expect( await limitChecks() ).toEqual( [] );
	} );
} );

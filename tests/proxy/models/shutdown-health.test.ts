/**
 * Looks at what the owner and the visitor meet around the day on which a model ends, through a whole proxy.
 */
import { afterEach, describe, expect, it } from 'vitest';
import { SHOP } from '../../support/proxy/shop.ts';
import { startProxy, type TestProxy } from '../../support/proxy/start-proxy.ts';
import {
	startSimulatedProvider,
	type SimulatedProvider,
} from '../../support/simulated-provider/index.ts';
import { catalogFile } from './catalog-file.ts';

let provider: SimulatedProvider;
let proxy: TestProxy;
afterEach( async () => {
	await proxy.close();
	await provider.close();
} );

interface Check {
	id: string;
	status: string;
	message: string;
	remedy?: string;
}

async function start( over: object ) {
	provider = await startSimulatedProvider();
	proxy = await startProxy( {
		providerUrl: provider.baseUrl,
		env: {
			DOCENT_MODELS_FILE: catalogFile( {
				models: { 'gpt-6-luna': over },
				tiers: { economy: [ 'gpt-6-luna' ] },
			} ),
		},
	} );
	await proxy.site( 'PUT', '/v1/site/documents', { documents: SHOP } );
}

const modelChecks = async (): Promise< Check[] > => {
	const health = await proxy.site( 'GET', '/v1/site/health' );
	const { checks } = ( await health.json() ) as { checks: Check[] };
	return checks.filter( ( { id } ) => id.startsWith( 'model:' ) );
};

const inDays = ( days: number ) =>
	new Date( Date.now() + days * 86_400_000 ).toISOString().slice( 0, 10 );

const askedModels = () =>
	provider.journal.entries
		.filter( ( { method } ) => method === 'POST' )
		.map( ( { body } ) => ( body as { model: string } ).model );

describe( 'the owner', () => {
	it( 'reads nothing about models in a shop where none ends soon', async () => {
		await start( {} );
		expect( await modelChecks() ).toEqual( [] );
	} );

	it( 'is told that a model ends, and what will answer then', async () => {
		await start( {
			shutdownDate: inDays( 6 ),
			successor: 'gpt-6.1-terra',
		} );
		expect( await modelChecks() ).toEqual( [
			expect.objectContaining( {
				id: 'model:gpt-6-luna',
				status: 'warning',
				message: `gpt-6-luna (tier economy) will be switched off on ${ inDays( 6 ) }, in 6 days; gpt-6.1-terra will answer in its place.`,
			} ),
		] );
	} );

	it( 'is told that a model has gone without a successor', async () => {
		await start( { shutdownDate: inDays( 0 ), successor: null } );
		expect( await modelChecks() ).toEqual( [
			expect.objectContaining( {
				id: 'model:gpt-6-luna',
				status: 'error',
				remedy: expect.stringContaining( 'DOCENT_MODELS_FILE' ),
			} ),
		] );
	} );
} );

describe( 'the visitor', () => {
	it( 'is answered by the successor from the day on', async () => {
		await start( {
			shutdownDate: inDays( 0 ),
			successor: 'gpt-6.1-terra',
		} );
		const events = await proxy.events( 'How much is shipping?' );
		expect( events.at( -1 )?.event ).toBe( 'done' );
		expect( askedModels() ).toEqual( [ 'gpt-6.1-terra' ] );
	} );

	it( 'is answered by another tier or the site where no successor is named', async () => {
		await start( { shutdownDate: inDays( 0 ) } );
		const events = await proxy.events( 'How much is shipping?' );
		expect( events.at( -1 )?.event ).toBe( 'done' );
		expect( askedModels() ).not.toContain( 'gpt-6-luna' );
	} );
} );

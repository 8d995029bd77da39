/**
 * Puts a shop, a proxy and a provider together for live conversations, and compares their books at the end.
 */
import { expect } from 'vitest';
import { loadOracle } from '../../../support/openapi/oracle.ts';
import { SHOP } from '../../../support/proxy/shop.ts';
import {
	startProxy,
	type TestProxy,
} from '../../../support/proxy/start-proxy.ts';
import {
	startSimulatedProvider,
	type CallEvent,
	type CallRecord,
	type SimulatedProvider,
	type SimulatedProviderOptions,
} from '../../../support/simulated-provider/index.ts';

/** A shop that may be spoken with. */
export interface Stage {
	proxy: TestProxy;
	provider: SimulatedProvider;
	/** Changes the shop's settings. */
	set( settings: object ): Promise< void >;
	/** Waits until every conversation is over, then compares the ledger with the provider's bill. */
	settle(): Promise< { spentNanoUsd: number; billNanoUsd: number } >;
	close(): Promise< void >;
}

/** Starts it. */
export async function startStage(
	options: Parameters< typeof startProxy >[ 0 ] = {},
	providerOptions: SimulatedProviderOptions = {}
): Promise< Stage > {
	const inspector = loadOracle();
	const provider = await startSimulatedProvider( {
		...( inspector ? { inspector } : {} ),
		...providerOptions,
	} );
	const proxy = await startProxy( {
		providerUrl: provider.baseUrl,
		...options,
	} );
	await proxy.site( 'PUT', '/v1/site/documents', { documents: SHOP } );
	const stage: Stage = {
		proxy,
		provider,
		async set( settings ) {
			const reply = await proxy.site(
				'PUT',
				'/v1/site/settings',
				settings
			);
			expect( reply.status ).toBe( 200 );
		},
		async settle() {
			await proxy.services.live.drain( 0 );
			const balance = await spending( proxy );
			expect( balance.heldNanoUsd ).toBe( 0 );
			expect( provider.violations ).toEqual( [] );
			return {
				spentNanoUsd: balance.spentNanoUsd,
				billNanoUsd: provider.bill.totalNanoUsd,
			};
		},
		async close() {
			await proxy.close();
			await provider.close();
		},
	};
	await stage.set( {
		modalities: { voice: true, realtime: true },
		limits: {
			visitorDayNanoUsd: 1_000_000_000,
			siteDayNanoUsd: 10_000_000_000,
		},
	} );
	return stage;
}

/** What the shop has spent and holds today. */
export async function spending( { services }: TestProxy ) {
	const { limits } = await services.sites.settings( 'test-shop' );
	const { day } = await services.ledger.report( 'test-shop', limits );
	return day;
}

/** The provider's sessions, in the order in which they were opened. */
export function callsOf( { provider }: Stage ): CallRecord[] {
	return provider.journal.entries.flatMap( ( { call } ) => call ?? [] );
}

/** Everything that the proxy sent into sessions, sound left out. */
export function sentUpstream( stage: Stage, type?: string ): CallEvent[] {
	return callsOf( stage )
		.flatMap( ( { received } ) => received )
		.filter( ( event ) => type === undefined || event.type === type );
}

import { afterEach, beforeEach, expect, it } from 'vitest';
import { SITE_ID } from '../../support/proxy/credentials.ts';
import { SHOP } from '../../support/proxy/shop.ts';
import { startProxy, type TestProxy } from '../../support/proxy/start-proxy.ts';
import { readEvents } from '../../support/proxy/sse.ts';
import {
	startSimulatedProvider,
	type SimulatedProvider,
} from '../../support/simulated-provider/index.ts';

let provider: SimulatedProvider;
let proxy: TestProxy;
beforeEach( async () => {
	provider = await startSimulatedProvider();
	proxy = await startProxy( { providerUrl: provider.baseUrl } );
	await proxy.site( 'PUT', '/v1/site/documents', { documents: SHOP } );
} );
afterEach( async () => {
	await proxy.close();
	await provider.close();
} );

const gauges = async () => {
	const text = await ( await fetch( `${ proxy.url }/metrics` ) ).text();
	const value = ( series: string ) =>
		Number(
			text
				.split( '\n' )
				.find( ( line ) => line.startsWith( `${ series } ` ) )
				?.split( ' ' )
				.at( -1 )
		);
	return {
		turns: value( 'docent_turns_open' ),
		holds: value( 'docent_holds_open' ),
		held: value(
			`docent_window_held_nano_usd{site="${ SITE_ID }",window="day"}`
		),
	};
};

it( 'the gauges show a running answer and the money it holds, and nothing of either once it has ended', async () => {
	provider.setDefault( { stall: { afterChunks: 3, forMs: 60_000 } } );
	const reader = readEvents( await proxy.ask( 'How much is shipping?' ) );
	const first = await reader.next();
	await reader.next();
	const running = await gauges();
	expect( running ).toMatchObject( { turns: 1, holds: 1 } );
	expect( running.held ).toBeGreaterThan( 0 );

	const { turnId } = first.value?.data as { turnId: string };
	await proxy.visitor( 'DELETE', `/v1/turns/${ turnId }` );
	let last;
	for await ( const event of reader ) {
		last = event;
	}
	expect( last?.data.finishReason ).toBe( 'stopped' );
	expect( await gauges() ).toEqual( { turns: 0, holds: 0, held: 0 } );
} );

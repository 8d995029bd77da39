import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { allEvents } from '../../support/proxy/sse.ts';
import { startProxy, type TestProxy } from '../../support/proxy/start-proxy.ts';
import {
	startSimulatedProvider,
	type SimulatedProvider,
} from '../../support/simulated-provider/index.ts';
import { tone, wav } from '../../support/speech/index.ts';
import { limitsOf, openShop, readUsage, say, speaker } from './spoken.ts';

/** As long as a question may be. */
const LONG = wav( tone( 60_000 ), 16_000 );

let proxy: TestProxy;
let provider: SimulatedProvider;

beforeEach( async () => {
	provider = await startSimulatedProvider( { hasRealSpeech: false } );
	provider.setDefault( {
		for: 'transcription',
		text: 'How much is shipping?',
	} );
	proxy = await startProxy( { providerUrl: provider.baseUrl } );
} );

afterEach( async () => {
	await proxy.close();
	await provider.close();
} );

describe( 'one visitor who speaks all day', () => {
	it( 'uses up half of the seconds of the day, and others are still heard', async () => {
		await openShop( proxy, limitsOf( 1e12, { voiceSecondsDay: 1_320 } ) );
		const token = speaker();
		const ask = async ( who: string ) => {
			const events = await allEvents(
				await say( proxy, {
					token: who,
					recording: LONG,
					fields: { speech: 'false' },
				} )
			);
			return events.some( ( { event } ) => event === 'transcript' );
		};
		const heard: boolean[] = [];
		for ( let count = 0; count < 15; count++ ) {
			heard.push( await ask( token ) );
		}
		expect( heard.filter( Boolean ).length ).toBe( 11 );
		expect( ( await readUsage( proxy ) ).voiceSeconds.spent ).toBe( 660 );
		expect( await ask( speaker() ) ).toBe( true );
	}, 60_000 );
} );

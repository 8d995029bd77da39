/**
 * Looks at what an owner is told of voice: which model serves it, and what a minute costs.
 */
import { afterEach, describe, expect, it } from 'vitest';
import {
	voiceAbilities,
	type VoiceAbilities,
} from '../../../proxy/src/routes/voice-abilities.ts';
import { loadCatalog } from '../../../proxy/src/models/catalog.ts';
import { startProxy, type TestProxy } from '../../support/proxy/start-proxy.ts';

let proxy: TestProxy | undefined;
afterEach( async () => {
	await proxy?.close();
	proxy = undefined;
} );

const catalog = loadCatalog( undefined, { providers: [] } );

describe( 'the settings of a site', () => {
	it( 'tell, read or changed, that nothing can be heard or spoken where there is no key', async () => {
		proxy = await startProxy();
		for ( const response of [
			await proxy.site( 'GET', '/v1/site/settings' ),
			await proxy.site( 'PUT', '/v1/site/settings', {} ),
		] ) {
			const { abilities } = ( await response.json() ) as {
				abilities: VoiceAbilities;
			};
			expect( abilities ).toEqual( {
				transcription: null,
				speech: null,
				audioChat: null,
				realtime: null,
			} );
		}
	} );
} );

describe( 'with a key', () => {
	it( 'each role has the first model whose provider is there, with the price of a minute', () => {
		const found = voiceAbilities( {
			catalog,
			providers: { names: [ 'openai' ] },
		} );
		expect( found.transcription?.model ).toBe( 'gpt-transcribe' );
		expect( found.transcription?.heardMinuteNanoUsd ).toBe( 4_500_000 );
		expect( found.transcription?.spokenMinuteNanoUsd ).toBeNull();
		// 600 tokens at 32 USD a million, 1,200 at 64 USD.
		expect( found.audioChat?.heardMinuteNanoUsd ).toBe( 19_200_000 );
		expect( found.audioChat?.spokenMinuteNanoUsd ).toBe( 76_800_000 );
		expect( found.realtime ).not.toBeNull();
		expect( found.speech?.spokenMinuteNanoUsd ).toBeGreaterThan( 0 );
	} );

	it( 'a provider that no role names can do nothing', () => {
		expect(
			Object.values(
				voiceAbilities( { catalog, providers: { names: [ 'groq' ] } } )
			)
		).toEqual( [ null, null, null, null ] );
	} );
} );

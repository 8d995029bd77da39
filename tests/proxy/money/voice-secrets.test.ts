import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { SITE_ORIGIN, SITE_SECRET } from '../../support/proxy/credentials.ts';
import { allEvents } from '../../support/proxy/sse.ts';
import {
	startSimulatedProvider,
	type SimulatedProvider,
} from '../../support/simulated-provider/index.ts';
import { runProxy, type RunningProxy } from './proxies.ts';
import {
	demandSegment,
	limitsOf,
	openShop,
	say,
	speaker,
	writeRoles,
} from './spoken.ts';

const QUESTION = 'How much is shipping to Timbuktu';

/** What real providers write into their errors. */
const REFUSAL = {
	kind: 'refusal' as const,
	status: 401,
	error: {
		message: `Incorrect API key provided: test-key. You sent: ${ QUESTION }?`,
		type: 'invalid_request_error',
		code: 'invalid_api_key',
	},
};

let dataDir: string;
let provider: SimulatedProvider;
let proxy: RunningProxy;

beforeEach( async () => {
	dataDir = mkdtempSync( join( tmpdir(), 'docent-voice-secrets-' ) );
	provider = await startSimulatedProvider( { hasRealSpeech: false } );
	provider.setDefault( { for: 'transcription', text: `${ QUESTION }?` } );
	proxy = await runProxy( {
		dataDir,
		providerUrl: provider.baseUrl,
		env: {
			LOG_LEVEL: 'trace',
			DOCENT_MODELS_FILE: writeRoles( dataDir, {
				speech: 'gpt-4o-mini-tts',
			} ),
		},
	} );
} );

afterEach( async () => {
	await proxy.end();
	await provider.close();
	rmSync( dataDir, { recursive: true, force: true } );
} );

/** Types a question into a live conversation; resolves with everything that was told. */
function talk( { url }: RunningProxy, token: string ): Promise< string > {
	const socket = new WebSocket(
		`${ url.replace( 'http', 'ws' ) }/v1/realtime`,
		[ 'docent.v1', `docent.token.${ token }` ],
		{ origin: SITE_ORIGIN }
	);
	let told = '';
	return new Promise( ( resolve ) => {
		socket.on( 'error', () => resolve( told ) );
		socket.on( 'close', () => resolve( told ) );
		socket.on( 'open', () => socket.send( '{"type":"start"}' ) );
		socket.on( 'message', ( data: Buffer, isBinary ) => {
			if ( isBinary ) {
				return;
			}
			told += data.toString();
			const { type } = JSON.parse( data.toString() );
			if ( type === 'ready' ) {
				socket.send(
					JSON.stringify( { type: 'text', text: `${ QUESTION }?` } )
				);
			} else if ( type === 'speech_end' ) {
				socket.send( '{"type":"end"}' );
			}
		} );
	} );
}

describe( 'a proxy that hears and speaks', () => {
	it.each( [
		[ 'everything goes well', false, {} ],
		[ 'an audio chat model answers', false, { expressive: true } ],
		[ 'the provider refuses everything', true, {} ],
	] )(
		'writes neither what was said nor a token nor an address of speech into its log, even when it tells everything, and tells visitors nothing of the provider: %s',
		async ( _, isRefused, voice ) => {
			let log = '';
			proxy.child.stdout?.on( 'data', ( data ) => ( log += data ) );
			await openShop( proxy, {
				...limitsOf( 1e12 ),
				voice,
				modalities: { realtime: true },
			} );
			if ( isRefused ) {
				provider.setDefault( REFUSAL );
				for ( const aim of [
					'transcription',
					'speech',
					'realtime',
				] as const ) {
					provider.setDefault( { ...REFUSAL, for: aim } );
				}
			}
			const token = speaker();
			const told = [
				JSON.stringify(
					await allEvents( await say( proxy, { token } ) )
				),
				await (
					await demandSegment( proxy, 'post-11', 0, token )
				).text(),
				await talk( proxy, token ),
			].join( '\n' );
			const speech = [ ...told.matchAll( /\/v1\/speech\/(\w+)/g ) ].map(
				( [ , id ] ) => id as string
			);
			for ( const id of speech ) {
				await fetch( `${ proxy.url }/v1/speech/${ id }` );
			}
			await proxy.end();
			expect( log ).toContain( '/v1/' );
			for ( const secret of [
				SITE_SECRET,
				'test-key',
				'Bearer',
				token.slice( 0, 60 ),
				token.slice( -20 ),
				'Timbuktu',
				'4.90',
				...speech,
			] ) {
				expect( log ).not.toContain( secret );
			}
			for ( const inside of [
				'test-key',
				'API key',
				'invalid_api_key',
			] ) {
				expect( told ).not.toContain( inside );
			}
			expect( speech.length > 0 ).toBe( ! isRefused );
		},
		30_000
	);
} );

/**
 * Speech from servers that speak nearly like the provider: odd pieces, other formats, pages and errors with status 200.
 */
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { bytesOf, tone, wav } from '../../support/speech/index.ts';
import { hear, say, shippedModel, voiceAt } from './voice-provider.ts';

const ends: Array< () => unknown > = [];

afterEach( async () => {
	for ( const end of ends.splice( 0 ).reverse() ) {
		await end();
	}
} );

async function answering(
	answer: ( response: ServerResponse, url: string ) => unknown,
	entry: object = {}
) {
	const server = createServer( ( request, response ) => {
		request
			.resume()
			.on( 'end', () => answer( response, request.url ?? '' ) );
	} );
	server.listen( 0, '127.0.0.1' );
	await once( server, 'listening' );
	const { port } = server.address() as AddressInfo;
	const { providers, voice } = voiceAt( `http://127.0.0.1:${ port }/v1`, {
		kind: 'compatible',
		...entry,
	} );
	ends.push( () => {
		server.close();
		server.closeAllConnections();
	} );
	ends.push( () => providers.close() );
	return voice;
}

const SAMPLES = bytesOf( tone( 400, { sampleRate: 24_000 } ) );

/** Writes pieces that are surely read one by one. */
async function drip( response: ServerResponse, pieces: Buffer[] ) {
	for ( const piece of pieces ) {
		response.write( piece );
		await new Promise( ( resolve ) => setImmediate( resolve ) );
	}
	response.end();
}

function cutAt( bytes: Buffer, ...places: number[] ): Buffer[] {
	return [ 0, ...places ].map( ( from, index ) =>
		bytes.subarray( from, places[ index ] ?? bytes.length )
	);
}

const PLAIN = {
	model: shippedModel( 'tts-1', { usdPerMillionCharacters: undefined } ),
};

describe( 'speech of a server that is nearly like the provider', () => {
	it( 'is whole samples although it comes in odd pieces', async () => {
		const voice = await answering( ( response ) =>
			drip( response, cutAt( SAMPLES, 1, 2, 5, 4_096, 9_999 ) )
		);
		const spoken = await say( voice, PLAIN );
		expect( spoken.pcm.equals( SAMPLES ) ).toBe( true );
		expect( spoken ).toMatchObject( {
			finishReason: 'stop',
			usage: undefined,
			error: undefined,
		} );
	} );

	it( 'loses half a sample at its end and nothing else', async () => {
		const voice = await answering( ( response ) =>
			response.end( SAMPLES.subarray( 0, 1_001 ) )
		);
		const { pcm } = await say( voice, PLAIN );
		expect( pcm.equals( SAMPLES.subarray( 0, 1_000 ) ) ).toBe( true );
	} );

	it( 'is samples although they come with the head of a file', async () => {
		const file = wav(
			new Int16Array(
				SAMPLES.buffer,
				SAMPLES.byteOffset,
				SAMPLES.length / 2
			),
			24_000,
			{ extraChunkBytes: 20, claimedDataBytes: 0xffffffff }
		);
		const voice = await answering( ( response ) => {
			response.setHeader( 'content-type', 'audio/wav' );
			void drip( response, cutAt( file, 3, 30, 47 ) );
		} );
		const { pcm } = await say( voice, PLAIN );
		expect( pcm.equals( SAMPLES ) ).toBe( true );
	} );

	it.each( [
		[ 'audio/mpeg', 'ID3 not samples' ],
		[ 'application/json', '{"error":{"message":"no such voice"}}' ],
		[ 'text/html', '<html><body>Welcome</body></html>' ],
		[ 'audio/pcm', '' ],
	] )( 'that is %s is not played', async ( mimeType, body ) => {
		const voice = await answering( ( response ) => {
			response.setHeader( 'content-type', mimeType );
			response.end( body );
		} );
		const { error, pcm } = await say( voice, PLAIN );
		expect( error?.kind ).toMatch( /garbage|cut/ );
		expect( pcm ).toHaveLength( 0 );
	} );

	it( 'is heard although events were asked for and plain sound came', async () => {
		const voice = await answering( ( response ) => {
			response.setHeader( 'content-type', 'audio/pcm' );
			response.end( SAMPLES );
		} );
		const spoken = await say( voice );
		expect( spoken.pcm.equals( SAMPLES ) ).toBe( true );
		expect( spoken.usage ).toBeUndefined();
	} );

	it( 'ends with the error that stands among its events', async () => {
		const voice = await answering( ( response ) => {
			response.setHeader( 'content-type', 'text/event-stream' );
			response.end(
				'data: {"type":"error","error":{"type":"server_error","code":"server_is_overloaded","message":"x"}}\n\n'
			);
		} );
		const { error } = await say( voice );
		expect( error ).toMatchObject( {
			kind: 'unavailable',
			isUnbilled: false,
		} );
	} );
} );

describe( 'a transcription of a server that is nearly like the provider', () => {
	it.each( [
		[
			{ text: 'Hallo.', language: 'german', duration: 2.5 },
			{ text: 'Hallo.', language: undefined, usage: { seconds: 2.5 } },
		],
		[
			{ text: 'Hallo.', language: 'de', usage: { seconds: 3 } },
			{ text: 'Hallo.', language: 'de', usage: { seconds: 3 } },
		],
		[
			{ text: 'Hallo.', languages: [ 'de', 'en' ], usage: 'much' },
			{ text: 'Hallo.', language: 'de', usage: undefined },
		],
	] )( 'is read in shape %#', async ( reply, heard ) => {
		const voice = await answering( ( response ) =>
			response.end( JSON.stringify( reply ) )
		);
		expect( await hear( voice ) ).toMatchObject( heard );
	} );

	it.each( [
		[ '{"words":[]}', 'garbage' ],
		[ '{"text":7}', 'garbage' ],
		[ 'null', 'garbage' ],
		[ 'Hallo.', 'garbage' ],
		[ '', 'garbage' ],
		[ '{"error":{"code":"rate_limit_exceeded","message":"x"}}', 'rate' ],
	] )( 'that is %s is none', async ( body, kind ) => {
		const voice = await answering( ( response ) => response.end( body ) );
		const { error } = await hear( voice );
		expect( error ).toMatchObject( { kind, isUnbilled: false } );
	} );
} );

describe( 'Azure by its older addresses', () => {
	it( 'is asked for recordings and speech under the name of the deployment', async () => {
		const urls: string[] = [];
		const voice = await answering(
			( response, url ) => {
				urls.push( url );
				response.end( '{"text":"Hello."}' );
			},
			{ kind: 'azure', quirks: { apiVersion: '2025-03-01-preview' } }
		);
		expect( ( await hear( voice ) ).text ).toBe( 'Hello.' );
		await say( voice, PLAIN );
		await say( voice, { model: shippedModel( 'gpt-audio-1.5' ) } );
		expect( urls ).toEqual(
			[
				'gpt-transcribe/audio/transcriptions',
				'tts-1/audio/speech',
				'gpt-audio-1.5/chat/completions',
			].map(
				( path ) =>
					`/v1/deployments/${ path }?api-version=2025-03-01-preview`
			)
		);
	} );
} );

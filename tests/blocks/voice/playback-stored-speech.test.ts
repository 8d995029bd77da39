/**
 * Stored speech on its way: headers of every shape, pieces of every size, ranges, and servers that break off.
 */

import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSpeechFeed } from '../../../blocks/shared/voice/playback/speech-feed.ts';
import {
	fetchSpeech,
	UnplayableSpeech,
} from '../../../blocks/shared/voice/playback/stored-speech.ts';
import type { SpeechFile } from '../../../blocks/shared/voice/playback/stored-speech.ts';
import { wav } from '../../support/speech/wav.ts';

let server: Server;
let url: string;
let answer: ( request: IncomingMessage, response: ServerResponse ) => void;

beforeAll( async () => {
	server = createServer( ( request, response ) =>
		answer( request, response )
	);
	await new Promise< void >( ( resolve ) => {
		server.listen( 0, '127.0.0.1', resolve );
	} );
	url = `http://127.0.0.1:${ ( server.address() as AddressInfo ).port }/`;
} );
afterAll( () => {
	server.close();
	server.closeAllConnections();
} );

const count = ( length: number ) =>
	Int16Array.from( { length }, ( _, i ) => i );

async function read( from = 0, file: SpeechFile = {} ): Promise< number[] > {
	const samples: number[] = [];
	const pieces = fetchSpeech( url, from, {
		file,
		fetch,
		signal: AbortSignal.timeout( 5_000 ),
	} );
	for await ( const piece of pieces ) {
		samples.push( ...piece );
	}
	return samples;
}

/** Hands bytes over in pieces, as a stream does. */
function inPieces( bytes: Uint8Array, sizes: readonly number[] ): typeof fetch {
	return async () => {
		let at = 0;
		let turn = 0;
		return new Response(
			new ReadableStream( {
				pull( controller ) {
					const size = sizes[ turn++ % sizes.length ] ?? 1;
					controller.enqueue( bytes.slice( at, at + size ) );
					at += size;
					if ( at >= bytes.length ) {
						controller.close();
					}
				},
			} )
		);
	};
}

describe( 'stored speech', () => {
	it( 'arrives whole, however the network cuts it and whatever stands in its header', async () => {
		const pcm = count( 700 );
		await fc.assert(
			fc.asyncProperty(
				fc.array( fc.integer( { min: 1, max: 300 } ), {
					minLength: 1,
					maxLength: 5,
				} ),
				fc.constantFrom(
					{},
					{ extraChunkBytes: 34 },
					{ claimedDataBytes: 0xffffffff }
				),
				fc.integer( { min: 0, max: 699 } ),
				async ( sizes, options, from ) => {
					const samples: number[] = [];
					const pieces = fetchSpeech( url, from, {
						file: {},
						fetch: inPieces( wav( pcm, 24_000, options ), sizes ),
						signal: AbortSignal.timeout( 5_000 ),
					} );
					for await ( const piece of pieces ) {
						samples.push( ...piece );
					}
					expect( samples ).toEqual( [ ...pcm.subarray( from ) ] );
				}
			),
			{ numRuns: 60 }
		);
	} );

	it( 'is asked for by range once its header is known', async () => {
		const bytes = wav( count( 1_000 ), 24_000 );
		const ranges: Array< string | undefined > = [];
		answer = ( { headers }, response ) => {
			ranges.push( headers.range );
			const from = Number(
				/\d+/.exec( headers.range ?? '' )?.[ 0 ] ?? 0
			);
			response.statusCode = headers.range ? 206 : 200;
			response.end( bytes.subarray( from ) );
		};
		const file: SpeechFile = {};
		await read( 0, file );
		expect( ( await read( 990, file ) )[ 0 ] ).toBe( 990 );
		expect( ranges ).toEqual( [ undefined, 'bytes=2024-' ] );
	} );

	it( 'is found in the whole file when the server knows no ranges', async () => {
		answer = ( _request, response ) =>
			response.end( wav( count( 1_000 ), 24_000 ) );
		expect( await read( 995, { dataAt: 44 } ) ).toEqual( [
			995, 996, 997, 998, 999,
		] );
	} );

	it( 'behind its end is nothing', async () => {
		answer = ( _request, response ) => {
			response.statusCode = 416;
			response.end();
		};
		expect( await read( 5_000, { dataAt: 44 } ) ).toEqual( [] );
	} );

	it.each( [
		[
			'a page of words',
			Buffer.from( '<!doctype html><title>Maintenance</title>' ),
		],
		[ 'another rate', wav( count( 100 ), 16_000 ) ],
		[ 'two channels', wav( count( 100 ), 24_000, { channels: 2 } ) ],
		[ '8 bits', wav( count( 100 ), 24_000, { bits: 8 } ) ],
	] )( 'that is %s is refused', async ( _name, bytes ) => {
		answer = ( _request, response ) => response.end( bytes );
		await expect( read() ).rejects.toThrow( UnplayableSpeech );
	} );
} );

describe( 'a supply', () => {
	it( 'that breaks off is taken up where it broke', async () => {
		const pcm = count( 30_000 );
		const bytes = wav( pcm, 24_000 );
		let requests = 0;
		answer = ( { headers }, response ) => {
			requests++;
			const from = Number(
				/\d+/.exec( headers.range ?? '' )?.[ 0 ] ?? 0
			);
			response.writeHead( headers.range ? 206 : 200, {
				'Content-Length': bytes.length - from,
			} );
			if ( requests === 1 ) {
				response.write( bytes.subarray( 0, 10_001 ), () =>
					response.destroy()
				);
			} else {
				response.end( bytes.subarray( from ) );
			}
		};
		const samples: number[] = [];
		await new Promise< void >( ( resolve, reject ) => {
			createSpeechFeed( {
				url,
				fetch,
				push: ( piece ) => samples.push( ...piece ),
				finish: resolve,
				fail: reject,
			} ).from( 0 );
		} );
		expect( samples ).toEqual( [ ...pcm ] );
		expect( requests ).toBe( 2 );
	} );

	it( 'that is not there fails at once', async () => {
		answer = ( _request, response ) => {
			response.statusCode = 404;
			response.end();
		};
		const why = await new Promise( ( resolve ) => {
			createSpeechFeed( {
				url,
				fetch,
				push() {},
				finish() {},
				fail: resolve,
			} ).from( 0 );
		} );
		expect( why ).toBeInstanceOf( UnplayableSpeech );
	} );

	it( 'goes no further than half a minute ahead of what is heard', async () => {
		const bytes = wav( new Int16Array( 120 * 24_000 ), 24_000 );
		answer = ( _request, response ) => response.end( bytes );
		let pushed = 0;
		const feed = createSpeechFeed( {
			url,
			fetch,
			push: ( piece ) => ( pushed += piece.length ),
			finish() {},
			fail() {},
		} );
		feed.from( 0 );
		await expect.poll( () => pushed ).toBeGreaterThan( 30 * 24_000 );
		await new Promise( ( resolve ) => setTimeout( resolve, 50 ) );
		expect( pushed ).toBeLessThan( 35 * 24_000 );
		feed.heard( 20 * 24_000 );
		await expect.poll( () => pushed ).toBeGreaterThan( 50 * 24_000 );
		feed.halt();
	} );
} );

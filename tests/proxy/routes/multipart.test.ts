import { once } from 'node:events';
import { request, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { json } from 'node:stream/consumers';
import { createAdaptorServer } from '@hono/node-server';
import fc from 'fast-check';
import { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asDocentError } from '../../../proxy/src/errors.ts';
import { createMultipartReader } from '../../../proxy/src/routes/multipart.ts';
import { mintToken, SITE_ORIGIN } from '../../support/proxy/credentials.ts';
import { startProxy, type TestProxy } from '../../support/proxy/start-proxy.ts';

const MB = 1024 * 1024;

/** How many bytes the reader of the tests may hold at once. */
const ROOM = 20 * MB;

/** What the reader made of a body. */
interface Read {
	fields?: Record< string, string >;
	audio?: number | null;
	/** The last byte of the recording. */
	last?: number;
	code?: string;
	message?: string;
	retryAfterMs?: number;
}

let server: Server;
let url: string;
let proxy: TestProxy;

beforeAll( async () => {
	const read = createMultipartReader( { maxReadingBytes: ROOM } );
	const app = new Hono().post( '/', async ( c ) => {
		try {
			const { fields, audio } = await read( c );
			return c.json( {
				fields,
				audio: audio?.length ?? null,
				last: audio?.at( -1 ),
			} );
		} catch ( error ) {
			const { code, message, retryAfterMs } = asDocentError( error );
			return c.json( { code, message, retryAfterMs } );
		}
	} );
	server = createAdaptorServer( { fetch: app.fetch } ) as Server;
	server.listen( 0, '127.0.0.1' );
	await once( server, 'listening' );
	url = `http://127.0.0.1:${ ( server.address() as AddressInfo ).port }/`;
	proxy = await startProxy();
} );

afterAll( async () => {
	server.closeAllConnections();
	server.close();
	await proxy.close();
} );

async function sendForm( form: FormData ): Promise< Read > {
	return ( await fetch( url, { method: 'POST', body: form } ) ).json();
}

function formOf(
	fields: Record< string, string | Uint8Array< ArrayBuffer > >
): FormData {
	const form = new FormData();
	for ( const [ name, value ] of Object.entries( fields ) ) {
		if ( typeof value === 'string' ) {
			form.append( name, value );
		} else {
			form.append( name, new Blob( [ value ] ), 'speech.wav' );
		}
	}
	return form;
}

/** Sends over a connection of its own: one whose body was refused in the middle is not used again. */
async function sendRaw(
	body: string | Uint8Array,
	contentType = 'multipart/form-data; boundary=X'
): Promise< Read > {
	const sending = request( url, {
		method: 'POST',
		agent: false,
		headers: {
			'Content-Type': contentType,
			'Content-Length': Buffer.byteLength( body ),
		},
	} );
	sending.end( body );
	const [ response ] = await once( sending, 'response' );
	sending.on( 'error', () => {} );
	return json( response ) as Promise< Read >;
}

const part = ( name: string, value: string, more = '' ) =>
	`--X\r\nContent-Disposition: form-data; name="${ name }"${ more }\r\n\r\n${ value }\r\n`;
const END = '--X--\r\n';

describe( 'a body in parts', () => {
	it( 'gives its fields as text and its recording as bytes, whatever they are called', async () => {
		const audio = new Uint8Array( 3 * MB ).fill( 7 );
		expect(
			await sendForm(
				formOf( {
					question: 'Wie groß? 好',
					speech: 'true',
					scope: '{"postId":1}',
					audio,
				} )
			)
		).toEqual( {
			fields: {
				question: 'Wie groß? 好',
				speech: 'true',
				scope: '{"postId":1}',
			},
			audio: audio.length,
			last: 7,
		} );
	} );

	it( 'of exactly 8 MB of sound is taken', async () => {
		const read = await sendForm(
			formOf( { audio: new Uint8Array( 8 * MB ) } )
		);
		expect( read.audio ).toBe( 8 * MB );
	} );

	it.each( [
		[ 'without a file name', part( 'audio', 'abc' ) + END, 3 ],
		[
			'with a type and no name',
			part( 'audio', 'abc', '\r\nContent-Type: audio/wav' ) + END,
			3,
		],
		[ 'empty', part( 'audio', '' ) + END, 0 ],
		[
			'with something behind its end',
			part( 'audio', 'abc' ) + END + 'epilogue',
			3,
		],
	] )( 'may have a recording %s', async ( _, body, length ) => {
		expect( await sendRaw( body ) ).toMatchObject( {
			fields: {},
			audio: length,
		} );
	} );

	it( 'without a recording has none', async () => {
		expect( await sendRaw( part( 'question', 'hi' ) + END ) ).toEqual( {
			fields: { question: 'hi' },
			audio: null,
		} );
	} );
} );

describe( 'refused is a body', () => {
	it.each( [
		[
			'with a part that nobody reads',
			part( 'evil', 'x' ) + END,
			'bad_request',
			'audio, question',
		],
		[
			'with a part without a name',
			'--X\r\nContent-Disposition: form-data\r\n\r\nx\r\n' + END,
			'bad_request',
			'nobody reads',
		],
		[
			'with a prototype for a name',
			part( '__proto__', 'x' ) + END,
			'bad_request',
			'nobody reads',
		],
		[
			'with a picture',
			part( 'images[]', 'x', '; filename="a.png"' ) + END,
			'unsupported_media_type',
			'Pictures cannot be looked at yet',
		],
		[
			'with a field twice',
			part( 'question', 'a' ) + part( 'question', 'b' ) + END,
			'bad_request',
			'comes twice',
		],
		[
			'with two recordings',
			part( 'audio', 'a' ) + part( 'audio', 'b' ) + END,
			'bad_request',
			'comes twice',
		],
		[
			'with a field of 17 KB',
			part( 'question', 'x'.repeat( 17 * 1024 ) ) + END,
			'payload_too_large',
			'question is larger than 16 KB',
		],
		[
			'with a hundred thousand parts',
			'--X\r\n\r\n\r\n'.repeat( 100_000 ) + END,
			'bad_request',
			'more than 20 parts',
		],
		[ 'without a byte', '', 'bad_request', 'cannot be read' ],
		[ 'that is something else', 'hello', 'bad_request', 'cannot be read' ],
		[
			'that ends in a field',
			part( 'question', 'hi' ),
			'bad_request',
			'cannot be read',
		],
		[
			'that ends in the recording',
			'--X\r\nContent-Disposition: form-data; name="audio"\r\n\r\nab',
			'bad_request',
			'cannot be read',
		],
	] )( '%s', async ( _, body, code, words ) => {
		const read = await sendRaw( body );
		expect( read.code ).toBe( code );
		expect( read.message ).toContain( words );
	} );

	it( 'with a recording over 8 MB', async () => {
		const read = await sendForm(
			formOf( { audio: new Uint8Array( 8 * MB + 1 ) } )
		);
		expect( read ).toMatchObject( { code: 'payload_too_large' } );
	} );

	it.each( [
		[ 'multipart/form-data', 'bad_request' ],
		[
			`multipart/form-data; boundary=${ 'X'.repeat( 300 ) }`,
			'bad_request',
		],
		[ 'multipart/mixed; boundary=X', 'unsupported_media_type' ],
		[ 'application/json', 'unsupported_media_type' ],
	] )( 'whose type is %s', async ( type, code ) => {
		expect(
			( await sendRaw( part( 'audio', 'a' ) + END, type ) ).code
		).toBe( code );
	} );
} );

describe( 'whatever comes', () => {
	it( 'is read or refused, and never waited for in vain', async () => {
		const good =
			part( 'question', 'hi' ) +
			part( 'audio', 'abc', '; filename="a"' ) +
			END;
		const piece = fc.oneof(
			fc.constantFrom(
				'--X',
				'--',
				'\r\n',
				'\r\n\r\n',
				': ',
				';',
				'"',
				good,
				part( 'audio', '' ),
				'Content-Type: text/plain; charset=utf-16le\r\n',
				'Content-Disposition: form-data; name='
			),
			fc.nat( good.length ).map( ( length ) => good.slice( 0, length ) ),
			fc.string( { unit: 'binary', maxLength: 20 } )
		);
		await fc.assert(
			fc.asyncProperty(
				fc.array( piece, { maxLength: 8 } ),
				async ( pieces ) => {
					const read = await sendRaw(
						Buffer.from( pieces.join( '' ) )
					);
					expect(
						read.fields !== undefined ||
							[
								'bad_request',
								'unsupported_media_type',
							].includes( read.code ?? '' )
					).toBe( true );
				}
			),
			{ numRuns: 400 }
		);
	} );
} );

/** Opens a connection and sends the head of a request. */
async function open(
	to: string,
	headers: Record< string, string | number >
): Promise< Socket > {
	const { port, pathname } = new URL( to );
	const socket = connect( Number( port ), '127.0.0.1' );
	await once( socket, 'connect' );
	socket.write(
		`POST ${ pathname } HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: multipart/form-data; boundary=X\r\n${ Object.entries(
			headers
		)
			.map( ( [ name, value ] ) => `${ name }: ${ value }\r\n` )
			.join( '' ) }\r\n`
	);
	return socket;
}

/** Collects what a server answers until it says so much, or closes. */
async function answerOf( socket: Socket, until: RegExp ): Promise< string > {
	let text = '';
	socket.on( 'error', () => {} );
	for await ( const bytes of socket ) {
		text += bytes;
		if ( until.test( text ) ) {
			break;
		}
	}
	return text;
}

describe( 'room for bodies that are arriving', () => {
	it( 'is bounded: who comes too much is asked to come again, and has room once the others are done', async () => {
		const start = part( 'audio', '' ).slice( 0, -2 );
		const half = Buffer.alloc( 7 * MB );
		const waiting = await Promise.all(
			[ 1, 2 ].map( async () => {
				const socket = await open( url, {
					'Content-Length': start.length + half.length + 100,
				} );
				socket.write( start );
				socket.write( half );
				return socket;
			} )
		);
		const late = () =>
			sendForm( formOf( { audio: new Uint8Array( 7 * MB ) } ) );
		// The two may still be on their way when the third one comes.
		await expect
			.poll( late, { timeout: 5_000 } )
			.toMatchObject( { code: 'busy', retryAfterMs: 5_000 } );
		for ( const socket of waiting ) {
			socket.destroy();
		}
		await expect
			.poll( late, { timeout: 5_000 } )
			.toMatchObject( { audio: 7 * MB } );
	} );
} );

describe( '200 MB', () => {
	const token = mintToken( { consent: [ 'text', 'voice' ] } );
	const headers = { Authorization: `Bearer ${ token }`, Origin: SITE_ORIGIN };

	it( 'that are announced are refused before a byte of them came', async () => {
		const socket = await open( `${ proxy.url }/v1/ask`, {
			...headers,
			'Content-Length': 200 * MB,
		} );
		const answer = await answerOf( socket, /payload_too_large/ );
		expect( answer ).toMatch( /^HTTP\/1\.1 413 / );
	} );

	it( 'that are not announced are refused while they arrive, long before their end', async () => {
		const socket = await open( `${ proxy.url }/v1/ask`, {
			...headers,
			'Transfer-Encoding': 'chunked',
		} );
		let sent = 0;
		const send = () => {
			const bytes = Buffer.alloc( MB );
			while ( sent < 200 * MB && ! socket.destroyed ) {
				sent += bytes.length;
				if (
					! socket.write(
						Buffer.concat( [
							Buffer.from(
								`${ bytes.length.toString( 16 ) }\r\n`
							),
							bytes,
							Buffer.from( '\r\n' ),
						] )
					)
				) {
					return;
				}
			}
		};
		const head = part( 'audio', '' ).slice( 0, -2 );
		socket.write( `${ head.length.toString( 16 ) }\r\n${ head }\r\n` );
		socket.on( 'drain', send );
		send();
		const answer = await answerOf( socket, /payload_too_large/ );
		expect( answer ).toMatch( /^HTTP\/1\.1 413 / );
		expect( sent ).toBeLessThan( 60 * MB );
		socket.destroy();
	} );

	it( 'in parts at any other address are refused by the small limit', async () => {
		const socket = await open( `${ proxy.url }/v1/turns`, {
			...headers,
			'Content-Length': MB,
		} );
		expect( await answerOf( socket, /\}/ ) ).toMatch( /^HTTP\/1\.1 413 / );
	} );

	it( 'of JSON are refused at this one', async () => {
		const response = await proxy.ask( 'x'.repeat( 70_000 ) );
		expect( response.status ).toBe( 413 );
	} );
} );

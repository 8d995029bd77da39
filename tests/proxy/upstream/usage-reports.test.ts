/**
 * Asks through a whole proxy, at a provider that answers well and reports badly, and looks into the book.
 */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SITE_ID } from '../../support/proxy/credentials.ts';
import { SHOP } from '../../support/proxy/shop.ts';
import { textOf } from '../../support/proxy/sse.ts';
import { startProxy, type TestProxy } from '../../support/proxy/start-proxy.ts';

const ANSWER = 'Shipping costs 4.90 euros inside Germany.';

let provider: Server;
let proxy: TestProxy;
/** What the provider sends after the words of its answer. */
let ending: ( chunk: ( over: object ) => string ) => string;
/** What it sends in the middle before it breaks off; undefined lets it come to its end. */
let breakingOff: typeof ending | undefined;

beforeEach( async () => {
	breakingOff = undefined;
	provider = createServer( ( request, response ) => {
		request.resume();
		request.on( 'end', () => {
			const chunk = ( over: object ) =>
				`data: ${ JSON.stringify( {
					id: 'chatcmpl-1',
					object: 'chat.completion.chunk',
					created: 1,
					model: 'gpt-6-luna',
					choices: [],
					...over,
				} ) }\n\n`;
			response.writeHead( 200, { 'content-type': 'text/event-stream' } );
			const words = chunk( {
				choices: [ { index: 0, delta: { content: ANSWER } } ],
			} );
			if ( breakingOff ) {
				response.write( words + breakingOff( chunk ), () =>
					response.destroy()
				);
				return;
			}
			response.end(
				words +
					chunk( {
						choices: [
							{ index: 0, delta: {}, finish_reason: 'stop' },
						],
					} ) +
					ending( chunk )
			);
		} );
	} ).listen( 0, '127.0.0.1' );
	await once( provider, 'listening' );
	const { port } = provider.address() as AddressInfo;
	proxy = await startProxy( {
		providerUrl: `http://127.0.0.1:${ port }/v1`,
	} );
	await proxy.site( 'PUT', '/v1/site/documents', { documents: SHOP } );
} );

afterEach( async () => {
	await proxy.close();
	provider.close();
} );

/** Asks, and returns the answer with the call's entries in the book, the reserve first. */
async function askWith( end: typeof ending ) {
	ending = end;
	const text = textOf( await proxy.events( 'How much is shipping?' ) );
	const [ settled, reserved ] = await proxy.services.ledger.entries(
		SITE_ID,
		2
	);
	if ( ! settled || ! reserved ) {
		throw new Error( 'the book has no entry' );
	}
	expect( [ reserved.kind, settled.kind ] ).toEqual( [
		'reserve',
		'settle',
	] );
	return { text, reserved, settled };
}

const DONE = 'data: [DONE]\n\n';

describe( 'a provider that answers well', () => {
	it( 'and reports well is paid to the nano-dollar', async () => {
		const { text, settled } = await askWith(
			( chunk ) =>
				chunk( {
					usage: {
						prompt_tokens: 900,
						completion_tokens: 12,
						total_tokens: 912,
						prompt_tokens_details: { cached_tokens: 400 },
					},
				} ) + DONE
		);
		expect( text ).toContain( '4.90' );
		expect( settled ).toMatchObject( {
			amounts: { nanoUsd: 500 * 100 + 400 * 10 + 12 * 500 },
			isEstimated: false,
			usage: { textIn: 500, textCachedIn: 400, textOut: 12 },
		} );
	} );

	it.each( [
		[ 'nothing', undefined ],
		[ 'negative tokens', { prompt_tokens: -900, completion_tokens: -12 } ],
		[
			'tokens without end',
			{ prompt_tokens: 1e300, completion_tokens: 1 },
		],
		[ 'words', { prompt_tokens: 'few', completion_tokens: 'fewer' } ],
		[ 'that it read nothing', { prompt_tokens: 0, completion_tokens: 0 } ],
	] )(
		'and reports %s is paid by our own count from above, within the reserve, and the visitor has the answer',
		async ( _, usage ) => {
			const { text, reserved, settled } = await askWith(
				( chunk ) => ( usage ? chunk( { usage } ) : '' ) + DONE
			);
			expect( text ).toContain( '4.90' );
			expect( settled.isEstimated ).toBe( true );
			// No fewer than one token for each word of the question and the answer.
			expect( settled.amounts.nanoUsd ).toBeGreaterThan( 100 * 100 );
			expect( settled.amounts.nanoUsd ).toBeLessThanOrEqual(
				reserved.amounts.nanoUsd
			);
		}
	);

	it( 'and reports ten times the estimate is paid what it reports, because it will ask for it', async () => {
		const { settled } = await askWith(
			( chunk ) =>
				chunk( {
					usage: { prompt_tokens: 9_000, completion_tokens: 120 },
				} ) + DONE
		);
		expect( settled ).toMatchObject( {
			amounts: { nanoUsd: 9_000 * 100 + 120 * 500 },
			isEstimated: false,
		} );
	} );

	it( 'and reports after the end of its stream is paid what it reports', async () => {
		const { settled } = await askWith(
			( chunk ) =>
				DONE +
				chunk( {
					usage: { prompt_tokens: 900, completion_tokens: 12 },
				} )
		);
		expect( settled ).toMatchObject( {
			amounts: { nanoUsd: 900 * 100 + 12 * 500 },
			isEstimated: false,
		} );
	} );

	it( 'and reports twice is paid by its last word, once', async () => {
		const { settled } = await askWith(
			( chunk ) =>
				chunk( {
					usage: { prompt_tokens: 900, completion_tokens: 1 },
				} ) +
				chunk( {
					usage: { prompt_tokens: 900, completion_tokens: 12 },
				} ) +
				DONE
		);
		expect( settled.amounts.nanoUsd ).toBe( 900 * 100 + 12 * 500 );
		const { day } = await (
			await proxy.site( 'GET', '/v1/site/usage' )
		).json();
		expect( day ).toMatchObject( {
			spentNanoUsd: 900 * 100 + 12 * 500,
			heldNanoUsd: 0,
		} );
	} );

	it( 'and spoils its report in a second one is paid by the good one', async () => {
		const { settled } = await askWith(
			( chunk ) =>
				chunk( {
					usage: { prompt_tokens: 900, completion_tokens: 12 },
				} ) +
				chunk( {
					usage: { prompt_tokens: -1, completion_tokens: -1 },
				} ) +
				DONE
		);
		expect( settled ).toMatchObject( {
			amounts: { nanoUsd: 900 * 100 + 12 * 500 },
			isEstimated: false,
		} );
	} );

	it( 'and reports along the way is not believed when it breaks off: the rest may be billed, too', async () => {
		breakingOff = ( chunk ) =>
			chunk( { usage: { prompt_tokens: 5, completion_tokens: 2 } } );
		await proxy.events( 'How much is shipping?' );
		const [ settled, reserved ] = await proxy.services.ledger.entries(
			SITE_ID,
			2
		);
		expect( settled ).toMatchObject( {
			kind: 'settle',
			isEstimated: true,
		} );
		expect( settled?.amounts.nanoUsd ).toBeGreaterThan( 100 * 100 );
		expect( settled?.amounts.nanoUsd ).toBeLessThanOrEqual(
			reserved?.amounts.nanoUsd ?? 0
		);
	} );
} );

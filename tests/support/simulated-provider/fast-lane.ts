/**
 * Answers load tests: the same stream every time, built once, with next to no work a request.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { WritableBill } from './bill.ts';
import { priceOf } from './prices.ts';
import { chunkMaker, completionBody, frame } from './wire.ts';

const MODEL = 'gpt-6-luna';
const BYTES_PER_TOKEN = 4;
const STREAM_MARK = Buffer.from( '"stream":true' );

/** Builds the reply once and returns the handler that sends it. */
export function createFastLane(
	chunks: number,
	bill: WritableBill
): ( request: IncomingMessage, response: ServerResponse ) => void {
	const words = Array.from( { length: chunks }, ( _value, index ) =>
		index === chunks - 1
			? '\n[[docent]] mood=neutral confident=yes handoff=no used=1'
			: `Word ${ index } of the answer. `
	);
	const usage = {
		prompt_tokens: 600,
		completion_tokens: chunks * 6,
		total_tokens: 600 + chunks * 6,
		prompt_tokens_details: { cached_tokens: 0 },
		completion_tokens_details: { reasoning_tokens: 0 },
	};
	const plan = { id: 'chatcmpl-fast', created: 1_780_000_000, model: MODEL };
	const make = chunkMaker( plan, true );
	const frames = [
		make.role(),
		...words.map( ( word ) => make.content( word ) ),
		make.finish( 'stop' ),
		make.usage( usage ),
	]
		.map( frame )
		.concat( frame( '[DONE]' ) )
		.map( ( text ) => Buffer.from( text ) );
	const whole = Buffer.from(
		JSON.stringify(
			completionBody( {
				...plan,
				deltas: words,
				finishReason: 'stop',
				refusal: null,
				usage,
				outputAfter: () => usage.completion_tokens,
				startTokens: {
					input: usage.prompt_tokens,
					cachedInput: 0,
					cacheWrite: 0,
					output: 0,
				},
			} )
		)
	);
	let sequence = 0;

	return ( request, response ) => {
		let size = 0;
		let isStream = false;
		request.on( 'data', ( part: Buffer ) => {
			size += part.length;
			isStream ||= part.includes( STREAM_MARK );
		} );
		request.on( 'end', () => {
			bill.addUnlisted(
				priceOf( MODEL, {
					input: Math.ceil( size / BYTES_PER_TOKEN ),
					cachedInput: 0,
					cacheWrite: 0,
					output: usage.completion_tokens,
				} )
			);
			response.writeHead( 200, {
				'content-type': isStream
					? 'text/event-stream; charset=utf-8'
					: 'application/json',
				'x-request-id': `req_fast${ ++sequence }`,
			} );
			if ( ! isStream ) {
				response.end( whole );
				return;
			}
			for ( const bytes of frames ) {
				response.write( bytes );
			}
			response.end();
		} );
	};
}

/**
 * `GET /v1/speech/:id`: hands out stored speech, whole or in part. Whoever has the address may hear it, because it cannot be guessed.
 */
import { Hono } from 'hono';
import { DocentError } from '../errors.ts';
import { setHeader, type AppVariables } from '../middleware/request-context.ts';
import type { Services } from '../services.ts';
import { DEFAULT_SETTINGS } from '../settings.ts';
import type { SpeechStore, StoredSpeech } from '../stores/speech-store.ts';
import { matchesTag, readRange, type ByteRange } from './byte-range.ts';

const ID = /^[0-9a-f]{32}$/;

/** So much is read and handed on at a time, in bytes: what a slow listener holds of memory. */
const PIECE = 64 * 1024;

/** The same text in the same voice always has the same id, so that nothing behind an address ever changes. */
const CACHING = 'public, max-age=31536000, immutable';

/** Makes the route of stored speech. `HEAD` is answered by it as well. */
export function createSpeechRoute( { stores, sites, rateLimiter }: Services ) {
	return new Hono< AppVariables >().get(
		'/speech/:id',
		async ( c ): Promise< Response > => {
			const id = c.req.param( 'id' );
			const speech = ID.test( id )
				? await stores.speech.open( id )
				: undefined;
			const siteId = speech?.siteId ?? '';
			const { rateLimits } = speech
				? await sites.settings( siteId )
				: DEFAULT_SETTINGS;
			const { headers, retryAfterMs } = await rateLimiter.take( {
				route: 'speech',
				siteId,
				// Nobody says who they are here.
				visitorId: c.var.address,
				address: c.var.address,
				limits: rateLimits,
			} );
			if ( retryAfterMs !== undefined ) {
				for ( const [ name, value ] of Object.entries( headers ) ) {
					setHeader( c, name, value );
				}
				throw new DocentError(
					'rate_limited',
					'Speech is being asked for faster than this site allows. Please wait a moment.',
					{ retryAfterMs }
				);
			}
			if ( ! speech ) {
				c.header( 'Cache-Control', 'no-store' );
				throw new DocentError(
					'not_found',
					'This speech is not there any more.'
				);
			}
			const tag = `"${ id }"`;
			c.header( 'ETag', tag );
			c.header( 'Cache-Control', CACHING );
			c.header( 'Accept-Ranges', 'bytes' );
			// Pages that isolate themselves may play it, too.
			c.header( 'Cross-Origin-Resource-Policy', 'cross-origin' );
			if ( matchesTag( c.req.header( 'if-none-match' ), tag ) ) {
				return c.body( null, 304 );
			}
			const ifRange = c.req.header( 'if-range' );
			const range =
				ifRange === undefined || ifRange === tag
					? readRange( c.req.header( 'range' ), speech.bytes )
					: 'whole';
			if ( range === 'unsatisfiable' ) {
				c.header( 'Content-Range', `bytes */${ speech.bytes }` );
				c.header( 'Cache-Control', 'no-store' );
				return c.body( null, 416 );
			}
			const { start, end }: ByteRange =
				range === 'whole' ? { start: 0, end: speech.bytes - 1 } : range;
			const isHead = c.req.method === 'HEAD';
			const first = await stores.speech.read(
				speech,
				start,
				isHead ? start : Math.min( end, start + PIECE - 1 )
			);
			if ( ! first ) {
				c.header( 'Cache-Control', 'no-store' );
				throw new DocentError(
					'not_found',
					'This speech is not there any more.'
				);
			}
			c.header( 'Content-Type', speech.mimeType );
			c.header( 'Content-Length', String( end - start + 1 ) );
			if ( range !== 'whole' ) {
				c.header(
					'Content-Range',
					`bytes ${ start }-${ end }/${ speech.bytes }`
				);
			}
			c.status( range === 'whole' ? 200 : 206 );
			return isHead
				? c.body( null )
				: c.body(
						stream( stores.speech, speech, first, {
							start: start + first.length,
							end,
						} )
					);
		}
	);
}

/** Streams speech from its first piece on, one piece whenever the listener has taken the one before. */
function stream(
	store: SpeechStore,
	speech: StoredSpeech,
	first: Uint8Array,
	rest: ByteRange
): ReadableStream< Uint8Array > {
	let next: Uint8Array | undefined = first;
	let at = rest.start;
	return new ReadableStream(
		{
			async pull( controller ) {
				const piece =
					next ??
					( await store.read(
						speech,
						at,
						Math.min( rest.end, at + PIECE - 1 )
					) );
				if ( ! piece ) {
					// It went while it was heard: a connection that breaks tells so, a short answer would not.
					controller.error( new Error( 'the speech is gone' ) );
					return;
				}
				at += next ? 0 : piece.length;
				next = undefined;
				controller.enqueue( piece );
				if ( at > rest.end ) {
					controller.close();
				}
			},
		},
		{ highWaterMark: 0 }
	);
}

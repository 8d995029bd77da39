/**
 * Says what it means when a realtime session is refused, closed, or reports an error.
 */
import type { IncomingMessage } from 'node:http';
import {
	errorFromReply,
	errorFromStrangeReply,
	errorInside,
} from './error-reply.ts';
import { UpstreamError } from './upstream-error.ts';

/** More of a refusal is not read, in bytes, and not for longer, in milliseconds. */
const MAX_REFUSAL = 64_000;
const REFUSAL_MS = 5_000;

/** Reads a reply that came in the place of the session, and judges it as any other reply. */
export async function errorOfRefusal(
	reply: IncomingMessage,
	{ quotaIsRate }: { quotaIsRate: boolean }
): Promise< UpstreamError > {
	const timer = setTimeout( () => reply.destroy(), REFUSAL_MS );
	let text = '';
	try {
		reply.setEncoding( 'utf8' );
		for await ( const piece of reply as AsyncIterable< string > ) {
			text += piece;
			if ( text.length > MAX_REFUSAL ) {
				break;
			}
		}
	} catch {
		// The status says enough.
	} finally {
		clearTimeout( timer );
	}
	const status = reply.statusCode ?? 0;
	return status >= 300
		? errorFromReply(
				{ status, headers: reply.headers, text },
				{ now: Date.now(), quotaIsRate }
			)
		: errorFromStrangeReply( text, Date.now() );
}

/** Turns what the socket threw into what the transport's table knows; undefined when that table knows it itself. */
export function errorOfSocket( error: Error ): UpstreamError | undefined {
	const { code = '' } = error as NodeJS.ErrnoException;
	// The library has codes for broken frames, and only words for a broken answer to the upgrade.
	return code.startsWith( 'WS_ERR_' ) ||
		code.startsWith( 'HPE_' ) ||
		/^(Invalid (Upgrade|Sec-WebSocket|WebSocket)|Server sent )/.test(
			error.message
		)
		? new UpstreamError(
				'garbage',
				'the provider sent what is not a WebSocket',
				{ cause: error }
			)
		: undefined;
}

/** Reads an `error` event, or the error inside of a failed response. */
export function errorOfEvent( error: unknown ): UpstreamError {
	const found = errorInside( { error: error ?? {} }, Date.now() );
	if ( found && found.kind !== 'cut' ) {
		return found;
	}
	return new UpstreamError(
		isInvalidRequest( error ) ? 'refused' : 'unavailable',
		'the provider reported an error in the session'
	);
}

/** Says why the provider closed a session, from the code of RFC 6455 and from the last word before it. */
export function errorOfClose(
	code: number,
	lastError: UpstreamError | undefined
): UpstreamError {
	if ( lastError ) {
		return lastError;
	}
	if ( code === 1002 || code === 1007 || code === 1009 ) {
		return new UpstreamError(
			'garbage',
			`the provider closed the session with code ${ code }`
		);
	}
	if ( code >= 1011 && code <= 1014 ) {
		return new UpstreamError(
			'unavailable',
			`the provider closed the session with code ${ code }`
		);
	}
	return new UpstreamError(
		'cut',
		`the provider closed the session with code ${ code }`
	);
}

/** Says of a session that did not begin that nothing can be billed: nothing was asked in it. */
export function neverBegan( error: UpstreamError ): UpstreamError {
	const { kind, message, status, retryAfterMs, code } = error;
	return error.isUnbilled
		? error
		: new UpstreamError( kind, message, {
				cause: error,
				status,
				retryAfterMs,
				code,
				wasNeverSent: true,
			} );
}

function isInvalidRequest( error: unknown ): boolean {
	return (
		typeof error === 'object' &&
		error !== null &&
		'type' in error &&
		error.type === 'invalid_request_error'
	);
}

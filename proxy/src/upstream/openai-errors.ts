/**
 * Turns what the SDK throws into errors that the rest of the proxy can act on.
 */
import {
	APIConnectionError,
	APIConnectionTimeoutError,
	APIError,
	APIUserAbortError,
} from 'openai';
import { UpstreamError, type UpstreamErrorKind } from './upstream-error.ts';

/** Turns whatever the SDK or the stream threw into an {@link UpstreamError}. */
export function toUpstreamError(
	error: unknown,
	signal: AbortSignal
): UpstreamError {
	if ( error instanceof UpstreamError ) {
		return error;
	}
	if ( signal.aborted ) {
		return signal.reason instanceof UpstreamError
			? signal.reason
			: new UpstreamError( 'aborted', 'the call was stopped', {
					cause: error,
				} );
	}
	if ( error instanceof APIUserAbortError ) {
		return new UpstreamError( 'aborted', 'the call was stopped', {
			cause: error,
		} );
	}
	if ( error instanceof APIConnectionTimeoutError ) {
		return new UpstreamError(
			'timeout',
			'the provider did not answer in time',
			{
				cause: error,
			}
		);
	}
	if ( error instanceof APIConnectionError ) {
		return new UpstreamError(
			wasConnected( error ) ? 'cut' : 'network',
			'the provider could not be reached',
			{ cause: error }
		);
	}
	if ( error instanceof APIError ) {
		return fromStatus( error );
	}
	if ( error instanceof SyntaxError ) {
		return new UpstreamError(
			'garbage',
			'the provider sent what is not JSON',
			{
				cause: error,
			}
		);
	}
	return new UpstreamError( 'cut', 'the provider broke off', {
		cause: error,
	} );
}

function fromStatus( error: InstanceType< typeof APIError > ): UpstreamError {
	const { status } = error;
	// Never the provider's own words, nor the error that holds them: they quote the key and the question, and this reaches the log.
	const summary = `the provider answered ${ status ?? 'with an error' } (${ error.code ?? error.type ?? 'no code' })`;
	const make = ( kind: UpstreamErrorKind ) =>
		new UpstreamError( kind, summary, { status } );
	if ( status === 401 || status === 403 ) {
		return make( 'auth' );
	}
	if ( status === 404 ) {
		return make( 'model_gone' );
	}
	if ( status === 429 ) {
		const isQuota =
			error.type === 'insufficient_quota' ||
			error.code === 'insufficient_quota' ||
			error.code === 'credit_balance_exhausted';
		return make( isQuota ? 'quota' : 'rate' );
	}
	if ( status === undefined ) {
		// An error object inside a stream that had begun.
		return make( 'cut' );
	}
	return make( status >= 500 ? 'unavailable' : 'refused' );
}

/** Codes of failures that happen before the provider can have read the request. */
const BEFORE_CONNECTION = new Set( [
	'ECONNREFUSED',
	'ENOTFOUND',
	'EAI_AGAIN',
	'EHOSTUNREACH',
	'ENETUNREACH',
	'UND_ERR_CONNECT_TIMEOUT',
] );

function wasConnected( error: Error ): boolean {
	for (
		let cause: unknown = error;
		cause instanceof Error;
		cause = cause.cause
	) {
		if (
			'code' in cause &&
			BEFORE_CONNECTION.has( String( cause.code ) )
		) {
			return false;
		}
	}
	return true;
}

/**
 * Makes the errors of calls that a gate did not let through. Nothing was sent, so nothing is billed.
 */
import { UpstreamError } from './upstream-error.ts';

/** Says that our queue is full, or the wait too long. */
export function busy( retryAfterMs: number ): UpstreamError {
	return new UpstreamError(
		'busy',
		'too many calls wait for this provider already',
		{ retryAfterMs: Math.ceil( retryAfterMs ) }
	);
}

/** Says that the provider takes no calls to a model for a while. */
export function rateLimited( retryAfterMs: number ): UpstreamError {
	return new UpstreamError(
		'rate',
		'the provider takes no more calls to this model for a moment',
		{ retryAfterMs: Math.ceil( retryAfterMs ), wasNeverSent: true }
	);
}

/** Says that a call was stopped before it was sent. */
export function stopped(): UpstreamError {
	return new UpstreamError( 'aborted', 'the call was stopped', {
		wasNeverSent: true,
	} );
}

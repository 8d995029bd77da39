/**
 * Says that what is kept cannot be reached now.
 */
import { DocentError } from '../errors.ts';

/** When trying again is worth it, in milliseconds. */
const RETRY_AFTER_MS = 5_000;

/** Answers `503 storage_unavailable` with `Retry-After`: the store is away, full, or did not answer in time. */
export class StoreAwayError extends DocentError {
	/** What is wrong, for the operator's log; never a password. */
	readonly reason: string;

	constructor(
		reason: string,
		options: { cause?: unknown; retryAfterMs?: number } = {}
	) {
		super(
			'storage_unavailable',
			'The assistant cannot save its work right now. Please try again in a moment.',
			{ retryAfterMs: RETRY_AFTER_MS, ...options }
		);
		this.name = 'StoreAwayError';
		this.reason = reason;
	}
}

/** Tells whether an error means that the store is away, so that the caller may go on without it. */
export function isStoreAway( error: unknown ): error is StoreAwayError {
	return error instanceof StoreAwayError;
}

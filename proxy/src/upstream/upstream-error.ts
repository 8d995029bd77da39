/**
 * Says why a provider did not answer, in words that the code can act on.
 */
import { codeOfKind, type FailureCode } from './diagnosis.ts';

/** What went wrong upstream; decides what happens next. */
export type UpstreamErrorKind =
	| 'auth'
	| 'rate'
	| 'quota'
	| 'model_gone'
	/** The request itself was not taken; the code tells a content policy and a context that is too long apart. */
	| 'refused'
	| 'unavailable'
	| 'network'
	| 'timeout'
	| 'garbage'
	| 'cut'
	/** Our own queue for the provider is full, or its wait is longer than allowed. Nothing was sent. */
	| 'busy'
	| 'aborted';

/** What is known about a failure besides its kind. */
export interface UpstreamErrorOptions {
	cause?: unknown;
	/** The HTTP status, when there was a reply with an error. */
	status?: number | undefined;
	/** How long the provider asks to wait, in milliseconds. */
	retryAfterMs?: number | undefined;
	/** More exact than the code of the kind. */
	code?: FailureCode | undefined;
	/** Whether the call surely never reached the provider. */
	wasNeverSent?: boolean | undefined;
}

/** A failed call to a provider. */
export class UpstreamError extends Error {
	readonly kind: UpstreamErrorKind;
	readonly status: number | undefined;
	readonly retryAfterMs: number | undefined;
	/** The stable code for log, figures and owner; undefined when the call was stopped on purpose. */
	readonly code: FailureCode | undefined;
	readonly #wasNeverSent: boolean;

	constructor(
		kind: UpstreamErrorKind,
		message: string,
		options: UpstreamErrorOptions = {}
	) {
		super( message, { cause: options.cause } );
		this.name = 'UpstreamError';
		this.kind = kind;
		this.status = options.status;
		this.retryAfterMs = options.retryAfterMs;
		this.code = options.code ?? codeOfKind( kind );
		this.#wasNeverSent = options.wasNeverSent ?? false;
	}

	/**
	 * Tells whether the provider surely did no billable work: it answered with an error status before it produced anything, or
	 * nothing was sent. A time-out proves nothing, not even one that a gateway answers with.
	 */
	get isUnbilled(): boolean {
		return (
			this.#wasNeverSent ||
			this.kind === 'network' ||
			this.kind === 'busy' ||
			( this.status !== undefined && this.kind !== 'timeout' )
		);
	}
}

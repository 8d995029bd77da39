/**
 * Says why a provider did not answer, in words that the code can act on.
 */

/** What went wrong upstream; decides what happens next and what the owner is told. */
export type UpstreamErrorKind =
	| 'auth'
	| 'rate'
	| 'quota'
	| 'model_gone'
	| 'refused'
	| 'unavailable'
	| 'network'
	| 'timeout'
	| 'garbage'
	| 'cut'
	| 'aborted';

/** A failed call to a provider. */
export class UpstreamError extends Error {
	readonly kind: UpstreamErrorKind;
	readonly status: number | undefined;

	constructor(
		kind: UpstreamErrorKind,
		message: string,
		options: { cause?: unknown; status?: number | undefined } = {}
	) {
		super( message, { cause: options.cause } );
		this.name = 'UpstreamError';
		this.kind = kind;
		this.status = options.status;
	}

	/**
	 * Tells whether the provider surely did no billable work: it answered with an error status before it produced anything, or
	 * the connection was never made. A time-out proves nothing.
	 */
	get isUnbilled(): boolean {
		return this.status !== undefined || this.kind === 'network';
	}
}

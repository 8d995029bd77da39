/**
 * Sorts everything that can go wrong for a visitor into the few kinds the panel has a sentence for.
 */

/** What went wrong, as far as the visitor's next step depends on it. */
export type FailureKind =
	| 'offline'
	| 'unreachable'
	| 'refused'
	| 'rate_limited'
	| 'busy'
	| 'storage_away'
	| 'conversation_busy'
	| 'not_found'
	| 'consent_required'
	| 'not_connected'
	| 'question_empty'
	| 'question_too_long'
	| 'too_large'
	| 'sent_before'
	| 'outdated'
	| 'interrupted'
	| 'audio_empty'
	| 'audio_too_short'
	| 'audio_too_long'
	| 'audio_silent'
	| 'audio_unreadable'
	| 'nothing_heard'
	| 'recording_lost'
	| 'voice_unavailable'
	| 'voice_off'
	| 'failed';

/** Failures after which only another recording helps. */
export const NEEDS_RECORDING: ReadonlySet< FailureKind > = new Set( [
	'audio_empty',
	'audio_too_short',
	'audio_too_long',
	'audio_silent',
	'audio_unreadable',
	'nothing_heard',
	'recording_lost',
] as const );

/** Carries a kind of failure and, when the other side named one, how long to wait before trying again. */
export class AssistantFailure extends Error {
	readonly kind: FailureKind;
	readonly retryAfterMs: number | undefined;
	/** HTTP status, 0 when there was no reply at all. */
	readonly status: number;

	constructor(
		kind: FailureKind,
		options: {
			retryAfterMs?: number | undefined;
			status?: number;
			cause?: unknown;
		} = {}
	) {
		super( kind, { cause: options.cause } );
		this.kind = kind;
		this.retryAfterMs = options.retryAfterMs;
		this.status = options.status ?? 0;
	}
}

/** Error codes of the proxy and of the WordPress token route. */
const KIND_OF_CODE: Record< string, FailureKind | undefined > = {
	token_missing: 'refused',
	token_invalid: 'refused',
	token_expired: 'refused',
	wrong_origin: 'refused',
	https_required: 'refused',
	docent_wrong_origin: 'refused',
	docent_not_connected: 'not_connected',
	docent_rate_limited: 'rate_limited',
	rate_limited: 'rate_limited',
	busy: 'busy',
	storage_unavailable: 'storage_away',
	conversation_busy: 'conversation_busy',
	consent_required: 'consent_required',
	not_found: 'not_found',
	question_empty: 'question_empty',
	question_too_long: 'question_too_long',
	payload_too_large: 'too_large',
	idempotency_key_reused: 'sent_before',
	upgrade_required: 'outdated',
	audio_empty: 'audio_empty',
	audio_too_short: 'audio_too_short',
	audio_too_long: 'audio_too_long',
	audio_silent: 'audio_silent',
	audio_unreadable: 'audio_unreadable',
	nothing_heard: 'nothing_heard',
	voice_unavailable: 'voice_unavailable',
	voice_off: 'voice_off',
	// The question did not arrive whole, so nothing was begun.
	request_timeout: 'unreachable',
	// Only a page from before an update sends what the proxy cannot read.
	bad_request: 'outdated',
	unsupported_media_type: 'outdated',
	method_not_allowed: 'outdated',
	internal: 'failed',
	answer_failed: 'failed',
};

const KIND_OF_STATUS: Record< number, FailureKind | undefined > = {
	401: 'refused',
	403: 'refused',
	429: 'rate_limited',
	502: 'unreachable',
	503: 'busy',
	504: 'unreachable',
};

/** Longest wait that is believed: a wrong clock or header must not lock a visitor out for hours. */
const MAX_RETRY_AFTER_MS = 15 * 60_000;

/** Tells the kind of an `error` event or error body from its code. */
export function failureOfCode(
	code: string,
	retryAfterMs?: number | undefined
): AssistantFailure {
	return new AssistantFailure( KIND_OF_CODE[ code ] ?? 'failed', {
		retryAfterMs: boundedWait( retryAfterMs ),
		status: 200,
	} );
}

/** Reads a reply that is not a success; understands the proxy's error body, WordPress's, and bodies that are neither. */
export async function failureOfResponse(
	response: Response
): Promise< AssistantFailure > {
	let body: Record< string, unknown > = {};
	try {
		const parsed: unknown = await response.json();
		body = ( parsed as { error?: unknown } )?.error
			? ( parsed as { error: Record< string, unknown > } ).error
			: ( ( parsed as Record< string, unknown > ) ?? {} );
	} catch {
		// A web server or firewall in between answers with a page of its own: the status has to do.
	}
	const code = typeof body.code === 'string' ? body.code : '';
	const seconds = Number( response.headers.get( 'retry-after' ) ?? NaN );
	const retryAfterMs =
		typeof body.retryAfterMs === 'number'
			? body.retryAfterMs
			: seconds * 1000;
	return new AssistantFailure(
		KIND_OF_CODE[ code ] ?? KIND_OF_STATUS[ response.status ] ?? 'failed',
		{ retryAfterMs: boundedWait( retryAfterMs ), status: response.status }
	);
}

/** Makes a failure of anything thrown. */
export function asFailure(
	thrown: unknown,
	isOnline: boolean
): AssistantFailure {
	if ( thrown instanceof AssistantFailure ) {
		return thrown;
	}
	return new AssistantFailure( isOnline ? 'unreachable' : 'offline', {
		cause: thrown,
	} );
}

function boundedWait( retryAfterMs: number | undefined ): number | undefined {
	return retryAfterMs !== undefined && retryAfterMs >= 0
		? Math.min( retryAfterMs, MAX_RETRY_AFTER_MS )
		: undefined;
}

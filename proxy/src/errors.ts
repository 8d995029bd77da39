/**
 * Lists every error the proxy can answer with, and turns each into its status and its one JSON body.
 */
import type { ZodError } from 'zod';

const STATUS = {
	bad_request: 400,
	question_empty: 400,
	question_too_long: 400,
	audio_empty: 400,
	audio_too_short: 400,
	audio_too_long: 400,
	audio_silent: 400,
	audio_unreadable: 400,
	nothing_heard: 422,
	voice_unavailable: 503,
	voice_off: 403,
	token_missing: 401,
	token_invalid: 401,
	token_expired: 401,
	signature_invalid: 401,
	signature_expired: 401,
	signature_replayed: 401,
	operator_only: 403,
	wrong_origin: 403,
	consent_required: 403,
	not_found: 404,
	method_not_allowed: 405,
	request_timeout: 408,
	upgrade_required: 426,
	conversation_busy: 409,
	idempotency_key_reused: 409,
	payload_too_large: 413,
	unsupported_media_type: 415,
	https_required: 403,
	rate_limited: 429,
	internal: 500,
	storage_unavailable: 503,
	busy: 503,
	answer_failed: 502,
} as const satisfies Record< string, number >;

/** Every code that `error.code` can hold, in a body or in an `error` event. */
export type ErrorCode = keyof typeof STATUS;

/** Carries a refusal or failure that the caller may read: the message says what happened and what to do. */
export class DocentError extends Error {
	readonly code: ErrorCode;
	/** How long to wait before trying again, in milliseconds; becomes `Retry-After`. */
	readonly retryAfterMs: number | undefined;

	constructor(
		code: ErrorCode,
		message: string,
		options: { cause?: unknown; retryAfterMs?: number } = {}
	) {
		super( message, { cause: options.cause } );
		this.name = 'DocentError';
		this.code = code;
		this.retryAfterMs = options.retryAfterMs;
	}

	get status(): ( typeof STATUS )[ ErrorCode ] {
		return STATUS[ this.code ];
	}
}

/** The one JSON body of every error. */
export interface ErrorBody {
	error: {
		code: ErrorCode;
		message: string;
		requestId: string;
		retryAfterMs?: number;
	};
}

/** Makes the body for an error; an unknown error becomes a fixed sentence, so that nothing inside leaks. */
export function errorBody( error: unknown, requestId: string ): ErrorBody {
	const known = asDocentError( error );
	return {
		error: {
			code: known.code,
			message: known.message,
			requestId,
			...( known.retryAfterMs === undefined
				? {}
				: { retryAfterMs: known.retryAfterMs } ),
		},
	};
}

/** Returns the error itself when it is ours, and otherwise a fixed `internal` (or `storage_unavailable`) error around it. */
export function asDocentError( error: unknown ): DocentError {
	if ( error instanceof DocentError ) {
		return error;
	}
	if ( isSqliteError( error ) ) {
		return new DocentError(
			'storage_unavailable',
			'The assistant cannot save its work right now. Please try again in a minute.',
			{ cause: error, retryAfterMs: 60_000 }
		);
	}
	return new DocentError(
		'internal',
		'Something went wrong on our side. Please try again.',
		{ cause: error }
	);
}

function isSqliteError( error: unknown ): boolean {
	return (
		error instanceof Error &&
		'code' in error &&
		error.code === 'ERR_SQLITE_ERROR'
	);
}

/** Says what is wrong with the configuration, one line a problem. */
export class ConfigError extends Error {
	readonly problems: string[];

	constructor( problems: string[] ) {
		super(
			`The proxy cannot start:\n${ problems
				.map( ( problem ) => `  - ${ problem }` )
				.join( '\n' ) }`
		);
		this.name = 'ConfigError';
		this.problems = problems;
	}
}

/** Turns a schema's complaints into lines; never repeats a value, which might be a secret. */
export function describeProblems( error: ZodError ): string[] {
	return error.issues.map( ( issue ) => {
		const path = issue.path.join( '.' );
		return path === '' ? issue.message : `${ path }: ${ issue.message }`;
	} );
}

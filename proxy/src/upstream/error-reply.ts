/**
 * Understands the errors that providers answer with, in all their shapes. Nothing a provider wrote leaves this file: it quotes keys and questions.
 */
import type { FailureCode } from './diagnosis.ts';
import {
	holdsError,
	isPage,
	parse,
	readWords,
	waitInWords,
	type Words,
} from './error-words.ts';
import { readRetryAfter } from './rate-headers.ts';
import type { ReplyHeaders } from './connection-pool.ts';
import { UpstreamError, type UpstreamErrorKind } from './upstream-error.ts';

interface Verdict {
	kind: UpstreamErrorKind;
	code?: FailureCode;
}

/**
 * Turns a reply with an error status into an error; `now` is in milliseconds since the epoch. `quotaIsRate` says that 429 is never about
 * money at this provider.
 */
export function errorFromReply(
	reply: { status: number; headers: ReplyHeaders; text: string },
	{ now, quotaIsRate = false }: { now: number; quotaIsRate?: boolean }
): UpstreamError {
	const words = readWords( parse( reply.text ) );
	const retryAfterMs =
		readRetryAfter( reply.headers, now ) ?? waitInWords( words, now );
	const verdict = judge( reply.status, words, {
		isWaitNamed: retryAfterMs !== undefined,
		isHtml: isPage( reply.text ),
		quotaIsRate,
	} );
	return new UpstreamError(
		verdict.kind,
		`the provider answered ${ reply.status }`,
		{
			status: reply.status,
			code: verdict.code,
			retryAfterMs: mayComeBack( verdict.kind )
				? retryAfterMs
				: undefined,
		}
	);
}

/**
 * Turns an error object that came with status 200, alone or in a stream, into an error; undefined when the object is no error. It has no
 * status: the model may have worked, and the work may be billed.
 */
export function errorInside(
	json: unknown,
	now: number
): UpstreamError | undefined {
	if ( ! holdsError( json ) ) {
		return undefined;
	}
	const words = readWords( json );
	const { kind, code } = judge( words.status ?? 0, words );
	return new UpstreamError(
		kind,
		'the provider reported an error in its answer',
		{
			code,
			retryAfterMs: mayComeBack( kind )
				? waitInWords( words, now )
				: undefined,
		}
	);
}

/** Judges a reply with status 200 that is not what was asked for. */
export function errorFromStrangeReply(
	text: string,
	now: number
): UpstreamError {
	if ( text.trim() === '' ) {
		return new UpstreamError(
			'garbage',
			'the provider answered with nothing'
		);
	}
	return (
		errorInside( parse( text ), now ) ??
		( isPage( text )
			? new UpstreamError(
					'garbage',
					'a web page answered instead of the provider',
					{ code: 'provider_address' }
				)
			: new UpstreamError(
					'garbage',
					'the provider sent what is not an answer'
				) )
	);
}

const POLICY =
	/\|(content_filter|content_policy_violation|data_?inspection_?failed|responsibleaipolicyviolation|moderation|flagged_input|invalid_prompt|\w+_policy|\w+_policy_violation|\w*unsafe\w*|sensitive\w*|guardrail\w*)\|/;
const POLICY_WORDS =
	/content (management )?policy|content filter|safety system|inappropriate content|was flagged|moderation|prohibited content/;
const QUOTA =
	/\|(insufficient_quota|credit_balance_exhausted|billing_hard_limit_reached|billing_not_active|arrearage|insufficient_(user_)?(balance|credits?|quota)|payment_required|account_overdue|[\w.]*freetieronly)\|/;
const QUOTA_WORDS =
	/insufficient (balance|credit|funds)|out of credits|account is in good standing|exceeded your current quota|credit balance|requires more credits/;
const RATE =
	/\|(rate_limit_exceeded|rate_limit_error|slow_down|too_many_requests|ratelimitreached|limit_requests|limit_burst_rate|resource_exhausted|\w+_rate_limit_exceeded|throttling[\w.]*)\|/;
const TOO_LONG =
	/\|(context_length_exceeded|string_above_max_length|tokens_limit_reached|request_too_large|tokens_too_long|characters_too_long|badrequest\.toolarge|context_window_exceeded)\|/;
const TOO_LONG_WORDS =
	/maximum context|context (length|window|size)|too many (input )?tokens|prompt is too long|input (is )?too long|range of input length|reduce the length|request too large|input length exceeds/;
const MODEL_GONE =
	/\|(model_not_found|model_decommissioned|model_not_available|model_not_active|modelnotfound|deploymentnotfound|deployment_not_found|invalid_model|unsupported_model|model_not_supported)\|/;
const MODEL_WORDS =
	/\b(model|deployment)\b.*(not exist|not found|no longer|decommission|deprecated|not available|not supported|not a valid|no endpoints)|\bno endpoints found|not a valid model|try pulling it/;
const AUTH =
	/\|(invalid_api_key|invalidapikey|invalid_iam_token|authentication_error|permission_denied|access_denied|accessdenied[\w.]*|unauthenticated|unsupported_country_region_territory)\|/;
const AUTH_WORDS =
	/(invalid|incorrect|wrong|no|missing|expired)\b.{0,20}\b(api.?key|access token|credentials)|api.?key (is )?(not valid|invalid|missing|expired)|authentication fails/;
const OVERLOADED =
	/\|(server_is_overloaded|overloaded_error|server_error|internal_error|internalerror[\w.]*|service_unavailable\w*|serviceunavailable|engine_overloaded\w*|api_error|capacity_exceeded|noavailableworker|upstream_error)\|/;

const AUDIO_GONE =
	/\|(audio_expired|audio_not_found|expired_audio|invalid_audio_id)\|/;
const AUDIO_GONE_WORDS =
	/\baudio\b.{0,80}\b(expired|not found|no longer|does ?n[o']t exist)|\b(expired|unknown|no such)\b.{0,20}\baudio\b/;

const IMAGES: ReadonlyArray< [ RegExp, FailureCode ] > = [
	[
		/\|(image_too_large|image_file_too_large|image_too_small)\|/,
		'image_too_big',
	],
	[
		/\|(invalid_image_format|unsupported_image_media_type|invalid_image_mode)\|/,
		'image_format',
	],
	[
		/\|(failed_to_download_image|invalid_image_url|image_file_not_found)\|/,
		'image_unreachable',
	],
	[
		/\|(invalid_image|invalid_base64_image|image_parse_error|empty_image_file)\|/,
		'image_corrupt',
	],
];

/** Decides by the codes first, then by the status, and by plain words only where a provider has no codes. */
function judge(
	status: number,
	{ codes, message }: Words,
	{
		isWaitNamed = false,
		isHtml = false,
		quotaIsRate = false,
	}: { isWaitNamed?: boolean; isHtml?: boolean; quotaIsRate?: boolean } = {}
): Verdict {
	const image = IMAGES.find( ( [ pattern ] ) => pattern.test( codes ) );
	if ( image ) {
		return { kind: 'refused', code: image[ 1 ] };
	}
	if (
		AUDIO_GONE.test( codes ) ||
		( ( status === 400 || status === 404 ) &&
			! MODEL_GONE.test( codes ) &&
			AUDIO_GONE_WORDS.test( message ) )
	) {
		return { kind: 'refused', code: 'audio_expired' };
	}
	const mayBeWords = status === 0 || ( status >= 400 && status < 500 );
	const says = ( pattern: RegExp, words: RegExp ) =>
		pattern.test( codes ) || ( mayBeWords && words.test( message ) );

	if ( status === 407 ) {
		return { kind: 'network', code: 'network_proxy' };
	}
	if ( status >= 300 && status < 400 ) {
		return { kind: 'refused', code: 'provider_address' };
	}
	if ( status === 429 && quotaIsRate ) {
		return { kind: 'rate' };
	}
	if ( says( QUOTA, QUOTA_WORDS ) || status === 402 ) {
		// A router holds money back for calls in flight; that passes, and it says when.
		return { kind: isWaitNamed && status === 402 ? 'rate' : 'quota' };
	}
	if ( status === 401 ) {
		return MODEL_GONE.test( codes )
			? { kind: 'model_gone' }
			: { kind: 'auth' };
	}
	if ( says( POLICY, POLICY_WORDS ) && status !== 429 ) {
		return { kind: 'refused', code: 'content_policy' };
	}
	if ( says( TOO_LONG, TOO_LONG_WORDS ) || status === 413 ) {
		return { kind: 'refused', code: 'content_too_long' };
	}
	if ( status === 429 || RATE.test( codes ) ) {
		return { kind: 'rate' };
	}
	if ( says( MODEL_GONE, MODEL_WORDS ) ) {
		return { kind: 'model_gone' };
	}
	if ( status === 403 || says( AUTH, AUTH_WORDS ) ) {
		return { kind: 'auth' };
	}
	if ( status === 404 || status === 405 || status === 410 ) {
		return { kind: 'model_gone', code: 'provider_address' };
	}
	if ( status === 408 || status === 504 || status === 524 ) {
		return { kind: 'timeout' };
	}
	if (
		status >= 500 ||
		( status === 0 && OVERLOADED.test( codes ) ) ||
		[ 409, 425, 498, 499 ].includes( status )
	) {
		return { kind: 'unavailable' };
	}
	if ( isHtml ) {
		return { kind: 'refused', code: 'provider_address' };
	}
	return { kind: status === 0 ? 'cut' : 'refused' };
}

function mayComeBack( kind: UpstreamErrorKind ): boolean {
	return kind === 'rate' || kind === 'unavailable';
}

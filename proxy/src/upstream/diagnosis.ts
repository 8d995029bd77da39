/**
 * Says in plain words what can go wrong around a model, why, what to do, and what the proxy does by itself. The codes are stable.
 */
import type { UpstreamErrorKind } from './upstream-error.ts';

/** What the owner is told about a failure. Visitors never see it. */
export interface Diagnosis {
	code: FailureCode;
	/** What happened, one sentence. */
	cause: string;
	/** What a person can do, one sentence. */
	remedy: string;
	/** What the proxy has done or will do without anybody. */
	repair?: string;
}

const TRIES_ANOTHER_MODEL = 'The next model of the tier is asked instead.';
const QUOTES_THE_SITE =
	'Visitors get quotations from the site until it works again.';

const TABLE = {
	network_timeout: {
		cause: 'The model provider did not answer in time.',
		remedy: 'If it stays slow, check the network of the proxy and the status page of the provider.',
		repair: TRIES_ANOTHER_MODEL,
	},
	network_refused: {
		cause: 'No connection to the model provider could be made.',
		remedy: 'Check the base URL of the provider, and that a firewall lets the proxy open connections to it.',
		repair: QUOTES_THE_SITE,
	},
	network_dns: {
		cause: 'The host name of the model provider is not known to the name server.',
		remedy: 'Check the spelling of the base URL, and the name server of the machine.',
		repair: QUOTES_THE_SITE,
	},
	network_tls: {
		cause: 'The certificate of the model provider was not accepted.',
		remedy: 'Check the clock of the machine and its root certificates; if a company firewall opens connections, add its root certificate with NODE_EXTRA_CA_CERTS.',
		repair: QUOTES_THE_SITE,
	},
	network_proxy: {
		cause: 'The web proxy between the server and the model provider did not pass the request on.',
		remedy: 'Check webProxy of this provider, and that the web proxy allows the host of the provider.',
		repair: QUOTES_THE_SITE,
	},
	provider_address: {
		cause: 'What answers at the base URL is not the API of a model provider.',
		remedy: 'Check the base URL of the provider, with its path (often /v1). Redirects are not followed.',
		repair: QUOTES_THE_SITE,
	},
	provider_auth: {
		cause: 'The model provider does not accept the key, or the key may not do this.',
		remedy: 'Check the variable that holds the key of this provider in the environment of the proxy, and the permissions of the key.',
		repair: 'Models of other providers are asked instead.',
	},
	provider_rate: {
		cause: 'The model provider takes no more requests for a moment: its rate limit is reached.',
		remedy: 'Wait a minute. If it comes back often, raise the limit at the provider, or lower concurrency and requestsPerMinute of this provider.',
		repair: 'The proxy waits as long as the provider asks for, and asks the next model meanwhile.',
	},
	provider_quota: {
		cause: 'The account at the model provider has no credit left, or its own spending limit is reached.',
		remedy: 'Add credit to the account at the provider, or raise its limit.',
		repair: 'Models of other providers are asked instead; the call is not repeated.',
	},
	provider_model_gone: {
		cause: 'The model provider does not know the model, or the key may not use it.',
		remedy: 'Name another model in DOCENT_MODELS_FILE, or ask the provider for access.',
		repair: TRIES_ANOTHER_MODEL,
	},
	provider_unavailable: {
		cause: 'The model provider has a fault or is overloaded.',
		remedy: 'Look at the status page of the provider; nothing is wrong on your side.',
		repair: TRIES_ANOTHER_MODEL,
	},
	provider_busy: {
		cause: 'More calls were waiting for this provider than may wait.',
		remedy: 'Raise concurrency, requestsPerMinute or tokensPerMinute of this provider if its account allows more.',
		repair: 'The next model is asked, or the visitor is told to try again in a moment.',
	},
	provider_cut: {
		cause: 'The model provider broke off in the middle of an answer.',
		remedy: 'If it happens often, check what lies between the proxy and the provider: firewalls and web proxies that end long connections.',
		repair: 'Before the first word the next model is asked; later the visitor is told and can ask again.',
	},
	provider_garbage: {
		cause: 'The model provider sent something that is not an answer.',
		remedy: 'Check the base URL and the kind of this provider. If both are right, look at its status page.',
		repair: TRIES_ANOTHER_MODEL,
	},
	provider_rejected: {
		cause: 'The model provider rejected the request as not valid.',
		remedy: 'Check the kind and the quirks of this provider: it does not take a field that was sent.',
		repair: TRIES_ANOTHER_MODEL,
	},
	image_too_big: {
		cause: 'The picture is larger than the model takes.',
		remedy: 'Nothing: the visitor may send a smaller picture.',
		repair: 'Pictures are made smaller before they are sent.',
	},
	image_format: {
		cause: 'The picture has a format that the model does not take.',
		remedy: 'Nothing: the visitor may send a JPEG, PNG or WebP picture.',
		repair: 'Pictures are converted before they are sent.',
	},
	image_unreachable: {
		cause: 'The model provider could not fetch the picture.',
		remedy: 'Choose a model that takes pictures inside the request.',
		repair: 'The question is answered without the picture.',
	},
	image_corrupt: {
		cause: 'The picture is damaged and cannot be read.',
		remedy: 'Nothing: the visitor may send it again.',
	},
	audio_expired: {
		cause: 'The model provider no longer has an earlier spoken answer of the conversation.',
		remedy: 'Nothing: spoken answers are kept there for a limited time.',
		repair: 'The words of the answer are sent instead.',
	},
	content_policy: {
		cause: 'The model provider refused to answer for reasons of its content policy.',
		remedy: 'If honest questions are refused, choose another model, or change the content filter of the account at the provider.',
		repair: QUOTES_THE_SITE,
	},
	content_too_long: {
		cause: 'The question, its history and the passages were longer than the model takes.',
		remedy: 'Choose a model with a larger context for this tier.',
		repair: TRIES_ANOTHER_MODEL,
	},
	content_truncated: {
		cause: 'The answer reached its longest length and was cut there.',
		remedy: 'Nothing, unless it happens often: then ask for shorter answers in the instructions of the assistant.',
		repair: 'The visitor is told that the answer was shortened; it is not kept for others.',
	},
	limit_reached: {
		cause: 'The spending limit is reached.',
		remedy: 'Raise the limit in the settings, or wait for the next day or month.',
		repair: 'Pinned, cached and quoted answers go on.',
	},
	store_unavailable: {
		cause: 'The store of the proxy could not be read or written, so nothing was spent.',
		remedy: 'Check the disk of DOCENT_DATA_DIR, or the Redis server of REDIS_URL.',
		repair: QUOTES_THE_SITE,
	},
} as const satisfies Record< string, Omit< Diagnosis, 'code' > >;

/** Every code that a failed call can carry, in the call log, the figures and the connectivity test. */
export type FailureCode = keyof typeof TABLE;

/** All codes, for figures that count by code. */
export const FAILURE_CODES = Object.keys( TABLE ) as FailureCode[];

/** The code of a failure about which only its kind is known. A call that was stopped on purpose has none. */
const CODE_OF_KIND: Record<
	Exclude< UpstreamErrorKind, 'aborted' >,
	FailureCode
> = {
	auth: 'provider_auth',
	rate: 'provider_rate',
	quota: 'provider_quota',
	model_gone: 'provider_model_gone',
	refused: 'provider_rejected',
	unavailable: 'provider_unavailable',
	network: 'network_refused',
	timeout: 'network_timeout',
	garbage: 'provider_garbage',
	cut: 'provider_cut',
	busy: 'provider_busy',
};

/** Returns the code of a kind of failure; undefined for a call that was stopped on purpose. */
export function codeOfKind( kind: UpstreamErrorKind ): FailureCode | undefined {
	return kind === 'aborted' ? undefined : CODE_OF_KIND[ kind ];
}

/** Explains a failure, named by its code or by its kind; undefined for a call that was stopped on purpose. */
export function diagnose< Failure extends FailureCode | UpstreamErrorKind >(
	failure: Failure
): 'aborted' extends Failure ? Diagnosis | undefined : Diagnosis;
/** Looks a failure up, whatever it is named by. */
export function diagnose(
	failure: FailureCode | UpstreamErrorKind
): Diagnosis | undefined {
	const code = isCode( failure ) ? failure : codeOfKind( failure );
	return code && { code, ...TABLE[ code ] };
}

function isCode( name: string ): name is FailureCode {
	return Object.hasOwn( TABLE, name );
}

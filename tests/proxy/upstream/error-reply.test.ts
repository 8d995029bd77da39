import { describe, expect, it } from 'vitest';
import {
	errorFromReply,
	errorFromStrangeReply,
	errorInside,
} from '../../../proxy/src/upstream/error-reply.ts';

const NOW = Date.UTC( 2026, 10, 20, 12 );
const SECRET = 'sk-live-0123456789abcdef';

type Case = [
	name: string,
	status: number,
	body: unknown,
	kind: string,
	code: string,
];

function openAi( code: string | null, type: string, message = 'Sorry.' ) {
	return { error: { message, type, param: null, code } };
}

/** Bodies as the providers published or sent them, some with a key in their words. */
const REPLIES: Case[] = [
	[
		'OpenAI, a wrong key',
		401,
		openAi(
			'invalid_api_key',
			'invalid_request_error',
			`Incorrect API key provided: ${ SECRET }.`
		),
		'auth',
		'provider_auth',
	],
	[
		'OpenAI, a country',
		403,
		openAi( 'unsupported_country_region_territory', 'request_forbidden' ),
		'auth',
		'provider_auth',
	],
	[
		'OpenAI, an unknown model',
		404,
		openAi(
			'model_not_found',
			'invalid_request_error',
			'The model `gpt-0` does not exist or you do not have access to it.'
		),
		'model_gone',
		'provider_model_gone',
	],
	[
		'OpenAI, a wrong path',
		404,
		openAi(
			null,
			'invalid_request_error',
			'Invalid URL (POST /chat/completions)'
		),
		'model_gone',
		'provider_address',
	],
	[
		'OpenAI, requests a minute',
		429,
		openAi(
			'rate_limit_exceeded',
			'requests',
			'Rate limit reached for gpt-6-luna'
		),
		'rate',
		'provider_rate',
	],
	[
		'OpenAI, a ramp that is too fast',
		429,
		openAi( 'slow_down', 'rate_limit_error' ),
		'rate',
		'provider_rate',
	],
	[
		'OpenAI, no credit',
		429,
		openAi(
			'insufficient_quota',
			'insufficient_quota',
			'You exceeded your current quota, please check your plan and billing details.'
		),
		'quota',
		'provider_quota',
	],
	[
		'OpenAI, the balance is used up',
		429,
		openAi( 'credit_balance_exhausted', 'insufficient_quota' ),
		'quota',
		'provider_quota',
	],
	[
		'OpenAI, an overload',
		503,
		openAi( 'server_is_overloaded', 'service_unavailable_error' ),
		'unavailable',
		'provider_unavailable',
	],
	[
		'OpenAI, a fault',
		500,
		openAi( null, 'server_error' ),
		'unavailable',
		'provider_unavailable',
	],
	[
		'OpenAI, too long',
		400,
		openAi(
			'context_length_exceeded',
			'invalid_request_error',
			"This model's maximum context length is 128000 tokens."
		),
		'refused',
		'content_too_long',
	],
	[
		'OpenAI, its policy',
		400,
		openAi( 'content_policy_violation', 'invalid_request_error' ),
		'refused',
		'content_policy',
	],
	[
		'OpenAI, a prompt it does not take',
		400,
		openAi( 'invalid_prompt', 'invalid_request_error' ),
		'refused',
		'content_policy',
	],
	[
		'OpenAI, a field it does not take',
		400,
		openAi(
			'unsupported_parameter',
			'invalid_request_error',
			"Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
		),
		'refused',
		'provider_rejected',
	],
	[
		'OpenAI, a picture that is too large',
		400,
		openAi( 'image_too_large', 'invalid_request_error' ),
		'refused',
		'image_too_big',
	],
	[
		'OpenAI, a picture in a wrong format',
		400,
		openAi( 'unsupported_image_media_type', 'invalid_request_error' ),
		'refused',
		'image_format',
	],
	[
		'OpenAI, a picture that cannot be fetched',
		400,
		openAi( 'failed_to_download_image', 'invalid_request_error' ),
		'refused',
		'image_unreachable',
	],
	[
		'OpenAI, a damaged picture',
		400,
		openAi( 'image_parse_error', 'invalid_request_error' ),
		'refused',
		'image_corrupt',
	],
	[
		'Azure, a wrong key',
		401,
		{
			error: {
				code: '401',
				message:
					'Access denied due to invalid subscription key or wrong API endpoint.',
			},
		},
		'auth',
		'provider_auth',
	],
	[
		'Azure, no such deployment',
		404,
		{
			error: {
				code: 'DeploymentNotFound',
				message: 'The API deployment for this resource does not exist.',
			},
		},
		'model_gone',
		'provider_model_gone',
	],
	[
		'Azure, requests a minute',
		429,
		{
			error: {
				code: '429',
				message:
					'Requests to the ChatCompletions_Create Operation have exceeded call rate limit. Please retry after 26 seconds.',
			},
		},
		'rate',
		'provider_rate',
	],
	[
		'Azure, its content filter',
		400,
		{
			error: {
				message:
					"The response was filtered due to the prompt triggering Azure OpenAI's content management policy.",
				type: null,
				param: 'prompt',
				code: 'content_filter',
				status: 400,
				innererror: {
					code: 'ResponsibleAIPolicyViolation',
					content_filter_result: {
						jailbreak: { filtered: true, detected: true },
					},
				},
			},
		},
		'refused',
		'content_policy',
	],
	[
		'DashScope, a wrong key',
		401,
		{
			error: {
				message: 'Incorrect API key provided. ',
				type: 'invalid_request_error',
				param: null,
				code: 'invalid_api_key',
			},
			request_id: 'x',
		},
		'auth',
		'provider_auth',
	],
	[
		'DashScope, its own shape',
		401,
		{
			code: 'InvalidApiKey',
			message: 'Invalid API-key provided.',
			request_id: 'x',
		},
		'auth',
		'provider_auth',
	],
	[
		'DashScope, inspected data',
		400,
		{
			error: {
				code: 'data_inspection_failed',
				param: null,
				message: 'Input data may contain inappropriate content.',
				type: 'data_inspection_failed',
			},
		},
		'refused',
		'content_policy',
	],
	[
		'DashScope, unpaid bills',
		400,
		{
			code: 'Arrearage',
			message:
				'Access denied, please make sure your account is in good standing.',
		},
		'quota',
		'provider_quota',
	],
	[
		'DashScope, the free tier is over',
		403,
		{
			error: {
				code: 'AllocationQuota.FreeTierOnly',
				message: 'The free tier of the model has been exhausted.',
			},
		},
		'quota',
		'provider_quota',
	],
	[
		'DashScope, requests a minute',
		429,
		{
			code: 'Throttling.RateQuota',
			message: 'Requests rate limit exceeded, please try again later.',
		},
		'rate',
		'provider_rate',
	],
	[
		'DashScope, too long',
		400,
		{
			error: {
				code: 'invalid_parameter_error',
				message: 'Range of input length should be [1, 30720]',
				type: 'invalid_request_error',
			},
		},
		'refused',
		'content_too_long',
	],
	[
		'DashScope, a model that was not bought',
		403,
		{
			code: 'AccessDenied.Unpurchased',
			message: 'Access to model denied.',
		},
		'auth',
		'provider_auth',
	],
	[
		'Together, a wrong key',
		401,
		{
			id: 'x',
			error: {
				message: `Invalid API key provided: ${ SECRET }`,
				type: 'invalid_request_error',
				param: null,
				code: 'invalid_api_key',
			},
		},
		'auth',
		'provider_auth',
	],
	[
		'Together, a model without a server',
		404,
		{
			error: {
				message:
					'Unable to access model x. Please visit https://api.together.ai/models',
				type: 'invalid_request_error',
				code: 'model_not_available',
			},
		},
		'model_gone',
		'provider_model_gone',
	],
	[
		'OpenRouter, a wrong key',
		401,
		{ error: { message: 'No auth credentials found', code: 401 } },
		'auth',
		'provider_auth',
	],
	[
		'OpenRouter, no credits',
		402,
		{
			error: {
				message:
					'Insufficient credits. Add more using https://openrouter.ai/settings/credits',
				code: 402,
			},
		},
		'quota',
		'provider_quota',
	],
	[
		'OpenRouter, flagged input',
		403,
		{
			error: {
				code: 403,
				message:
					'Your chosen model requires moderation and your input was flagged',
				metadata: {
					reasons: [ 'violence' ],
					flagged_input: 'How do I…',
					provider_name: 'OpenAI',
					model_slug: 'x',
				},
			},
		},
		'refused',
		'content_policy',
	],
	[
		'OpenRouter, no host for the model',
		404,
		{ error: { message: 'No endpoints found for x/y.', code: 404 } },
		'model_gone',
		'provider_model_gone',
	],
	[
		'OpenRouter, its upstream is down',
		502,
		{
			error: {
				code: 502,
				message: 'Provider returned error',
				metadata: { raw: '<html>', provider_name: 'x' },
			},
		},
		'unavailable',
		'provider_unavailable',
	],
	[
		'OpenRouter, the upstream limits',
		429,
		{
			error: {
				code: 429,
				message: 'Provider returned error',
				metadata: {
					raw: 'x is temporarily rate-limited upstream.',
					provider_name: 'x',
				},
			},
		},
		'rate',
		'provider_rate',
	],
	[
		'Groq, a wrong key',
		401,
		openAi( 'invalid_api_key', 'invalid_request_error', 'Invalid API Key' ),
		'auth',
		'provider_auth',
	],
	[
		'Groq, a model that is gone',
		400,
		openAi(
			'model_decommissioned',
			'invalid_request_error',
			'The model `llama-3.3-70b-versatile` has been decommissioned and is no longer supported.'
		),
		'model_gone',
		'provider_model_gone',
	],
	[
		'Groq, larger than a minute takes',
		413,
		openAi(
			'rate_limit_exceeded',
			'tokens',
			'Request too large for model `x` on tokens per minute (TPM): Limit 6000, Requested 7213'
		),
		'refused',
		'content_too_long',
	],
	[
		'Groq, no capacity',
		498,
		openAi( null, 'capacity_exceeded' ),
		'unavailable',
		'provider_unavailable',
	],
	[
		'DeepSeek, a wrong key',
		401,
		openAi(
			'invalid_request_error',
			'authentication_error',
			'Authentication Fails, Your api key: ****cdef is invalid'
		),
		'auth',
		'provider_auth',
	],
	[
		'DeepSeek, no balance',
		402,
		openAi(
			'invalid_request_error',
			'unknown_error',
			'Insufficient Balance'
		),
		'quota',
		'provider_quota',
	],
	[
		'DeepSeek, a wrong field',
		422,
		{ detail: 'Failed to deserialize the JSON body into the target type' },
		'refused',
		'provider_rejected',
	],
	[
		'Qianfan, a wrong key',
		401,
		{
			error: {
				code: 'invalid_iam_token',
				message: 'IAM Certification failed',
				type: 'invalid_request_error',
			},
			id: 'as-x',
		},
		'auth',
		'provider_auth',
	],
	[
		'Qianfan, an unknown model',
		401,
		{
			error: {
				code: 'invalid_model',
				message: 'No permission to use the model',
				type: 'invalid_request_error',
			},
			id: 'as-x',
		},
		'model_gone',
		'provider_model_gone',
	],
	[
		'Qianfan, requests a minute',
		429,
		{
			error: {
				code: 'rpm_rate_limit_exceeded',
				message: 'Rate limit reached for RPM',
				type: 'rate_limit_exceeded',
			},
			id: 'as-x',
		},
		'rate',
		'provider_rate',
	],
	[
		'Qianfan, too long',
		400,
		{
			error: {
				code: 'tokens_too_long',
				message: 'the max input tokens is 5120',
				type: 'invalid_request_error',
			},
		},
		'refused',
		'content_too_long',
	],
	[
		'Qianfan, unsafe instructions',
		403,
		{
			error: {
				code: 'system_unsafe',
				message: 'the content of system field is invalid',
				type: 'invalid_request_error',
			},
		},
		'refused',
		'content_policy',
	],
	[
		'Ollama, a model that was not pulled',
		404,
		{
			error: {
				message: 'model "x" not found, try pulling it first',
				type: 'api_error',
				param: null,
				code: null,
			},
		},
		'model_gone',
		'provider_model_gone',
	],
	[
		'Ollama, its own shape',
		404,
		{ error: "model 'x' not found" },
		'model_gone',
		'provider_model_gone',
	],
	[
		'Ollama, a full queue',
		503,
		{
			error: 'server busy, please try again.  maximum pending requests exceeded',
		},
		'unavailable',
		'provider_unavailable',
	],
	[
		'Google, a wrong key',
		400,
		[
			{
				error: {
					code: 400,
					message: 'API key not valid. Please pass a valid API key.',
					status: 'INVALID_ARGUMENT',
				},
			},
		],
		'auth',
		'provider_auth',
	],
	[
		'Google, requests a minute',
		429,
		[
			{
				error: {
					code: 429,
					message: 'Quota exceeded for metric',
					status: 'RESOURCE_EXHAUSTED',
				},
			},
		],
		'rate',
		'provider_rate',
	],
	[
		'Mistral, a wrong key',
		401,
		{ detail: 'Invalid API Key' },
		'auth',
		'provider_auth',
	],
	[
		'vLLM, too long',
		400,
		{
			object: 'error',
			message: "This model's maximum context length is 4096 tokens.",
			type: 'BadRequestError',
			code: 400,
		},
		'refused',
		'content_too_long',
	],
	[
		'vLLM, an unknown model',
		404,
		{
			object: 'error',
			message: 'The model `x` does not exist.',
			type: 'NotFoundError',
			code: 404,
		},
		'model_gone',
		'provider_model_gone',
	],
	[
		'a page of a load balancer',
		502,
		'<html><body>502 Bad Gateway</body></html>',
		'unavailable',
		'provider_unavailable',
	],
	[
		'a page that is not there',
		404,
		'<!DOCTYPE html><html></html>',
		'model_gone',
		'provider_address',
	],
	[
		'a page that wants something else',
		400,
		'<html>The plain HTTP request was sent to HTTPS port</html>',
		'refused',
		'provider_address',
	],
	[ 'a redirect', 301, '', 'refused', 'provider_address' ],
	[
		'a web proxy that wants a password',
		407,
		'',
		'network',
		'network_proxy',
	],
	[ 'a body that is too large', 413, '', 'refused', 'content_too_long' ],
	[
		'a method that is not allowed',
		405,
		'',
		'model_gone',
		'provider_address',
	],
	[ 'a gateway that waited in vain', 504, '', 'timeout', 'network_timeout' ],
	[ 'a conflict', 409, '', 'unavailable', 'provider_unavailable' ],
	[
		'an overload with a status of its own',
		529,
		'',
		'unavailable',
		'provider_unavailable',
	],
];

describe( 'an error of a provider', () => {
	it.each( REPLIES )(
		'%s (%i): its kind and code are told',
		( _, status, body, kind, code ) => {
			const text =
				typeof body === 'string' ? body : JSON.stringify( body );
			const error = errorFromReply(
				{ status, headers: {}, text },
				{ now: NOW }
			);
			expect( [ error.kind, error.code ] ).toEqual( [ kind, code ] );
			expect( error.status ).toBe( status );
		}
	);

	it.each( REPLIES )(
		'%s (%i): none of its words get further',
		( _, status, body ) => {
			const text =
				typeof body === 'string' ? body : JSON.stringify( body );
			const error = errorFromReply(
				{ status, headers: {}, text },
				{ now: NOW }
			);
			expect( error.message ).toBe( `the provider answered ${ status }` );
			expect( error.cause ).toBeUndefined();
			expect( JSON.stringify( error ) + error.stack ).not.toContain(
				SECRET
			);
		}
	);

	it( 'costs nothing with an error status, unless a gateway gave up while the model may have worked', () => {
		const isUnbilled = ( status: number ) =>
			errorFromReply( { status, headers: {}, text: '' }, { now: NOW } )
				.isUnbilled;
		expect( [ 400, 401, 404, 429, 500, 503 ].map( isUnbilled ) ).toEqual(
			Array( 6 ).fill( true )
		);
		expect( [ 408, 504, 524 ].map( isUnbilled ) ).toEqual( [
			false,
			false,
			false,
		] );
	} );

	it( 'says how long to wait in a header or in its words, where waiting helps', () => {
		const wait = (
			status: number,
			headers: Record< string, string >,
			body: unknown = {}
		) =>
			errorFromReply(
				{ status, headers, text: JSON.stringify( body ) },
				{ now: NOW }
			).retryAfterMs;
		expect( wait( 429, { 'retry-after': '3' } ) ).toBe( 3_000 );
		expect(
			wait(
				429,
				{},
				openAi(
					'rate_limit_exceeded',
					'tokens',
					'Please try again in 7.66s. Visit https://console.groq.com'
				)
			)
		).toBe( 7_660 );
		expect(
			wait(
				429,
				{},
				openAi(
					'rate_limit_exceeded',
					'tokens',
					'Please try again in 6m0s.'
				)
			)
		).toBe( 360_000 );
		expect( wait( 503, { 'retry-after': '2' } ) ).toBe( 2_000 );
		expect( wait( 401, { 'retry-after': '2' } ) ).toBeUndefined();
		expect(
			wait(
				429,
				{ 'retry-after': '2' },
				openAi( 'insufficient_quota', 'insufficient_quota' )
			)
		).toBeUndefined();
	} );

	it( 'about money that a router holds for other calls is a matter of waiting', () => {
		const error = errorFromReply(
			{
				status: 402,
				headers: { 'retry-after': '4' },
				text: JSON.stringify( {
					error: {
						code: 402,
						message: 'x',
						metadata: {
							limit_source: 'openrouter_in_flight_budget',
						},
					},
				} ),
			},
			{ now: NOW }
		);
		expect( [ error.kind, error.retryAfterMs ] ).toEqual( [
			'rate',
			4_000,
		] );
	} );

	it( 'about a quota is one of rate at DashScope, where it means tokens a minute', () => {
		const reply = {
			status: 429,
			headers: {},
			text: JSON.stringify(
				openAi(
					'insufficient_quota',
					'insufficient_quota',
					'You exceeded your current quota.'
				)
			),
		};
		expect(
			errorFromReply( reply, { now: NOW, quotaIsRate: true } ).kind
		).toBe( 'rate' );
		expect( errorFromReply( reply, { now: NOW } ).kind ).toBe( 'quota' );
	} );

	it( 'with hundreds of levels, with numbers for words, or with no shape at all is survived', () => {
		const deep = '{"error":'.repeat( 500 ) + '1' + '}'.repeat( 500 );
		for ( const text of [
			deep,
			`{"error":${ '['.repeat( 100_000 ) }${ ']'.repeat( 100_000 ) }}`,
			'[]',
			'null',
			'"x"',
			'{"error":[]}',
			'{"error":{"code":{},"message":7}}',
			'{',
			'\0',
		] ) {
			expect(
				errorFromReply(
					{ status: 400, headers: {}, text },
					{ now: NOW }
				).kind
			).toBe( 'refused' );
		}
	} );
} );

describe( 'an error inside a reply with status 200', () => {
	it.each( [
		[
			'OpenRouter in a stream',
			{
				id: 'x',
				error: {
					code: 'server_error',
					message: 'Provider disconnected',
				},
				choices: [ { delta: { content: '' }, finish_reason: 'error' } ],
			},
			'unavailable',
		],
		[
			'OpenRouter with a status',
			{ error: { code: 429, message: 'x' } },
			'rate',
		],
		[
			'Groq in a stream',
			{
				error: {
					message: 'x',
					type: 'invalid_request_error',
					code: 'tool_use_failed',
				},
			},
			'cut',
		],
		[
			'Qianfan with code and message',
			{
				code: 'rpm_rate_limit_exceeded',
				message: 'Rate limit reached for RPM',
			},
			'rate',
		],
		[
			'Baidu, the older shape',
			{ error_code: 336000, error_msg: 'Internal error' },
			'cut',
		],
		[
			'DashScope, inspected output',
			{
				error: {
					code: 'data_inspection_failed',
					message: 'Output data may contain inappropriate content.',
				},
			},
			'refused',
		],
		[
			'vLLM in a stream',
			{
				object: 'error',
				message: 'x',
				type: 'InternalServerError',
				code: 500,
			},
			'unavailable',
		],
	] as Array< [ string, unknown, string ] > )(
		'%s is one, and may have been billed',
		( _, body, kind ) => {
			const error = errorInside( body, NOW );
			expect( error?.kind ).toBe( kind );
			expect( error?.isUnbilled ).toBe( false );
		}
	);

	it.each( [
		[ 'a chunk', { choices: [ { delta: { content: 'x' } } ] } ],
		[ 'a chunk with an empty error', { error: null, choices: [] } ],
		[ 'a sign of life', { type: 'ping' } ],
		[ 'nothing', null ],
	] )( '%s is none', ( _, body ) => {
		expect( errorInside( body, NOW ) ).toBeUndefined();
	} );

	it.each( [
		[ '', 'provider_garbage' ],
		[ '  \n', 'provider_garbage' ],
		[ '<!doctype html><title>Welcome</title>', 'provider_address' ],
		[ '{"ok":true}', 'provider_garbage' ],
		[ 'hello', 'provider_garbage' ],
	] )( 'what is no answer at all (%j) has the code %s', ( text, code ) => {
		const error = errorFromStrangeReply( text, NOW );
		expect( [ error.kind, error.code, error.isUnbilled ] ).toEqual( [
			'garbage',
			code,
			false,
		] );
	} );
} );

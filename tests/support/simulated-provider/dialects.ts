/**
 * Holds the dialects of the providers that speak nearly like OpenAI. The shapes are those of their documentation and of recorded replies,
 * as of November 2026.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { Refusal } from './behaviour.ts';
import type { Dialect, PlainChunk } from './dialect.ts';
import {
	costInUsd,
	deepSeekUsage,
	refuseRole,
	thoughtAs,
	usageAtTheFinish,
	withChoice,
} from './dialect-shapes.ts';

const COMMON = [
	'model',
	'messages',
	'stream',
	'stream_options',
	'temperature',
];

const SAFE = { filtered: false, severity: 'safe' };

/** What Azure's filter found: nothing. */
const FILTERED = { hate: SAFE, self_harm: SAFE, sexual: SAFE, violence: SAFE };

function hasBearer( { authorization }: IncomingHttpHeaders ): boolean {
	return /^Bearer .+/.test( authorization ?? '' );
}

function azureChunk( part: string, chunk: PlainChunk ): object[] {
	return [
		// What its filter found afterwards, when it works beside the stream: a choice without a delta.
		...( part === 'finish'
			? [
					{
						...chunk,
						choices: [
							{
								index: 0,
								finish_reason: null,
								content_filter_results: FILTERED,
								content_filter_offsets: {
									check_offset: 44,
									start_offset: 44,
									end_offset: 198,
								},
							},
						],
					},
				]
			: [] ),
		part === 'usage'
			? { ...chunk, obfuscation: '' }
			: {
					...withChoice( chunk, ( choice ) => ( {
						content_filter_results:
							part === 'content' ? FILTERED : {},
						...choice,
					} ) ),
					obfuscation: 'aB3',
				},
	];
}

const azure: Dialect = {
	basePath: '/openai/v1',
	takes: [
		...COMMON,
		'max_completion_tokens',
		'max_tokens',
		'reasoning_effort',
	],
	hasKey: ( headers ) =>
		Boolean( headers[ 'api-key' ] ) && headers.authorization === undefined,
	headers: { 'apim-request-id': '0f0f', 'x-ms-region': 'Sweden Central' },
	errorBody: ( { status, error } ) => ( {
		error:
			status === 401
				? {
						code: '401',
						message:
							'Access denied due to invalid subscription key or wrong API endpoint.',
					}
				: error,
	} ),
	preamble: `data: ${ JSON.stringify( {
		choices: [],
		created: 0,
		id: '',
		model: '',
		object: '',
		prompt_filter_results: [
			{ prompt_index: 0, content_filter_results: FILTERED },
		],
	} ) }\n\n`,
	shape: azureChunk,
	// The models of the region, not the deployments of the resource.
	models: () => ( {
		object: 'list',
		data: [
			{ id: 'gpt-35-turbo-0301', object: 'model', status: 'succeeded' },
		],
	} ),
};

/** Every dialect by the name that the proxy's providers file uses for it. */
export const DIALECTS = {
	azure,
	/** Azure's older addresses, with a version and the deployment in the path. */
	'azure-deployments': {
		...azure,
		basePath: '/openai',
		chatPath:
			/^\/deployments\/([^/]+)\/chat\/completions\?api-version=[\w-]+$/,
	},
	qwen: {
		basePath: '/compatible-mode/v1',
		takes: [ ...COMMON, 'max_tokens', 'enable_thinking', 'top_p' ],
		refuses: refuseRole( 'developer' ),
		errorBody: ( { status, error } ) =>
			status === 401
				? {
						code: 'InvalidApiKey',
						message: 'Invalid API-key provided.',
						request_id: 'x',
					}
				: { error, request_id: 'x' },
		shape: thoughtAs( 'reasoning_content' ),
	},
	together: {
		basePath: '/v1',
		takes: [ ...COMMON, 'max_tokens', 'reasoning_effort' ],
		refuses: refuseRole( 'developer' ),
		headers: {
			'x-ratelimit-limit': '10',
			'x-ratelimit-remaining': '9',
			'x-ratelimit-reset': '1',
			'x-ratelimit-remaining-requests': null,
			'x-ratelimit-remaining-tokens': null,
		},
		errorBody: ( { error } ) => ( { id: 'nrLxXm', error } ),
		shape: ( part, chunk, usage ) =>
			usageAtTheFinish(
				part,
				withChoice( chunk, ( choice ) => ( {
					...choice,
					text: choice.delta.content ?? '',
					seed: null,
					delta: { token_id: 1, ...choice.delta },
				} ) ),
				usage
			),
		models: ( ids ) =>
			ids.map( ( id ) => ( { id, object: 'model', type: 'chat' } ) ),
	},
	openrouter: {
		basePath: '/api/v1',
		takes: [ ...COMMON, 'max_tokens', 'reasoning', 'usage' ],
		keyPath: '/key',
		errorBody: ( { status, error } ) => ( {
			error: { code: status, message: error.message },
			user_id: 'user_x',
		} ),
		preamble: ': OPENROUTER PROCESSING\n\n: OPENROUTER PROCESSING\n\n',
		shape( part, chunk ) {
			if ( part === 'usage' ) {
				return [
					{
						...chunk,
						provider: 'Cerebras',
						usage: chunk.usage && {
							...chunk.usage,
							cost: costInUsd(
								String( chunk.model ),
								chunk.usage
							),
						},
						choices: [
							{
								index: 0,
								delta: { role: 'assistant', content: '' },
								finish_reason: 'stop',
								native_finish_reason: 'stop',
							},
						],
					},
				];
			}
			const [ shaped ] = thoughtAs( 'reasoning' )( part, chunk, null );
			return [ { ...shaped, provider: 'Cerebras' } ];
		},
	},
	groq: {
		basePath: '/openai/v1',
		takes: [
			...COMMON,
			'max_completion_tokens',
			'max_tokens',
			'reasoning_effort',
		],
		headers: {
			'x-ratelimit-limit-requests': '14400',
			'x-ratelimit-remaining-requests': '14370',
			'x-ratelimit-reset-requests': '2m59.56s',
			'x-ratelimit-limit-tokens': '18000',
			'x-ratelimit-remaining-tokens': '17997',
			'x-ratelimit-reset-tokens': '7.66s',
		},
		shape( part, chunk, usage ) {
			const { usage: _usage, ...rest } = chunk;
			if ( part === 'usage' ) {
				return [];
			}
			return [
				{
					...rest,
					...( part === 'finish'
						? { x_groq: { id: 'req_01', usage } }
						: {} ),
				},
			];
		},
	},
	deepseek: {
		basePath: '',
		takes: [ ...COMMON, 'max_tokens', 'thinking' ],
		refuses: refuseRole( 'developer' ),
		preamble: ': keep-alive\n\n: keep-alive\n\n',
		shape: ( part, chunk, usage ) =>
			thoughtAs( 'reasoning_content' )( part, chunk, usage ).flatMap(
				( shaped ) =>
					usageAtTheFinish(
						part,
						shaped as PlainChunk,
						usage && deepSeekUsage( usage )
					)
			),
	},
	qianfan: {
		basePath: '/v2',
		takes: [ ...COMMON, 'max_tokens', 'enable_thinking' ],
		errorBody: ( { status, error } ) => ( {
			error:
				status === 401
					? {
							code: 'invalid_iam_token',
							message: 'IAM Certification failed',
							type: 'invalid_request_error',
						}
					: error,
			id: 'as-x',
		} ),
		shape: ( part, chunk, usage ) =>
			thoughtAs( 'reasoning_content' )( part, chunk, usage ).map(
				( shaped ) => ( {
					...withChoice( shaped as PlainChunk, ( choice ) => ( {
						...choice,
						flag: 0,
					} ) ),
					id: 'as-x',
				} )
			),
	},
	ollama: {
		basePath: '/v1',
		hasKey: () => true,
		takes: [ ...COMMON, 'max_tokens', 'reasoning_effort' ],
		// Taken without a word, and the answer is as long as the model likes.
		ignores: [
			'max_completion_tokens',
			'store',
			'prompt_cache_key',
			'service_tier',
		],
		headers: {
			'x-ratelimit-limit-requests': null,
			'x-ratelimit-remaining-requests': null,
			'x-ratelimit-reset-requests': null,
			'x-ratelimit-limit-tokens': null,
			'x-ratelimit-remaining-tokens': null,
			'x-ratelimit-reset-tokens': null,
		},
		errorBody: ( { status, error } ) => ( {
			error: {
				message:
					status === 404
						? 'model "x" not found, try pulling it first'
						: error.message,
				type: 'api_error',
				param: null,
				code: null,
			},
		} ),
		shape: thoughtAs( 'reasoning' ),
		models: ( ids ) => ( {
			object: 'list',
			data: ids.map( ( id ) => ( {
				id: `${ id }:latest`,
				object: 'model',
				owned_by: 'library',
			} ) ),
		} ),
	},
	/** A small server of one's own: no options, no role for instructions, and no usage. */
	compatible: {
		basePath: '/v1',
		takes: [ 'model', 'messages', 'stream', 'max_tokens' ],
		refuses: refuseRole( 'system' ),
		errorBody: ( { error } ) => ( { detail: error.message } ),
		models: ( ids ) => ( {
			object: 'list',
			data: ids.map( ( id ) => ( { id } ) ),
		} ),
	},
} as const satisfies Record< string, Dialect >;

/** The name of a dialect. */
export type DialectName = keyof typeof DIALECTS;

/** Tells whether a request carries a key the way a dialect wants it. */
export function carriesKey(
	dialect: Dialect | undefined,
	headers: IncomingHttpHeaders
): boolean {
	return dialect?.hasKey ? dialect.hasKey( headers ) : hasBearer( headers );
}

/** Makes the body of a refusal. */
export function refusalBody(
	dialect: Dialect | undefined,
	refusal: Refusal
): unknown {
	return (
		dialect?.errorBody?.( refusal ) ?? {
			error: { param: null, ...refusal.error },
		}
	);
}

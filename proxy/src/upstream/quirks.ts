/**
 * Lists how providers that speak Chat Completions differ from each other: a table of presets, one a kind of provider.
 */
import { z } from 'zod';

/** What a provider takes and how; each part can be set by itself in the providers file. */
export const quirksSchema = z.strictObject( {
	/** The field that caps the answer. Where the wrong one is ignored in silence, the cap would not hold. */
	outputCap: z.enum( [ 'max_completion_tokens', 'max_tokens' ] ),
	/** Whether `stream_options: { include_usage: true }` is taken; without it usage comes unasked or not at all. */
	streamOptions: z.boolean(),
	/** Whether `store: false` is taken. */
	store: z.boolean(),
	/** Whether `service_tier: "default"` is taken. Without it the account's own setting holds, which may cost more than was reserved. */
	serviceTier: z.boolean(),
	/** Whether `prompt_cache_key` is taken. */
	promptCacheKey: z.boolean(),
	/** How hidden reasoning is switched: `reasoning_effort`, Qwen's `enable_thinking`, DeepSeek's `thinking`, OpenRouter's `reasoning`. */
	reasoning: z.enum( [
		'reasoning_effort',
		'enable_thinking',
		'thinking',
		'reasoning',
		'none',
	] ),
	/** The role of the instructions; `user` for models without a role of their own for them. */
	systemRole: z.enum( [ 'system', 'developer', 'user' ] ),
	/** How the key is sent. */
	auth: z.enum( [ 'bearer', 'api-key' ] ),
	/** Whether calls go without a key. */
	isKeyless: z.boolean(),
	/** Azure's older addresses: `/deployments/<model>/chat/completions?api-version=<this>`. Empty: the usual address. */
	apiVersion: z.string().max( 40 ),
	/** Whether the reasoning may come inside the text as `<think>…</think>`, which is then taken out. */
	thinkTags: z.boolean(),
	/** An address under the base URL that answers only with a valid key, where the list of models answers everybody. Empty: the list. */
	keyPath: z.string().regex( /^(\/[a-z0-9/_-]+)?$/ ),
	/** Whether 429 always means a moment's wait: DashScope says `insufficient_quota` for its tokens per minute. */
	quotaIsRate: z.boolean(),
	/** Whether `stream_options: { include_obfuscation: false }` is taken, which leaves out padding. */
	obfuscation: z.boolean(),
	/** How recordings are sent to chat models: base64 alone, or as a data URL (Qwen-Omni). */
	heardAudio: z.enum( [ 'base64', 'data_url' ] ),
	/** What samples without a head are called in a stream; Qwen-Omni calls them `wav`. */
	spokenFormat: z.enum( [ 'pcm16', 'wav' ] ),
	/** Whether the list of models names everything that can be asked for; Azure's names models, not the deployments that are asked. */
	listsModels: z.boolean(),
} );

export type Quirks = z.infer< typeof quirksSchema >;

/** The least that servers "compatible with OpenAI" have in common. */
const COMPATIBLE: Quirks = {
	outputCap: 'max_tokens',
	streamOptions: true,
	store: false,
	serviceTier: false,
	promptCacheKey: false,
	reasoning: 'none',
	systemRole: 'system',
	auth: 'bearer',
	isKeyless: false,
	apiVersion: '',
	thinkTags: true,
	keyPath: '',
	quotaIsRate: false,
	obfuscation: false,
	heardAudio: 'base64',
	spokenFormat: 'pcm16',
	listsModels: true,
};

/** The presets, November 2026. */
export const PRESETS = {
	openai: {
		...COMPATIBLE,
		outputCap: 'max_completion_tokens',
		store: true,
		serviceTier: true,
		promptCacheKey: true,
		reasoning: 'reasoning_effort',
		thinkTags: false,
		obfuscation: true,
	},
	azure: {
		...COMPATIBLE,
		outputCap: 'max_completion_tokens',
		reasoning: 'reasoning_effort',
		auth: 'api-key',
		thinkTags: false,
		listsModels: false,
	},
	qwen: {
		...COMPATIBLE,
		reasoning: 'enable_thinking',
		quotaIsRate: true,
		heardAudio: 'data_url',
		spokenFormat: 'wav',
	},
	together: { ...COMPATIBLE, reasoning: 'reasoning_effort' },
	openrouter: {
		...COMPATIBLE,
		reasoning: 'reasoning',
		keyPath: '/key',
	},
	groq: {
		...COMPATIBLE,
		outputCap: 'max_completion_tokens',
		reasoning: 'reasoning_effort',
	},
	deepseek: { ...COMPATIBLE, reasoning: 'thinking' },
	qianfan: { ...COMPATIBLE, reasoning: 'enable_thinking' },
	ollama: {
		...COMPATIBLE,
		reasoning: 'reasoning_effort',
		isKeyless: true,
	},
	compatible: COMPATIBLE,
} as const satisfies Record< string, Quirks >;

/** A kind of provider that has a preset. */
export type ProviderKind = keyof typeof PRESETS;

/** The names of all kinds. */
export const PROVIDER_KINDS = Object.keys( PRESETS ) as [
	ProviderKind,
	...ProviderKind[],
];

/**
 * Every kind of provider is spoken to the way it wants, and understood the way it answers.
 */
import { afterEach, describe, expect, it } from 'vitest';
import { inputTokens, outputTokens } from '../../../proxy/src/ledger/usage.ts';
import type { Model } from '../../../proxy/src/models/catalog.ts';
import type { Providers } from '../../../proxy/src/upstream/providers.ts';
import { loadOracle } from '../../support/openapi/oracle.ts';
import {
	type DialectName,
	faults,
	type SimulatedProvider,
	startSimulatedProvider,
} from '../../support/simulated-provider/index.ts';
import {
	ask,
	KEY,
	modelNamed,
	providersOf,
} from '../upstream/configured-providers.ts';

const ANSWER = 'You may return a tent within 30 days.';
const THOUGHT = 'The visitor asks about tents.';

interface Kind {
	name: string;
	dialect: DialectName;
	kind: string;
	model: string;
	quirks?: object;
	keyVariable?: undefined;
	/** What the body says besides model, messages and stream. */
	fields: object;
	/** The same with reasoning on. */
	reasoning: object;
	/** Where the list of models does not say what can be asked for. */
	listsOthers?: true;
}

const USAGE = { stream_options: { include_usage: true } };
const SHORT = { ...USAGE, max_tokens: 200 };
const NEW = { ...USAGE, max_completion_tokens: 200 };

const KINDS: Kind[] = [
	{
		name: 'Azure',
		dialect: 'azure',
		kind: 'azure',
		model: 'gpt-6-luna',
		fields: { ...NEW, reasoning_effort: 'none' },
		reasoning: { reasoning_effort: 'low' },
		listsOthers: true,
	},
	{
		name: 'Azure with a version in the address',
		dialect: 'azure-deployments',
		kind: 'azure',
		model: 'gpt-6-luna',
		quirks: { apiVersion: '2024-10-21' },
		fields: { ...NEW, reasoning_effort: 'none' },
		reasoning: { reasoning_effort: 'low' },
		listsOthers: true,
	},
	{
		name: 'Qwen',
		dialect: 'qwen',
		kind: 'qwen',
		model: 'qwen3.8-flash',
		fields: { ...SHORT, enable_thinking: false },
		reasoning: { enable_thinking: true },
	},
	{
		name: 'Together',
		dialect: 'together',
		kind: 'together',
		model: 'openai/gpt-oss-120b',
		fields: SHORT,
		reasoning: {},
	},
	{
		name: 'OpenRouter',
		dialect: 'openrouter',
		kind: 'openrouter',
		model: 'meta-llama/llama-4-scout',
		fields: { ...SHORT, reasoning: { enabled: false } },
		reasoning: { reasoning: { effort: 'low' } },
	},
	{
		name: 'Groq',
		dialect: 'groq',
		kind: 'groq',
		model: 'openai/gpt-oss-20b',
		fields: NEW,
		reasoning: {},
	},
	{
		name: 'DeepSeek',
		dialect: 'deepseek',
		kind: 'deepseek',
		model: 'deepseek-flash',
		fields: { ...SHORT, thinking: { type: 'disabled' } },
		reasoning: { thinking: { type: 'enabled' } },
	},
	{
		name: 'Qianfan',
		dialect: 'qianfan',
		kind: 'qianfan',
		model: 'ernie-4.5-turbo',
		fields: { ...SHORT, enable_thinking: false },
		reasoning: { enable_thinking: true },
	},
	{
		name: 'Ollama',
		dialect: 'ollama',
		kind: 'ollama',
		model: 'llama3.2',
		keyVariable: undefined,
		fields: SHORT,
		reasoning: {},
	},
];

/** Models that do not reason at all have no effort; the simulated ones of Together, Groq and Ollama are such. */
function modelOf(
	{ model, reasoning }: Kind,
	effort: 'none' | 'low' = 'none'
): Model {
	const { reasoningEffort: _, ...plain } = modelNamed( model );
	return Object.keys( reasoning ).length === 0
		? plain
		: { ...plain, reasoningEffort: effort };
}

let provider: SimulatedProvider;
let providers: Providers;

afterEach( async () => {
	await providers.close();
	await provider.close();
} );

async function setUp( kind: Kind, more: object = {} ) {
	provider = await startSimulatedProvider( {
		dialect: kind.dialect,
		apiKey: KEY,
	} );
	if ( kind.kind === 'ollama' ) {
		await provider.close();
		provider = await startSimulatedProvider( { dialect: kind.dialect } );
	}
	return connect( kind, more );
}

function connect( kind: Kind, more: object = {} ) {
	providers = providersOf( {
		house: {
			kind: kind.kind,
			baseUrl: provider.baseUrl,
			...( kind.quirks ? { quirks: kind.quirks } : {} ),
			...( 'keyVariable' in kind ? { keyVariable: undefined } : {} ),
			...more,
		},
	} );
	return providers.chat( 'house' );
}

describe.each( KINDS )( '$name', ( kind ) => {
	it( 'is asked with the fields it takes, and its answer and usage are read to the token', async () => {
		const chat = await setUp( kind );
		provider.script( { text: ANSWER } );
		const outcome = await ask( chat, { model: modelOf( kind ) } );
		expect( outcome.error ).toBeUndefined();
		expect( outcome ).toMatchObject( {
			text: ANSWER,
			finishReason: 'stop',
		} );
		const [ entry ] = provider.journal.entries;
		const { model, messages, stream, ...fields } = entry?.body as Record<
			string,
			unknown
		>;
		expect( model ).toBe( kind.model );
		expect( stream ).toBe( true );
		expect( messages ).toHaveLength( 2 );
		expect( fields ).toEqual( kind.fields );
		const billed = provider.bill.entries[ 0 ]?.tokens;
		expect( outcome.usage && outputTokens( outcome.usage ) ).toBe(
			billed?.output
		);
		expect( outcome.usage && inputTokens( outcome.usage ) ).toBe(
			( billed?.input ?? 0 ) +
				( billed?.cachedInput ?? 0 ) +
				( billed?.cacheWrite ?? 0 )
		);
	} );

	it( 'that is spoken to like OpenAI refuses, or ignores the cap', async () => {
		const chat = await setUp(
			{ ...kind, kind: 'openai', quirks: {} },
			{ keyVariable: 'TEST_KEY' }
		);
		provider.setDefault( { text: 'word '.repeat( 2_000 ) } );
		const outcome = await ask( chat, { model: modelOf( kind ) } );
		if ( kind.kind === 'ollama' ) {
			expect( outcome.finishReason ).toBe( 'stop' );
			expect( outcome.text.length ).toBeGreaterThan( 5_000 );
		} else {
			expect( outcome.text ).toBe( '' );
			expect( outcome.error?.code ).toMatch(
				/^provider_(rejected|auth|address)$/
			);
			expect( provider.bill.totalNanoUsd ).toBe( 0 );
		}
	} );

	it( 'keeps its cap: an answer that is longer ends there', async () => {
		const chat = await setUp( kind );
		provider.setDefault( { text: 'word '.repeat( 2_000 ) } );
		const outcome = await ask( chat, {
			model: modelOf( kind ),
			maxOutputTokens: 50,
		} );
		expect( outcome.finishReason ).toBe( 'length' );
		expect( provider.bill.entries[ 0 ]?.tokens.output ).toBe( 50 );
	} );

	it( 'lists its models, and says when its key is wrong', async () => {
		const chat = await setUp( kind );
		const listed =
			( await chat?.listModels( AbortSignal.timeout( 5_000 ) ) ) ?? [];
		const ids = listed.map( ( { id } ) => id.replace( /:latest$/, '' ) );
		expect( ids.includes( kind.model ) ).toBe(
			kind.listsOthers === undefined
		);
		if ( kind.kind === 'ollama' ) {
			return;
		}
		await provider.close();
		provider = await startSimulatedProvider( {
			dialect: kind.dialect,
			apiKey: 'another',
			port: provider.port,
		} );
		await providers.close();
		const other = connect( kind );
		await expect(
			other?.listModels( AbortSignal.timeout( 5_000 ) )
		).rejects.toMatchObject( { kind: 'auth', code: 'provider_auth' } );
		const outcome = await ask( other, { model: modelOf( kind ) } );
		expect( outcome.error ).toMatchObject( {
			kind: 'auth',
			code: 'provider_auth',
			isUnbilled: true,
		} );
	} );

	it( 'that does not know a model, limits or has a fault is understood', async () => {
		const chat = await setUp( kind );
		provider.script(
			faults.modelNotFound(),
			faults.rateLimited( { retryAfterSeconds: 0 } ),
			faults.serverError()
		);
		const codes = [];
		for ( let i = 0; i < 3; i++ ) {
			codes.push(
				( await ask( chat, { model: modelOf( kind ) } ) ).error?.code
			);
		}
		expect( codes ).toEqual( [
			'provider_model_gone',
			'provider_rate',
			'provider_unavailable',
		] );
	} );
} );

describe( 'reasoning', () => {
	it.each(
		KINDS.filter( ( { reasoning } ) => Object.keys( reasoning ).length > 0 )
	)( 'of $name is switched on in its own field', async ( kind ) => {
		const chat = await setUp( kind );
		await ask( chat, { model: modelOf( kind, 'low' ) } );
		expect( provider.journal.entries[ 0 ]?.body ).toMatchObject(
			kind.reasoning
		);
	} );

	it.each(
		KINDS.filter( ( { kind } ) =>
			[ 'qwen', 'openrouter', 'deepseek', 'qianfan', 'ollama' ].includes(
				kind
			)
		)
	)(
		'of $name arrives in a field of its own: it is counted and not shown',
		async ( kind ) => {
			const chat = await setUp( kind );
			provider.script( { text: ANSWER, thought: THOUGHT } );
			const outcome = await ask( chat, { model: modelOf( kind ) } );
			expect( outcome.text ).toBe( ANSWER );
			expect( outcome.thoughtBytes ).toBe( THOUGHT.length );
		}
	);

	it( 'inside the text is taken out, however it is cut into pieces', async () => {
		const ollama = KINDS.find( ( { kind } ) => kind === 'ollama' ) as Kind;
		const chat = await setUp( ollama );
		const whole = `\n<think>${ THOUGHT }</think>\n\n${ ANSWER } <think> is a tag.`;
		for ( const size of [ 1, 3, 7, 1_000 ] ) {
			const chunks =
				whole.match( new RegExp( `[^]{1,${ size }}`, 'g' ) ) ?? [];
			provider.script( { chunks } );
			const outcome = await ask( chat, { model: modelOf( ollama ) } );
			expect( outcome.text ).toBe( `${ ANSWER } <think> is a tag.` );
			expect( outcome.thoughtBytes ).toBeGreaterThanOrEqual(
				THOUGHT.length
			);
		}
		provider.script(
			{ chunks: [ '<', 'th' ] },
			{ chunks: [ '<thin', 'ner> tents' ] }
		);
		expect( ( await ask( chat, { model: modelOf( ollama ) } ) ).text ).toBe(
			'<th'
		);
		expect( ( await ask( chat, { model: modelOf( ollama ) } ) ).text ).toBe(
			'<thinner> tents'
		);
	} );
} );

describe( 'a single quirk', () => {
	const house: Kind = {
		name: 'A server in the house',
		dialect: 'compatible',
		kind: 'compatible',
		model: 'house-model',
		fields: {},
		reasoning: {},
	};

	it( 'is enough for a server that takes no options and knows no role for instructions', async () => {
		const chat = await setUp( {
			...house,
			quirks: { streamOptions: false, systemRole: 'user' },
		} );
		provider.setDefault( { text: ANSWER } );
		const outcome = await ask( chat, { model: modelOf( house ) } );
		expect( outcome ).toMatchObject( {
			text: ANSWER,
			finishReason: 'stop',
			usage: undefined,
			error: undefined,
		} );
		expect( provider.journal.entries[ 0 ]?.body ).toEqual( {
			model: 'house-model',
			messages: [
				{ role: 'user', content: 'Answer in one sentence.' },
				{ role: 'user', content: 'How long may I return a tent?' },
			],
			stream: true,
			max_tokens: 200,
		} );
	} );

	it.each( [
		[ 'streamOptions', { systemRole: 'user' } ],
		[ 'systemRole', { streamOptions: false } ],
	] )(
		'that is missing (%s) is told as a request that is not taken',
		async ( _, quirks ) => {
			const chat = await setUp( { ...house, quirks } );
			const { error } = await ask( chat, { model: modelOf( house ) } );
			expect( error ).toMatchObject( {
				kind: 'refused',
				code: 'provider_rejected',
				isUnbilled: true,
			} );
		}
	);

	it( 'may ask for the role developer, which others refuse', async () => {
		const deepSeek = KINDS.find(
			( { kind } ) => kind === 'deepseek'
		) as Kind;
		const chat = await setUp( {
			...deepSeek,
			quirks: { systemRole: 'developer' },
		} );
		const { error } = await ask( chat, { model: modelOf( deepSeek ) } );
		expect( error?.code ).toBe( 'provider_rejected' );
		expect( provider.journal.entries[ 0 ]?.body ).toMatchObject( {
			messages: [ { role: 'developer' }, { role: 'user' } ],
		} );
	} );

	it( 'tells tokens a minute from money at DashScope', async () => {
		const qwen = KINDS.find( ( { kind } ) => kind === 'qwen' ) as Kind;
		const chat = await setUp( qwen );
		provider.script( faults.outOfQuota() );
		const { error } = await ask( chat, { model: modelOf( qwen ) } );
		expect( error?.kind ).toBe( 'rate' );
	} );
} );

describe( 'OpenAI itself', () => {
	it( 'gets requests that its own description takes', async () => {
		const inspector = loadOracle();
		provider = await startSimulatedProvider( {
			apiKey: KEY,
			...( inspector ? { inspector } : {} ),
		} );
		providers = providersOf( {
			house: { kind: 'openai', baseUrl: provider.baseUrl },
		} );
		for ( const model of [
			modelNamed( 'gpt-6-luna' ),
			modelNamed( 'gpt-6.1-sol', { reasoningEffort: 'low' } ),
		] ) {
			expect(
				( await ask( providers.chat( 'house' ), { model } ) ).error
			).toBeUndefined();
		}
		expect( provider.violations ).toEqual( [] );
		expect( provider.journal.entries[ 0 ]?.body ).toMatchObject( {
			max_completion_tokens: 200,
			prompt_cache_key: 'shop',
			store: false,
			service_tier: 'default',
			reasoning_effort: 'none',
			stream_options: { include_usage: true },
		} );
	} );

	it( 'gets the headers of the owner, each once', async () => {
		provider = await startSimulatedProvider( { apiKey: KEY } );
		providers = providersOf( {
			house: {
				kind: 'openai',
				baseUrl: provider.baseUrl,
				headers: { 'X-Title': 'Shop', 'User-Agent': 'shop/1' },
			},
		} );
		await ask( providers.chat( 'house' ) );
		expect( provider.journal.entries[ 0 ]?.headers ).toMatchObject( {
			'x-title': 'Shop',
			'user-agent': 'shop/1',
		} );
	} );
} );

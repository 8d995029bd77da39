/**
 * Reads the file that names providers, and reports everything that is wrong with it, each with the name of its entry.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { describeProblems } from '../errors.ts';
import {
	PRESETS,
	PROVIDER_KINDS,
	quirksSchema,
	type ProviderKind,
	type Quirks,
} from './quirks.ts';

/** How many calls to one provider run at a time unless its entry says otherwise: half of what one proxy works on at all. */
const DEFAULT_CONCURRENCY = 2_000;

/** Where one machine answers, more would only make everybody slower. Ollama works on four at a time as it comes. */
const CONCURRENCY_OF: Partial< Record< ProviderKind, number > > = { ollama: 4 };

/** The name of the provider that `OPENAI_API_KEY` makes. */
export const DEFAULT_PROVIDER = 'openai';

/** A provider that may be asked. Holds its key: never log it whole. */
export interface ProviderConfig {
	/** What models name in `provider`. */
	name: string;
	kind: ProviderKind;
	/** Without a slash at its end. */
	baseUrl: string;
	/** Empty where none is needed. */
	apiKey: string;
	/** The variable of the environment that holds the key, for remedies. */
	keyVariable: string;
	quirks: Quirks;
	/** Calls at a time. */
	concurrency: number;
	requestsPerMinute: number | undefined;
	tokensPerMinute: number | undefined;
	/** Sent with every call besides our own. */
	headers: Record< string, string >;
	/** A web proxy that opens the connections; undefined: straight to the provider. */
	webProxy: string | undefined;
}

const NAME = /^[a-z0-9][a-z0-9-]{0,39}$/;
const VARIABLE = /^[A-Z][A-Z0-9_]*$/;
const HEADER = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/;

/** Headers that hold keys, or that the transport sets by itself. */
const FORBIDDEN_HEADERS = new Set( [
	'authorization',
	'api-key',
	'x-api-key',
	'proxy-authorization',
	'cookie',
	'host',
	'connection',
	'content-type',
	'content-length',
	'transfer-encoding',
	'accept-encoding',
] );

const perMinute = z.number().int().min( 1 ).max( 1_000_000_000 );

const entrySchema = z.strictObject( {
	baseUrl: z.string().superRefine( ( text, context ) => {
		const problem = addressProblem( text );
		if ( problem ) {
			context.addIssue( problem );
		}
	} ),
	keyVariable: z
		.string()
		.regex(
			VARIABLE,
			'must be the name of a variable such as GROQ_API_KEY, never the key itself'
		)
		.optional(),
	kind: z.enum( PROVIDER_KINDS ),
	quirks: quirksSchema.partial().default( {} ),
	concurrency: z.number().int().min( 1 ).max( 10_000 ).optional(),
	requestsPerMinute: perMinute.optional(),
	tokensPerMinute: perMinute.optional(),
	webProxy: z
		.url( {
			protocol: /^https?$/,
			error: 'must be an address such as http://proxy.example:3128',
		} )
		.refine(
			( text ) => ! text.includes( '@' ),
			'must not hold a password'
		)
		.optional(),
	headers: z
		.record(
			z
				.string()
				.regex( HEADER, 'must be the name of a header' )
				.refine(
					( name ) => ! FORBIDDEN_HEADERS.has( name.toLowerCase() ),
					'may not be set here; a key belongs in the variable that keyVariable names'
				),
			z.string().regex( /^[\x20-\x7e]*$/, 'must be printable ASCII' )
		)
		.default( {} ),
} );

const fileSchema = z.strictObject( {
	providers: z.record(
		z
			.string()
			.regex(
				NAME,
				'must be 1 to 40 lower-case letters, digits or dashes'
			),
		z.unknown()
	),
} );

/** Reads the file at `path`; keys are looked up in `env`. Adds a line to `problems` for everything that is wrong, never a value. */
export function readProvidersFile(
	path: string,
	env: Record< string, string | undefined >,
	problems: string[]
): ProviderConfig[] {
	const say = ( line: string ) =>
		problems.push( `DOCENT_PROVIDERS_FILE: ${ line }` );
	let json: unknown;
	try {
		json = JSON.parse( readFileSync( path, 'utf8' ) );
	} catch ( error ) {
		// A syntax error quotes the file, in which somebody may have written a key.
		say(
			error instanceof SyntaxError
				? 'is not valid JSON'
				: `cannot be read (${ ( error as NodeJS.ErrnoException ).code })`
		);
		return [];
	}
	const file = fileSchema.safeParse( json );
	if ( ! file.success ) {
		describeProblems( file.error ).forEach( say );
		return [];
	}
	return Object.entries( file.data.providers ).flatMap(
		( [ name, value ] ) => {
			const entry = entrySchema.safeParse( value );
			if ( ! entry.success ) {
				for ( const line of describeProblems( entry.error ) ) {
					say( `providers.${ name }: ${ line }` );
				}
				return [];
			}
			const { keyVariable = '', ...rest } = entry.data;
			const quirks = completeQuirks( rest.kind, rest.quirks );
			const apiKey = ( env[ keyVariable ] ?? '' ).trim();
			if ( ! quirks.isKeyless && keyVariable === '' ) {
				say(
					`providers.${ name }: keyVariable is missing: it names the variable of the environment that holds the key`
				);
			} else if ( keyVariable !== '' && apiKey === '' ) {
				say(
					`providers.${ name }: keyVariable names ${ keyVariable }, which is not set in the environment`
				);
			} else if ( ! canBeKey( apiKey ) ) {
				say(
					`providers.${ name }: ${ keyVariable } holds characters that no key has`
				);
			}
			return [
				{
					...rest,
					name,
					baseUrl: withoutSlash( rest.baseUrl ),
					apiKey,
					keyVariable,
					quirks,
					concurrency:
						rest.concurrency ??
						CONCURRENCY_OF[ rest.kind ] ??
						DEFAULT_CONCURRENCY,
					requestsPerMinute: rest.requestsPerMinute,
					tokensPerMinute: rest.tokensPerMinute,
					webProxy: rest.webProxy,
				},
			];
		}
	);
}

/** Tells whether a text can be sent as a key: a line break or a quotation mark of a word processor was never part of one. */
function canBeKey( text: string ): boolean {
	return ! /[^\x21-\x7e]/.test( text );
}

/** Makes the provider that needs no file. Adds a line to `problems` for what is wrong, never a value. */
export function openAiProvider(
	apiKey: string,
	baseUrl: string,
	problems: string[] = []
): ProviderConfig {
	if ( ! canBeKey( apiKey.trim() ) ) {
		problems.push( 'OPENAI_API_KEY holds characters that no key has' );
	}
	return {
		name: DEFAULT_PROVIDER,
		kind: 'openai',
		baseUrl: withoutSlash( baseUrl ),
		apiKey: apiKey.trim(),
		keyVariable: 'OPENAI_API_KEY',
		quirks: PRESETS.openai,
		concurrency: DEFAULT_CONCURRENCY,
		requestsPerMinute: undefined,
		tokensPerMinute: undefined,
		headers: {},
		webProxy: undefined,
	};
}

/** Lays the quirks of an entry over the preset of its kind. */
function completeQuirks(
	kind: ProviderKind,
	own: { [ Name in keyof Quirks ]?: Quirks[ Name ] | undefined }
): Quirks {
	const set = Object.entries( own ).filter(
		( [ , value ] ) => value !== undefined
	);
	return { ...PRESETS[ kind ], ...Object.fromEntries( set ) };
}

/** Says what is wrong with the address of a provider; undefined when nothing is. */
export function addressProblem( text: string ): string | undefined {
	if ( ! URL.canParse( text ) ) {
		return 'must be an address such as https://api.example/v1';
	}
	const url = new URL( text );
	if ( url.protocol !== 'https:' && url.protocol !== 'http:' ) {
		return 'must begin with https://';
	}
	if ( url.username !== '' || url.password !== '' ) {
		return 'must not hold a name or password';
	}
	if ( url.search !== '' || url.hash !== '' ) {
		return 'must end with its path, without ? or #';
	}
	return url.protocol === 'http:' && ! isLoopback( url.hostname )
		? 'must begin with https://, or the key and the questions could be read on the way (http is for this machine only)'
		: undefined;
}

function isLoopback( host: string ): boolean {
	return (
		host === 'localhost' ||
		host.endsWith( '.localhost' ) ||
		host === '[::1]' ||
		/^127(\.\d{1,3}){3}$/.test( host )
	);
}

function withoutSlash( url: string ): string {
	return url.replace( /\/+$/, '' );
}

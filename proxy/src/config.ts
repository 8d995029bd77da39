/**
 * Reads the environment once, and reports everything that is wrong with it in one message.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { readTracesConfig, type TracesConfig } from './calls/traces-config.ts';
import { ConfigError, describeProblems } from './errors.ts';
import { settingsPatchSchema } from './settings.ts';
import {
	openAiProvider,
	readProvidersFile,
	type ProviderConfig,
} from './upstream/provider-config.ts';

const SITE_ID = /^[a-z0-9-]{3,64}$/;
const SITE_SECRET = /^[A-Za-z0-9_-]{32,256}$/;

const originSchema = z
	.string()
	.refine(
		isOrigin,
		'must be an origin such as https://shop.example, without a path'
	)
	.transform( ( text ) => new URL( text ).origin );

const siteSchema = z.object( {
	id: z
		.string()
		.regex(
			SITE_ID,
			'must be 3 to 64 lower-case letters, digits or dashes'
		),
	secret: z
		.string()
		.regex(
			SITE_SECRET,
			'must be at least 32 letters, digits, dashes or underscores'
		),
	origins: z.array( originSchema ).min( 1, 'needs at least one origin' ),
	settings: settingsPatchSchema.default( {} ),
} );

/** A site that may use this proxy. */
export type SiteConfig = z.infer< typeof siteSchema >;

const sitesFileSchema = z.object( { sites: z.array( siteSchema ).min( 1 ) } );

/** Variables left empty count as absent, as they do in a copied `.env` file. */
const emptyIsAbsent = ( value: unknown ): unknown =>
	typeof value === 'string' && value.trim() === '' ? undefined : value;

const optional = < T extends z.ZodType >( schema: T ) =>
	z.preprocess( emptyIsAbsent, schema.optional() );

const environmentSchema = z.object( {
	HOST: z.preprocess( emptyIsAbsent, z.string().default( '127.0.0.1' ) ),
	PORT: z.preprocess(
		emptyIsAbsent,
		z.coerce.number().int().min( 0 ).max( 65_535 ).default( 8787 )
	),
	OPENAI_API_KEY: optional( z.string() ),
	OPENAI_BASE_URL: z.preprocess(
		emptyIsAbsent,
		z.url( { protocol: /^https?$/ } ).default( 'https://api.openai.com/v1' )
	),
	DOCENT_PROVIDERS_FILE: optional( z.string() ),
	DOCENT_SITE_ID: optional( z.string() ),
	DOCENT_SITE_SECRET: optional( z.string() ),
	DOCENT_SITE_ORIGINS: optional( z.string() ),
	DOCENT_SITES_FILE: optional( z.string() ),
	DOCENT_DATA_DIR: z.preprocess(
		emptyIsAbsent,
		z.string().default( './data' )
	),
	REDIS_URL: optional( z.string() ),
	DOCENT_MODELS_FILE: optional( z.string() ),
	DOCENT_TRUSTED_PROXIES: optional( z.string() ),
	DOCENT_OPERATOR_PORT: optional(
		z.coerce.number().int().min( 0 ).max( 65_535 )
	),
	DOCENT_OPERATOR_TOKEN: optional(
		z
			.string()
			.regex(
				/^[\x21-\x7e]{16,512}$/,
				'must be 16 to 512 characters without spaces'
			)
	),
	OTEL_EXPORTER_OTLP_ENDPOINT: optional( z.url( { protocol: /^https?$/ } ) ),
	OTEL_EXPORTER_OTLP_HEADERS: optional( z.string() ),
	OTEL_SERVICE_NAME: z.preprocess(
		emptyIsAbsent,
		z.string().max( 200 ).default( 'docent-proxy' )
	),
	LOG_LEVEL: z.preprocess(
		emptyIsAbsent,
		z
			.enum( [ 'trace', 'debug', 'info', 'warn', 'error', 'silent' ] )
			.default( 'info' )
	),
} );

/** Everything the proxy was told by its environment. */
export interface Config {
	host: string;
	port: number;
	dataDir: string;
	/** Absent: everything is kept in a SQLite file in the data folder. */
	redisUrl: string | undefined;
	logLevel: string;
	sites: SiteConfig[];
	trustedProxies: string[];
	/** Absent: the operator's routes are on the public port only. */
	operatorPort: number | undefined;
	/** Opens the operator's routes on the public port. */
	operatorToken: string | undefined;
	/** Where traces go; absent: nowhere. */
	traces: TracesConfig | undefined;
	modelsFile: string | undefined;
	/** The default one first. None: the proxy answers by quoting the site (extractive mode). */
	providers: ProviderConfig[];
}

/** Turns environment variables into a {@link Config}; throws {@link ConfigError} with every problem at once. */
export function readConfig(
	env: Record< string, string | undefined >
): Config {
	const problems: string[] = [];
	const parsed = environmentSchema.safeParse( env );
	if ( ! parsed.success ) {
		throw new ConfigError( describeProblems( parsed.error ) );
	}
	const values = parsed.data;

	if ( values.REDIS_URL !== undefined && ! isRedisUrl( values.REDIS_URL ) ) {
		problems.push(
			'REDIS_URL: must be an address such as redis://:password@host:6379/0, or rediss:// for TLS'
		);
	}
	if ( values.DOCENT_OPERATOR_PORT === values.PORT && values.PORT !== 0 ) {
		problems.push( 'DOCENT_OPERATOR_PORT: must be another port than PORT' );
	}
	const sites = readSites( values, problems );
	const providers = readProviders( values, env, problems );
	const traces = readTracesConfig(
		{
			endpoint: values.OTEL_EXPORTER_OTLP_ENDPOINT,
			headers: values.OTEL_EXPORTER_OTLP_HEADERS,
			serviceName: values.OTEL_SERVICE_NAME,
		},
		problems
	);
	if ( problems.length > 0 ) {
		throw new ConfigError( problems );
	}
	return {
		host: values.HOST,
		port: values.PORT,
		dataDir: values.DOCENT_DATA_DIR,
		redisUrl: values.REDIS_URL,
		logLevel: values.LOG_LEVEL,
		sites,
		trustedProxies: list( values.DOCENT_TRUSTED_PROXIES ),
		operatorPort: values.DOCENT_OPERATOR_PORT,
		operatorToken: values.DOCENT_OPERATOR_TOKEN,
		traces,
		modelsFile: values.DOCENT_MODELS_FILE,
		providers,
	};
}

function readProviders(
	values: z.infer< typeof environmentSchema >,
	env: Record< string, string | undefined >,
	problems: string[]
): ProviderConfig[] {
	const named = values.DOCENT_PROVIDERS_FILE
		? readProvidersFile( values.DOCENT_PROVIDERS_FILE, env, problems )
		: [];
	if ( values.OPENAI_API_KEY === undefined ) {
		return named;
	}
	const openAi = openAiProvider(
		values.OPENAI_API_KEY,
		values.OPENAI_BASE_URL,
		problems
	);
	if ( named.some( ( { name } ) => name === openAi.name ) ) {
		problems.push(
			`DOCENT_PROVIDERS_FILE: providers.${ openAi.name }: OPENAI_API_KEY makes a provider of the same name; rename one or remove the variable`
		);
	}
	return [ openAi, ...named ];
}

function readSites(
	values: z.infer< typeof environmentSchema >,
	problems: string[]
): SiteConfig[] {
	const sites: SiteConfig[] = [];
	if ( values.DOCENT_SITES_FILE ) {
		sites.push( ...readSitesFile( values.DOCENT_SITES_FILE, problems ) );
	}
	if ( values.DOCENT_SITE_ID !== undefined ) {
		const site = siteSchema.safeParse( {
			id: values.DOCENT_SITE_ID,
			secret: values.DOCENT_SITE_SECRET ?? '',
			origins: list( values.DOCENT_SITE_ORIGINS ),
		} );
		if ( site.success ) {
			sites.push( site.data );
		} else {
			problems.push(
				...describeProblems( site.error ).map( ( line ) =>
					line.replace(
						/^(id|secret|origins)/,
						( field ) => `DOCENT_SITE_${ field.toUpperCase() }`
					)
				)
			);
		}
	}
	if ( sites.length === 0 && problems.length === 0 ) {
		problems.push(
			'no site is configured: set DOCENT_SITE_ID, DOCENT_SITE_SECRET and DOCENT_SITE_ORIGINS (or DOCENT_SITES_FILE). `npm run site` makes a new id and secret.'
		);
	}
	const ids = sites.map( ( site ) => site.id );
	for ( const id of new Set( ids ) ) {
		if ( ids.filter( ( other ) => other === id ).length > 1 ) {
			problems.push( `site ${ id } is configured more than once` );
		}
	}
	return sites;
}

function readSitesFile( path: string, problems: string[] ): SiteConfig[] {
	try {
		const parsed = sitesFileSchema.safeParse(
			JSON.parse( readFileSync( path, 'utf8' ) )
		);
		if ( parsed.success ) {
			return parsed.data.sites;
		}
		problems.push(
			...describeProblems( parsed.error ).map(
				( line ) => `DOCENT_SITES_FILE: ${ line }`
			)
		);
	} catch ( error ) {
		problems.push(
			`DOCENT_SITES_FILE: ${ error instanceof Error ? error.message : error }`
		);
	}
	return [];
}

function list( text: string | undefined ): string[] {
	return ( text ?? '' )
		.split( ',' )
		.map( ( item ) => item.trim() )
		.filter( ( item ) => item !== '' );
}

function isOrigin( text: string ): boolean {
	if ( ! URL.canParse( text ) ) {
		return false;
	}
	const url = new URL( text );
	return (
		/^https?:$/.test( url.protocol ) &&
		url.pathname === '/' &&
		url.search === '' &&
		url.username === ''
	);
}

function isRedisUrl( text: string ): boolean {
	if ( ! URL.canParse( text ) ) {
		return false;
	}
	const { protocol, hostname, pathname } = new URL( text );
	return (
		/^rediss?:$/.test( protocol ) &&
		hostname !== '' &&
		/^(\/\d{0,4})?$/.test( pathname )
	);
}

/**
 * Knows every model that may be used: what it costs, what it can do, which tier and role it serves, and until when. Models are data,
 * never code.
 */
import { SERVICE_TIERS } from '../ledger/usage.ts';
import type { Clock } from '../types.ts';
import { apiOf, canServe, checkCatalog } from './catalog-check.ts';
import {
	catalogError,
	readCatalogs,
	type MergedCatalog,
} from './catalog-file.ts';
import {
	ROLES,
	TIERS,
	type Model,
	type ModelEntry,
	type Prices,
	type Role,
	type Tier,
} from './catalog-schema.ts';
import { livingSuccessor, utcDay, type Succession } from './successor.ts';

export {
	ROLES,
	TIERS,
	type Model,
	type ModelApi,
	type Prices,
	type Rates,
	type Role,
	type Tier,
} from './catalog-schema.ts';

/** All models that may be used. A model that it hands out carries the prices of that moment; a call is priced with the model it was sent to. */
export interface Catalog {
	/** Returns the targets of a tier in the order in which they are tried, successors in the place of models that are gone. */
	targets( tier: Tier, at?: number ): Model[];
	/**
	 * Returns the models of a role in the order in which they are tried, without those that cannot do its work. Look at `api`: a successor may be
	 * called by another route.
	 */
	role( role: Role, at?: number ): Model[];
	/** Returns a model by its id, whether or not it is gone, or undefined when no file names it. */
	model( id: string, at?: number ): Model | undefined;
	/** The ids of all models. */
	readonly ids: readonly string[];
	/** Returns where a model is named by the configuration, directly or as a fallback. */
	uses( id: string ): { tiers: Tier[]; roles: Role[] };
	/** Returns when a model ends and what follows, the provider's own word before the catalog's. */
	succession( id: string ): Succession | undefined;
	/**
	 * Takes over what a provider says about its models: the day on which each is switched off, by the provider's own names. It replaces what the
	 * same provider said before; models without a day keep the day of the catalog.
	 */
	setShutdownDates(
		provider: string,
		dates: ReadonlyMap< string, string >
	): void;
	/** Changes whenever the models that answer in a tier change. */
	readonly fingerprint: string;
	/** What the owner should know about the file, although it stops nothing. */
	readonly warnings: readonly string[];
}

/** A provider as far as prices depend on it. */
export interface ProviderAddress {
	name: string;
	baseUrl: string;
}

/**
 * Loads the shipped catalog and lays the owner's file over it.
 *
 * Throws `ConfigError` naming every entry that is wrong: a price that is missing or cannot be meant, a tier or role that names an unknown
 * model, a provider that is not configured, a circle of successors or fallbacks.
 */
export function loadCatalog(
	overrideFile: string | undefined,
	{
		providers,
		clock = Date.now,
	}: { providers?: readonly ProviderAddress[]; clock?: Clock } = {}
): Catalog {
	const merged = readCatalogs( overrideFile );
	const problems = checkCatalog(
		merged,
		providers?.map( ( { name } ) => name )
	);
	if ( problems.length > 0 ) {
		throw catalogError( problems );
	}
	const regional = new Set(
		( providers ?? [] )
			.filter( ( { baseUrl } ) => isRegional( baseUrl ) )
			.map( ( { name } ) => name )
	);
	const versions = new Map(
		[ ...merged.models ].map( ( [ id, entry ] ) => [
			id,
			versionsOf( id, entry, merged, regional.has( entry.provider ) ),
		] )
	);
	const named = {
		tier: lists( TIERS, merged ),
		role: lists( ROLES, merged ),
	};
	const announced = new Map< string, string >();

	const modelAt = ( id: string, at: number ): Model | undefined =>
		versions.get( id )?.findLast( ( { from } ) => from <= at )?.model;

	const succession = ( id: string ): Succession | undefined => {
		const entry = merged.models.get( id );
		return (
			entry && {
				shutdownDate: announced.get( id ) ?? entry.shutdownDate,
				successor: entry.successor,
			}
		);
	};

	// Which models are there changes at midnight and when a provider announces something; between the two it is looked up once.
	let livingOn = NaN;
	let today = '';
	let living = new Map< string, readonly string[] >();
	let print: string | undefined;
	const livingIds = ( ids: readonly string[], key: string, at: number ) => {
		const day = Math.floor( at / DAY_MS );
		if ( day !== livingOn ) {
			living = new Map();
			livingOn = day;
			today = utcDay( at );
			print = undefined;
		}
		let found = living.get( key );
		if ( ! found ) {
			found = [
				...new Set(
					ids.flatMap(
						( id ) => livingSuccessor( id, succession, today ) ?? []
					)
				),
			];
			living.set( key, found );
		}
		return found;
	};
	const modelsOf = ( key: string, ids: readonly string[], at: number ) =>
		livingIds( ids, key, at ).flatMap( ( id ) => modelAt( id, at ) ?? [] );

	return {
		targets: ( tier, at = clock() ) =>
			modelsOf( `tier ${ tier }`, named.tier[ tier ], at ),
		role: ( role, at = clock() ) =>
			modelsOf( `role ${ role }`, named.role[ role ], at ).filter(
				( model ) => canServe( role, model )
			),
		model: ( id, at = clock() ) => modelAt( id, at ),
		ids: [ ...merged.models.keys() ],
		uses: ( id ) => ( {
			tiers: TIERS.filter( ( tier ) =>
				named.tier[ tier ].includes( id )
			),
			roles: ROLES.filter( ( role ) =>
				named.role[ role ].includes( id )
			),
		} ),
		succession,
		setShutdownDates( provider, dates ) {
			for ( const [ id, entry ] of merged.models ) {
				const date = dates.get( entry.upstreamId ?? id );
				if ( entry.provider === provider ) {
					announced.delete( id );
					if ( date !== undefined ) {
						announced.set( id, date );
					}
				}
			}
			living = new Map();
			print = undefined;
		},
		get fingerprint() {
			const at = clock();
			const ofTiers = TIERS.map( ( tier ) =>
				livingIds( named.tier[ tier ], `tier ${ tier }`, at )
			);
			print ??= ofTiers.join( ';' );
			return print;
		},
		warnings: merged.warnings,
	};
}

const DAY_MS = 86_400_000;

/** Lists, for each tier or role, its models with their fallbacks behind them, each once. */
function lists< Name extends Tier | Role >(
	names: readonly Name[],
	{ models, tiers, roles }: MergedCatalog
): Record< Name, string[] > {
	const all: Record< string, string[] | string | undefined > = {
		...tiers,
		...roles,
	};
	const withFallbacks = ( id: string ): string[] => [
		id,
		...( models.get( id )?.fallback ?? [] ).flatMap( withFallbacks ),
	];
	return Object.fromEntries(
		names.map( ( name ) => [
			name,
			[
				...new Set(
					[ all[ name ] ?? [] ].flat().flatMap( withFallbacks )
				),
			],
		] )
	) as Record< Name, string[] >;
}

/** What a request costs more when its input is longer than 272,000 tokens, at OpenAI since GPT-5.4. */
const OPENAI_LONG_CONTEXT: Prices[ 'longContext' ] = [
	{
		aboveInputTokens: 272_000,
		inputFactor: 2,
		outputFactor: 1.5,
		usdPerMillion: {},
	},
];

/** What OpenAI asks for keeping the data of a request in one region. */
const OPENAI_REGIONAL_FACTOR = 1.1;

/** OpenAI's regional addresses: us, eu, ae, au, in, jp. */
const REGIONAL_HOST = /^[a-z]{2}\.api\.openai\.com$/;

function isRegional( baseUrl: string ): boolean {
	return (
		URL.canParse( baseUrl ) &&
		REGIONAL_HOST.test( new URL( baseUrl ).hostname )
	);
}

/** Makes the versions of one model, from the oldest prices to the newest. */
function versionsOf(
	id: string,
	entry: ModelEntry,
	catalog: MergedCatalog,
	isInRegion: boolean
): Array< { from: number; model: Model } > {
	const {
		priceChanges,
		confirmUnusualPrice: _confirmed,
		serviceTierFactors,
		regionalFactor,
		...rest
	} = entry;
	// A model of OpenAI's that is not in the shipped catalog is new, and the new ones all have it.
	const isUnknownOpenAi =
		entry.provider === 'openai' && ! catalog.shipped.has( id );
	const model: Model = {
		...rest,
		id,
		upstreamId: entry.upstreamId ?? id,
		api: apiOf( id, entry, catalog ),
		usdPerMinute: entry.usdPerMinute,
		usdPerMillionCharacters: entry.usdPerMillionCharacters,
		longContext:
			entry.longContext ?? ( isUnknownOpenAi ? OPENAI_LONG_CONTEXT : [] ),
		serviceTierFactors: {
			...( Object.fromEntries(
				SERVICE_TIERS.map( ( tier ) => [ tier, 1 ] )
			) as Prices[ 'serviceTierFactors' ] ),
			fast: 2,
			...serviceTierFactors,
		},
		regionalFactor: isInRegion
			? ( regionalFactor ?? OPENAI_REGIONAL_FACTOR )
			: 1,
	};
	return [
		{ from: -Infinity, model },
		...priceChanges
			.map( ( { effectiveAt, ...prices } ) => ( {
				from: Date.parse( effectiveAt ),
				model: {
					...model,
					usdPerMinute: undefined,
					usdPerMillionCharacters: undefined,
					...prices,
				},
			} ) )
			.sort( ( first, second ) => first.from - second.from ),
	];
}

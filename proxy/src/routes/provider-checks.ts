/**
 * Tests every configured provider: reachable, authorised, models present, how fast, and what to do.
 */
import { ROLES, TIERS, type Catalog, type Model } from '../models/catalog.ts';
import type { ChatProvider } from '../upstream/chat.ts';
import { diagnose } from '../upstream/diagnosis.ts';
import type { ProviderConfig } from '../upstream/provider-config.ts';
import type { Providers } from '../upstream/providers.ts';
import { UpstreamError } from '../upstream/upstream-error.ts';
import type { Check } from './check.ts';

/** How long all requests to one provider may take together, in milliseconds. Providers are tested side by side. */
const TEST_MS = 8_000;

/** The time of a provider is the median of so many requests. */
const REQUESTS = 3;

const NO_PROVIDER: Check = {
	id: 'provider',
	status: 'warning',
	message:
		'No model provider is configured: answers are quoted from the site.',
	remedy: 'Set OPENAI_API_KEY in the environment of the proxy, or name providers in DOCENT_PROVIDERS_FILE.',
};

/** Returns a check of each provider (`provider:<name>`), and before them one of all (`provider`). Never rejects. */
export async function checkProviders( {
	configs,
	providers,
	catalog,
	testMs = TEST_MS,
}: {
	configs: readonly ProviderConfig[];
	providers: Pick< Providers, 'chat' > | undefined;
	catalog: Catalog | undefined;
	testMs?: number;
} ): Promise< Check[] > {
	if ( ! providers || ! catalog ) {
		return [ NO_PROVIDER ];
	}
	const checks = await Promise.all(
		configs.map( ( config ) =>
			checkProvider( {
				config,
				chat: providers.chat( config.name ),
				catalog,
				signal: AbortSignal.timeout( testMs ),
			} )
		)
	);
	return [
		summary( checks ),
		...checks,
		...checkTiers(
			catalog,
			configs.map( ( { name } ) => name )
		),
	];
}

/** Tells of tiers that name models of providers without a key only: they look right and never answer. */
function checkTiers( catalog: Catalog, names: string[] ): Check[] {
	const empty = TIERS.filter(
		( tier ) =>
			! catalog
				.targets( tier )
				.some( ( { provider } ) => names.includes( provider ) )
	);
	return empty.length === 0
		? []
		: [
				{
					id: 'tiers',
					status: empty.length === TIERS.length ? 'error' : 'warning',
					message: `No configured provider has a model for the ${ empty.length === 1 ? 'tier' : 'tiers' } ${ empty.join( ', ' ) }${ empty.length === TIERS.length ? ', so visitors get quotations from the site' : '' }.`,
					remedy: `Name models of ${ names.join( ', ' ) } in the tiers of DOCENT_MODELS_FILE, or set the key of the provider that they name.`,
				},
			];
}

async function checkProvider( {
	config,
	chat,
	catalog,
	signal,
}: {
	config: ProviderConfig;
	chat: ChatProvider | undefined;
	catalog: Catalog;
	signal: AbortSignal;
} ): Promise< Check > {
	const id = `provider:${ config.name }`;
	const times: number[] = [];
	let listed: string[] | undefined;
	try {
		while ( chat && times.length < REQUESTS ) {
			const from = performance.now();
			listed = ( await chat.listModels( signal ) ).map(
				( model ) => model.id
			);
			times.push( performance.now() - from );
		}
	} catch ( error ) {
		// What answered once and was slow then has been reached.
		if ( ! listed ) {
			return { id, ...explainFailure( error, config, signal ) };
		}
	}
	const latencyMs = Math.round( median( times ) );
	const found = describeModels(
		config,
		missingModels( catalog, config, listed )
	);
	return {
		id,
		...found,
		message: `${ found.message } It answers within ${ latencyMs } ms (the middle of ${ times.length }).`,
		latencyMs,
	};
}

/** The models that a tier or a role names at a provider and that its list does not have. */
function missingModels(
	catalog: Catalog,
	{ name, quirks }: ProviderConfig,
	listed: string[] = []
): { models: Model[]; isTierEmpty: boolean } {
	const ids = new Set( listed );
	const isMissing = ( { upstreamId }: Model ) =>
		quirks.listsModels &&
		! ids.has( upstreamId ) &&
		// Ollama adds the tag that it takes by itself.
		! ids.has( `${ upstreamId }:latest` );
	const ofProvider = ( models: Model[] ) =>
		models.filter( ( { provider } ) => provider === name );
	const tiers = TIERS.map( ( tier ) =>
		ofProvider( catalog.targets( tier ) )
	);
	const models = [
		...tiers.flat(),
		...ROLES.flatMap( ( role ) => ofProvider( catalog.role( role ) ) ),
	].filter( isMissing );
	return {
		models: [
			...new Map(
				models.map( ( model ) => [ model.upstreamId, model ] )
			),
		].map( ( [ , model ] ) => model ),
		isTierEmpty: tiers.some(
			( targets ) => targets.length > 0 && targets.every( isMissing )
		),
	};
}

function describeModels(
	{ name, quirks }: ProviderConfig,
	{ models, isTierEmpty }: ReturnType< typeof missingModels >
): Omit< Check, 'id' > {
	const answers = quirks.isKeyless
		? `The provider ${ name } answers.`
		: `The provider ${ name } answers and accepts the key.`;
	if ( ! quirks.listsModels ) {
		return {
			status: 'ok',
			message: `${ answers } Its list does not tell which models can be asked, so they were not tested.`,
		};
	}
	if ( models.length === 0 ) {
		return { status: 'ok', message: answers };
	}
	const { code, remedy, repair } = diagnose( 'provider_model_gone' );
	const missing = models.map( ( { upstreamId } ) => upstreamId );
	return {
		status: isTierEmpty ? 'error' : 'warning',
		message: `The provider ${ name } does not list ${ missing.join( ', ' ) }.`,
		code,
		remedy,
		...( repair ? { repair } : {} ),
		missing,
	};
}

function explainFailure(
	error: unknown,
	{ name, quirks, keyVariable }: ProviderConfig,
	signal: AbortSignal
): Omit< Check, 'id' > {
	const known = error instanceof UpstreamError ? error : undefined;
	if ( ! quirks.listsModels && known?.code === 'provider_address' ) {
		return {
			status: 'ok',
			message: `The provider ${ name } was reached. It has no list of models, so the key and the models were not tested.`,
		};
	}
	const code =
		( signal.aborted ? undefined : known?.code ) ?? 'network_timeout';
	const { cause, remedy, repair } = diagnose( code );
	return {
		// A limit of rate passes; everything else has to be mended by somebody.
		status: code === 'provider_rate' ? 'warning' : 'error',
		message: `${ name }: ${ cause }`,
		code,
		remedy:
			code === 'provider_auth' && keyVariable !== ''
				? remedy.replace(
						'the variable that holds the key of this provider',
						keyVariable
					)
				: remedy,
		...( repair ? { repair } : {} ),
	};
}

/** Says whether visitors get answers at all. */
function summary( checks: Check[] ): Check {
	const failed = checks.filter( ( { status } ) => status === 'error' );
	const [ first ] = failed;
	if ( ! first ) {
		return {
			id: 'provider',
			status: 'ok',
			message:
				checks.length === 1
					? 'The model provider answers.'
					: `All ${ checks.length } model providers answer.`,
		};
	}
	const isAll = failed.length === checks.length;
	const names = failed
		.map( ( { id } ) => id.slice( 'provider:'.length ) )
		.join( ', ' );
	return {
		id: 'provider',
		status: isAll ? 'error' : 'warning',
		message: isAll
			? 'No model provider can answer. Visitors get quotations from the site meanwhile.'
			: `Of ${ checks.length } model providers these cannot answer: ${ names }. The others are asked meanwhile.`,
		...( first.remedy ? { remedy: first.remedy } : {} ),
		...( first.code ? { code: first.code } : {} ),
	};
}

function median( values: number[] ): number {
	const sorted = values.toSorted( ( a, b ) => a - b );
	return sorted[ Math.floor( ( sorted.length - 1 ) / 2 ) ] ?? 0;
}

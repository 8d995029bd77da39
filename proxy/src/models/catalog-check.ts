/**
 * Checks what no single field can show: names that lead nowhere or in a circle, and what a model is told that it does not take.
 */
import {
	ROLE_APIS,
	ROLES,
	TIERS,
	type Model,
	type ModelApi,
	type ModelEntry,
	type Role,
} from './catalog-schema.ts';
import type { MergedCatalog } from './catalog-file.ts';
import { checkPricesPlausible, checkPricesPresent } from './catalog-prices.ts';

/** Returns one sentence a problem, each beginning with the entry it is about; none when the catalog can be used. */
export function checkCatalog(
	catalog: MergedCatalog,
	providerNames: readonly string[] | undefined
): string[] {
	return [
		...checkTiersAndRoles( catalog ),
		...checkLinks( catalog ),
		...checkCircles( catalog, 'successor' ),
		...checkCircles( catalog, 'fallback' ),
		...checkProviders( catalog, providerNames ),
		...[ ...catalog.models ].flatMap( ( [ id, model ] ) => [
			...checkEffort( id, model ),
			...checkPricesPresent( id, model, apiOf( id, model, catalog ) ),
		] ),
		...[ ...catalog.ownIds ].flatMap( ( id ) =>
			checkPricesPlausible( id, catalog )
		),
	];
}

/** Returns the route a model is called by: what its entry says, or what its role is called by, or chat. */
export function apiOf(
	id: string,
	model: ModelEntry,
	{ tiers, roles }: Pick< MergedCatalog, 'tiers' | 'roles' >
): ModelApi {
	if ( model.api ) {
		return model.api;
	}
	const isTarget = TIERS.some( ( tier ) => tiers[ tier ]?.includes( id ) );
	const role = ROLES.find( ( each ) => roles[ each ] === id );
	return role && ! isTarget ? ROLE_APIS[ role ][ 0 ] : 'chat';
}

function checkTiersAndRoles( catalog: MergedCatalog ): string[] {
	const { models, tiers, roles } = catalog;
	const problems: string[] = [];
	for ( const tier of TIERS ) {
		const ids = tiers[ tier ] ?? [];
		ids.forEach( ( id, index ) => {
			const model = models.get( id );
			if ( ! model ) {
				problems.push(
					`tier ${ tier } names ${ id }, which has no entry with prices under "models"`
				);
			} else if ( apiOf( id, model, catalog ) !== 'chat' ) {
				problems.push(
					`tier ${ tier } names ${ id }, which is no chat model`
				);
			}
			if ( ids.indexOf( id ) !== index ) {
				problems.push( `tier ${ tier } names ${ id } twice` );
			}
		} );
	}
	for ( const role of ROLES ) {
		const id = roles[ role ];
		const model = id === undefined ? undefined : models.get( id );
		if ( id !== undefined && ! model ) {
			problems.push(
				`roles.${ role } names ${ id }, which has no entry with prices under "models"`
			);
		} else if ( id !== undefined && model ) {
			const api = apiOf( id, model, catalog );
			if ( ! isCalledFor( role, api ) ) {
				problems.push(
					`roles.${ role } names ${ id }, which is called by "${ api }" and cannot serve there`
				);
			} else if ( ! hasSoundFor( role, model ) ) {
				problems.push(
					`roles.${ role } names ${ id }, whose modalities lack the audio that is needed there`
				);
			}
		}
	}
	return problems;
}

/** Tells whether a model can do the work of a role: a fallback or a successor may be of another kind. */
export function canServe(
	role: Role,
	model: Pick< Model, 'api' | 'modalities' >
): boolean {
	return isCalledFor( role, model.api ) && hasSoundFor( role, model );
}

function isCalledFor( role: Role, api: ModelApi ): boolean {
	return ( ROLE_APIS[ role ] as readonly ModelApi[] ).includes( api );
}

function hasSoundFor(
	role: Role,
	{ modalities }: Pick< Model, 'modalities' >
): boolean {
	const hears = modalities.in.includes( 'audio' );
	const speaks = modalities.out.includes( 'audio' );
	switch ( role ) {
		case 'transcription':
			return hears;
		case 'speech':
			return speaks;
		case 'audioChat':
		case 'realtime':
			return hears && speaks;
		default:
			return true;
	}
}

function linksOf(
	model: ModelEntry,
	kind: 'successor' | 'fallback'
): string[] {
	return kind === 'fallback'
		? model.fallback
		: [ model.successor ].filter( ( id ) => id !== undefined );
}

function checkLinks( { models }: MergedCatalog ): string[] {
	return [ ...models ].flatMap( ( [ id, model ] ) =>
		( [ 'successor', 'fallback' ] as const ).flatMap( ( kind ) =>
			linksOf( model, kind )
				.filter( ( other ) => ! models.has( other ) )
				.map(
					( other ) =>
						`models.${ id }.${ kind } names ${ other }, which has no entry under "models"`
				)
		)
	);
}

/** Finds each circle once, and tells it from the first of its models in alphabetical order. */
function checkCircles(
	{ models }: MergedCatalog,
	kind: 'successor' | 'fallback'
): string[] {
	const circles = new Set< string >();
	const done = new Set< string >();
	const visit = ( id: string, path: string[] ) => {
		const at = path.indexOf( id );
		if ( at >= 0 ) {
			circles.add( turnToFirst( path.slice( at ) ).join( ' → ' ) );
			return;
		}
		const model = models.get( id );
		if ( model && ! done.has( id ) ) {
			for ( const next of linksOf( model, kind ) ) {
				visit( next, [ ...path, id ] );
			}
			done.add( id );
		}
	};
	for ( const id of models.keys() ) {
		visit( id, [] );
	}
	return [ ...circles ].map( ( circle ) => {
		const first = circle.split( ' → ' )[ 0 ];
		return `models.${ first }.${ kind } leads back to itself (${ circle } → ${ first })`;
	} );
}

function turnToFirst( circle: string[] ): string[] {
	const first = circle.indexOf( [ ...circle ].sort()[ 0 ] ?? '' );
	return [ ...circle.slice( first ), ...circle.slice( 0, first ) ];
}

function checkProviders(
	{ models, tiers, roles, ownIds }: MergedCatalog,
	names: readonly string[] | undefined
): string[] {
	if ( ! names ) {
		return [];
	}
	// The default provider is known even while its key is missing: then the site is quoted.
	const known = new Set( [ 'openai', ...names ] );
	const used = new Set( [
		...ownIds,
		...TIERS.flatMap( ( tier ) => tiers[ tier ] ?? [] ),
		...ROLES.flatMap( ( role ) => roles[ role ] ?? [] ),
	] );
	return [ ...used ].flatMap( ( id ) => {
		const provider = models.get( id )?.provider;
		return provider === undefined || known.has( provider )
			? []
			: [
					`models.${ id }.provider names ${ provider }, which is not configured (known: ${ [ ...known ].join( ', ' ) })`,
				];
	} );
}

function checkEffort( id: string, model: ModelEntry ): string[] {
	const { reasoningEfforts } = model.capabilities;
	return model.reasoningEffort !== undefined &&
		reasoningEfforts.length > 0 &&
		! reasoningEfforts.includes( model.reasoningEffort )
		? [
				`models.${ id }.reasoningEffort is "${ model.reasoningEffort }", but the model takes ${ reasoningEfforts.join( ', ' ) }`,
			]
		: [];
}

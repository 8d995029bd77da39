/**
 * Reads the shipped catalog and the owner's file, and lays one over the other; everything that is wrong is said with the name of its entry.
 */
import { readFileSync } from 'node:fs';
import { ConfigError, describeProblems } from '../errors.ts';
import {
	fileSchema,
	MODEL_FIELDS,
	modelSchema,
	type CatalogFile,
	type ModelEntry,
} from './catalog-schema.ts';

/** What both files come to. */
export interface MergedCatalog {
	models: ReadonlyMap< string, ModelEntry >;
	/** The models as shipped, to compare prices with. */
	shipped: ReadonlyMap< string, ModelEntry >;
	/** Ids that the owner's file names under `models`. */
	ownIds: ReadonlySet< string >;
	tiers: CatalogFile[ 'tiers' ];
	roles: CatalogFile[ 'roles' ];
	/** What the owner should know although it stops nothing. */
	warnings: string[];
}

interface RawModel {
	provider?: unknown;
	priceChanges?: unknown;
	[ field: string ]: unknown;
}

const PRICE_FIELDS = [
	'usdPerMillion',
	'usdPerMinute',
	'usdPerMillionCharacters',
] as const;

/**
 * Reads both. An entry of the owner for a shipped model names only what differs: each field it names replaces the shipped one whole, and
 * `null` removes it. An entry that names another provider replaces the shipped one altogether, and one that names a price replaces the shipped
 * changes of price. Tiers replace the shipped tier, roles the shipped role.
 *
 * Throws {@link ConfigError} with every entry that does not have the shape of its kind.
 */
export function readCatalogs( ownFile: string | undefined ): MergedCatalog {
	const shippedFile = fileSchema.parse(
		JSON.parse(
			readFileSync( new URL( './catalog.json', import.meta.url ), 'utf8' )
		)
	);
	const own = readOwnFile( ownFile );
	const problems: string[] = [];
	const warnings: string[] = [];

	const shipped = new Map(
		Object.entries( shippedFile.models ).map( ( [ id, raw ] ) => [
			id,
			modelSchema.parse( raw ),
		] )
	);
	const models = new Map( shipped );
	for ( const [ id, raw ] of Object.entries( own.models ) ) {
		const base = Object.hasOwn( shippedFile.models, id )
			? shippedFile.models[ id ]
			: undefined;
		const parsed = modelSchema.safeParse( lay( raw, base ) );
		if ( parsed.success ) {
			models.set( id, parsed.data );
		} else {
			problems.push(
				...describeProblems( parsed.error ).map(
					( line ) => `models.${ id }.${ line }`
				)
			);
		}
		for ( const field of Object.keys( raw ) ) {
			if ( ! MODEL_FIELDS.has( field ) ) {
				warnings.push(
					`models.${ id }.${ field } is not a field that anything reads`
				);
			}
		}
	}
	if ( problems.length > 0 ) {
		throw catalogError( problems );
	}
	return {
		models,
		shipped,
		ownIds: new Set( Object.keys( own.models ) ),
		tiers: { ...shippedFile.tiers, ...own.tiers },
		roles: { ...shippedFile.roles, ...own.roles },
		warnings,
	};
}

/** Makes the error that stops the start, one line a problem. */
export function catalogError( problems: readonly string[] ): ConfigError {
	return new ConfigError(
		problems.map( ( problem ) => `DOCENT_MODELS_FILE: ${ problem }` )
	);
}

function lay( own: RawModel, shipped: RawModel | undefined ): RawModel {
	const { provider = 'openai', priceChanges, ...rest } = shipped ?? {};
	const replaces = own.provider !== undefined && own.provider !== provider;
	const namesPrice = PRICE_FIELDS.some(
		( field ) => own[ field ] !== undefined
	);
	const laid: RawModel = {
		...( replaces ? {} : { ...rest, provider } ),
		...( replaces || namesPrice ? {} : { priceChanges } ),
		...own,
	};
	return Object.fromEntries(
		Object.entries( laid ).filter(
			( [ , value ] ) => value !== null && value !== undefined
		)
	);
}

function readOwnFile( path: string | undefined ): CatalogFile {
	if ( path === undefined ) {
		return fileSchema.parse( {} );
	}
	let json: unknown;
	try {
		json = JSON.parse( readFileSync( path, 'utf8' ) );
	} catch ( error ) {
		throw catalogError( [
			error instanceof Error ? error.message : String( error ),
		] );
	}
	const parsed = fileSchema.safeParse( json );
	if ( ! parsed.success ) {
		throw catalogError( describeProblems( parsed.error ) );
	}
	return parsed.data;
}

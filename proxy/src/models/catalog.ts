/**
 * Knows every model that may be used: what it costs, what it takes, which tier it serves. Models are data, never code.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ConfigError, describeProblems } from '../errors.ts';

const price = z.number().min( 0 ).max( 1_000_000 );

const modelSchema = z.object( {
	provider: z.string().default( 'openai' ),
	modalities: z.object( {
		in: z.array( z.enum( [ 'text', 'image', 'audio', 'video' ] ) ),
		out: z.array( z.enum( [ 'text', 'audio' ] ) ),
	} ),
	contextTokens: z.number().int().positive(),
	maxOutputTokens: z.number().int().positive(),
	shutdownDate: z.iso.date().optional(),
	successor: z.string().optional(),
	/** Sent as `reasoning_effort` when present; `none` means that no hidden tokens are billed. */
	reasoningEffort: z
		.enum( [ 'none', 'minimal', 'low', 'medium', 'high' ] )
		.optional(),
	usdPerMillion: z.object( {
		textIn: price,
		textCachedIn: price.optional(),
		textCacheWrite: price.optional(),
		textOut: price,
		imageIn: price.optional(),
		audioIn: price.optional(),
		audioOut: price.optional(),
	} ),
	usdPerMinute: price.optional(),
	usdPerMillionCharacters: price.optional(),
} );

/** Tiers from the cheapest to the dearest. */
export const TIERS = [ 'economy', 'standard', 'premium' ] as const;
export type Tier = ( typeof TIERS )[ number ];

const catalogSchema = z.object( {
	models: z.record( z.string(), modelSchema ),
	tiers: z.record( z.enum( TIERS ), z.array( z.string() ) ),
	roles: z.record( z.string(), z.string() ).default( {} ),
} );

/** A file of the owner may name only what differs; whole models and tiers replace the shipped ones. */
const overrideSchema = z.object( {
	models: z.record( z.string(), modelSchema ).default( {} ),
	tiers: z
		.partialRecord( z.enum( TIERS ), z.array( z.string() ) )
		.default( {} ),
	roles: z.record( z.string(), z.string() ).default( {} ),
} );

export type Model = z.infer< typeof modelSchema > & { id: string };

export interface Catalog {
	/** Returns the targets of a tier in the order in which they are tried. */
	targets( tier: Tier ): Model[];
	/** Changes whenever a model, price or tier changes. */
	readonly fingerprint: string;
}

/**
 * Loads the shipped catalog and lays the owner's file over it.
 *
 * Throws {@link ConfigError} naming the entry when one is invalid, and when a tier names a model without a price: an unknown price
 * refuses to run rather than counting as zero.
 */
export function loadCatalog( overrideFile: string | undefined ): Catalog {
	const shipped = catalogSchema.parse(
		JSON.parse(
			readFileSync( new URL( './catalog.json', import.meta.url ), 'utf8' )
		)
	);
	const override = readOverride( overrideFile );
	const models = { ...shipped.models, ...override.models };
	const tiers = { ...shipped.tiers, ...override.tiers };

	const problems: string[] = [];
	for ( const tier of TIERS ) {
		for ( const id of tiers[ tier ] ) {
			if ( ! Object.hasOwn( models, id ) ) {
				problems.push(
					`tier ${ tier } names ${ id }, which has no entry with prices under "models"`
				);
			}
		}
	}
	if ( problems.length > 0 ) {
		throw new ConfigError(
			problems.map( ( problem ) => `DOCENT_MODELS_FILE: ${ problem }` )
		);
	}
	return {
		targets: ( tier ) =>
			tiers[ tier ].flatMap( ( id ) => {
				const model = models[ id ];
				return model ? [ { ...model, id } ] : [];
			} ),
		fingerprint: JSON.stringify( tiers ),
	};
}

function readOverride( path: string | undefined ) {
	if ( path === undefined ) {
		return overrideSchema.parse( {} );
	}
	let json: unknown;
	try {
		json = JSON.parse( readFileSync( path, 'utf8' ) );
	} catch ( error ) {
		throw new ConfigError( [
			`DOCENT_MODELS_FILE: ${ error instanceof Error ? error.message : error }`,
		] );
	}
	const parsed = overrideSchema.safeParse( json );
	if ( ! parsed.success ) {
		throw new ConfigError(
			describeProblems( parsed.error ).map(
				( line ) => `DOCENT_MODELS_FILE: ${ line }`
			)
		);
	}
	return parsed.data;
}

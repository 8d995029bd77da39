/**
 * Takes numbers out of what a provider reports, and remembers everything that was not as it should be.
 */

/** No model reads or writes so many tokens in one call, and no session lasts so many seconds; more than this is no number but a fault. */
const MAX_AMOUNT = 1_000_000_000;

/** The fields of one report. Each is read by its path, such as `prompt_tokens_details.cached_tokens`. */
export interface UsageFields {
	/** Returns a number of tokens; undefined when the field is absent or holds no such number. */
	tokens( path: string ): number | undefined;
	/** Returns a number that may have a fraction, as seconds or dollars have. */
	amount( path: string, max?: number ): number | undefined;
	/** Tells whether any of the paths held something that is no number. */
	isBroken( ...paths: string[] ): boolean;
	/** Notes a doubt of the caller's. */
	doubt( doubt: string ): void;
	readonly doubts: string[];
}

/** Wraps the `usage` object of a reply, whatever it is. */
export function usageFields( usage: unknown ): UsageFields {
	const doubts: string[] = [];
	const broken = new Set< string >();

	const amount = ( path: string, max = MAX_AMOUNT ): number | undefined => {
		const value = valueAt( usage, path );
		if ( value === undefined || value === null ) {
			return undefined;
		}
		const number =
			typeof value === 'string' && /^\d+(\.\d+)?$/.test( value )
				? Number( value )
				: value;
		if (
			typeof number !== 'number' ||
			! Number.isFinite( number ) ||
			number < 0 ||
			number > max
		) {
			broken.add( path );
			// Only numbers are quoted: a log holds nothing that a provider could have put there on purpose.
			doubts.push(
				`${ path } is ${ typeof value === 'number' ? value : typeof value }`
			);
			return undefined;
		}
		return number;
	};

	return {
		amount,
		tokens( path ) {
			const value = amount( path );
			return value === undefined ? undefined : Math.ceil( value );
		},
		isBroken: ( ...paths ) => paths.some( ( path ) => broken.has( path ) ),
		doubt( doubt ) {
			doubts.push( doubt );
		},
		doubts,
	};
}

/** The paths are a fixed set of constants, so that each is cut once. */
const keysOf = new Map< string, readonly string[] >();

/** Returns what stands at a path of own properties, or undefined. */
export function valueAt( value: unknown, path: string ): unknown {
	let keys = keysOf.get( path );
	if ( ! keys ) {
		keys = path.split( '.' );
		keysOf.set( path, keys );
	}
	let inner = value;
	for ( const key of keys ) {
		if (
			typeof inner !== 'object' ||
			inner === null ||
			! Object.hasOwn( inner, key )
		) {
			return undefined;
		}
		inner = ( inner as Record< string, unknown > )[ key ];
	}
	return inner;
}

/**
 * Says what one call consumed, in units that never overlap, so that every unit is priced exactly once.
 */

/**
 * The units a call is measured in. Tokens of each kind are counted apart: a cached token is not among the plain ones, an audio token not
 * among those of text, and a token that was written into the provider's cache only there.
 */
export const USAGE_UNITS = [
	/** Text tokens that were read, neither from the provider's cache nor into it. */
	'textIn',
	'textCachedIn',
	/** Text tokens that were read and kept in the provider's cache for the usual time (30 minutes at OpenAI). */
	'textCacheWrite',
	/** The same, kept for the long time (12 hours at OpenAI). */
	'textCacheWriteLong',
	'imageIn',
	'imageCachedIn',
	'audioIn',
	'audioCachedIn',
	/** Text tokens that were produced; hidden reasoning is among them. */
	'textOut',
	'audioOut',
	/** Seconds of audio or of a session, where time is what is billed; the only unit that may have a fraction. */
	'seconds',
	/** Characters that were spoken, where those are billed. */
	'characters',
] as const;

export type UsageUnit = ( typeof USAGE_UNITS )[ number ];

/** How fast the provider served a call, which multiplies its price. */
export const SERVICE_TIERS = [ 'standard', 'batch', 'flex', 'fast' ] as const;

export type ServiceTier = ( typeof SERVICE_TIERS )[ number ];

/** What one call consumed. A unit that is left out counts zero; no number is negative. */
export type Usage = Partial< Record< UsageUnit, number > > & {
	/** Left out: standard. */
	serviceTier?: ServiceTier;
	/** What the provider itself said that the call cost, in nano-dollars; only routers such as OpenRouter say it. */
	reportedNanoUsd?: number;
};

const INPUT_UNITS = [
	'textIn',
	'textCachedIn',
	'textCacheWrite',
	'textCacheWriteLong',
	'imageIn',
	'imageCachedIn',
	'audioIn',
	'audioCachedIn',
] as const satisfies readonly UsageUnit[];

/** Adds up the tokens that were read, cached ones included. */
export function inputTokens( usage: Usage ): number {
	return INPUT_UNITS.reduce(
		( sum, unit ) => sum + ( usage[ unit ] ?? 0 ),
		0
	);
}

/** Adds up the tokens that were produced, hidden reasoning included. */
export function outputTokens( usage: Usage ): number {
	return ( usage.textOut ?? 0 ) + ( usage.audioOut ?? 0 );
}

/** Adds usages of one price together, as those of the replies of one realtime session. The service tier is the first one's. */
export function addUsage( first: Usage, second: Usage ): Usage {
	const sum: Usage = { ...second, ...first };
	for ( const unit of [ ...USAGE_UNITS, 'reportedNanoUsd' ] as const ) {
		const amount = ( first[ unit ] ?? 0 ) + ( second[ unit ] ?? 0 );
		if ( amount > 0 ) {
			sum[ unit ] = amount;
		}
	}
	return sum;
}

/** How books before version 0.2 kept usage: cached and written tokens were part of `inputTokens`. */
interface OldUsage {
	inputTokens: number;
	cachedInputTokens: number;
	cacheWriteTokens: number;
	outputTokens: number;
}

/** Reads a usage as a store kept it, in today's shape or in the one of older books. */
export function readStoredUsage( stored: unknown ): Usage | undefined {
	if ( typeof stored !== 'object' || stored === null ) {
		return undefined;
	}
	if ( ! ( 'inputTokens' in stored ) ) {
		return stored as Usage;
	}
	const old = stored as OldUsage;
	const cached = clamp( old.cachedInputTokens, old.inputTokens );
	const written = clamp( old.cacheWriteTokens, old.inputTokens - cached );
	return {
		textIn: old.inputTokens - cached - written,
		...( cached > 0 ? { textCachedIn: cached } : {} ),
		...( written > 0 ? { textCacheWrite: written } : {} ),
		textOut: old.outputTokens,
	};
}

function clamp( value: number, max: number ): number {
	return Math.min( Math.max( 0, value ), max );
}

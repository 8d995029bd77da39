/**
 * Reads what a provider says about its rate limits in the headers of a reply, in every form that is published.
 */
import type { ReplyHeaders } from './connection-pool.ts';

/** How much of one limit is left, and when it is whole again. */
export interface Allowance {
	remaining: number;
	/** Undefined when the provider does not say it. */
	limit: number | undefined;
	/** Milliseconds from now until the limit is whole again; undefined when the provider does not say it. */
	resetMs: number | undefined;
}

/** What a reply said about limits; a limit that it does not name is undefined. */
export interface Allowances {
	requests: Allowance | undefined;
	tokens: Allowance | undefined;
}

/** A wait that a provider asks for is not believed beyond this, in milliseconds. */
const LONGEST_MS = 86_400_000;

/** The names of the three headers of a limit, first the usual ones; `project` limits bind as well. */
const NAMES = {
	requests: [
		named( 'x-ratelimit-*-requests' ),
		named( 'x-ratelimit-*-project-requests' ),
		// Together and OpenRouter.
		named( 'x-ratelimit-*' ),
		named( 'ratelimit-*' ),
	],
	tokens: [
		named( 'x-ratelimit-*-tokens' ),
		named( 'x-ratelimit-*-project-tokens' ),
		named( 'x-tokenlimit-*' ),
	],
};

/** Reads the limits of a reply; `now` is in milliseconds since the epoch. */
export function readAllowances(
	headers: ReplyHeaders,
	now: number
): Allowances {
	return {
		requests: tightest( headers, NAMES.requests, now ),
		tokens: tightest( headers, NAMES.tokens, now ),
	};
}

/**
 * Reads how long to wait before the next try, in milliseconds: `retry-after-ms`, then `Retry-After` in seconds or as a date. Undefined
 * when the provider does not say it.
 */
export function readRetryAfter(
	headers: ReplyHeaders,
	now: number
): number | undefined {
	const inMs = Number( text( headers, 'retry-after-ms' ) ?? NaN );
	if ( Number.isFinite( inMs ) && inMs >= 0 ) {
		return Math.min( Math.ceil( inMs ), LONGEST_MS );
	}
	const value = text( headers, 'retry-after' );
	return value === undefined ? undefined : readWait( value, now );
}

const UNITS_MS: Record< string, number > = {
	d: 86_400_000,
	h: 3_600_000,
	m: 60_000,
	s: 1_000,
	ms: 1,
};

/** Before this, a bare number is a number of seconds; from it on it is a moment. Years of waiting are nobody's limit. */
const FIRST_MOMENT_SECONDS = 1_000_000_000;
const FIRST_MOMENT_MS = 1_000_000_000_000;

/**
 * Reads a wait as it is written in headers, in milliseconds: `6m0s`, `120ms`, `1h2m3.5s`, seconds (`20`, `7.66`), a moment in seconds
 * or milliseconds since the epoch, or a date. Undefined for anything else.
 */
export function readWait( value: string, now: number ): number | undefined {
	const trimmed = value.trim();
	if ( /^\d+(\.\d+)?$/.test( trimmed ) ) {
		const number = Number( trimmed );
		if ( number >= FIRST_MOMENT_MS ) {
			return bounded( number - now );
		}
		return bounded(
			number >= FIRST_MOMENT_SECONDS
				? number * 1_000 - now
				: number * 1_000
		);
	}
	if ( /^(\d+(\.\d+)?(ms|[dhms]))+$/.test( trimmed ) ) {
		let sum = 0;
		for ( const [ , number, unit ] of trimmed.matchAll(
			/(\d+(?:\.\d+)?)(ms|[dhms])/g
		) ) {
			sum += Number( number ) * ( UNITS_MS[ unit ?? '' ] ?? 0 );
		}
		return bounded( sum );
	}
	const moment = /\d\d:\d\d/.test( trimmed ) ? Date.parse( trimmed ) : NaN;
	return Number.isNaN( moment ) ? undefined : bounded( moment - now );
}

function bounded( waitMs: number ): number {
	return Math.min( Math.max( 0, Math.ceil( waitMs ) ), LONGEST_MS );
}

interface HeaderNames {
	remaining: string;
	limit: string;
	reset: string;
}

function named( pattern: string ): HeaderNames {
	return {
		remaining: pattern.replace( '*', 'remaining' ),
		limit: pattern.replace( '*', 'limit' ),
		reset: pattern.replace( '*', 'reset' ),
	};
}

/** Of several limits of one kind the one with the least left binds. */
function tightest(
	headers: ReplyHeaders,
	kinds: HeaderNames[],
	now: number
): Allowance | undefined {
	let found: Allowance | undefined;
	for ( const names of kinds ) {
		const raw = text( headers, names.remaining );
		const remaining = raw === undefined ? NaN : Number( raw );
		if (
			Number.isFinite( remaining ) &&
			( ! found || remaining < found.remaining )
		) {
			const limit = Number( text( headers, names.limit ) ?? NaN );
			const reset = text( headers, names.reset );
			found = {
				remaining: Math.max( 0, remaining ),
				limit: limit > 0 ? limit : undefined,
				resetMs:
					reset === undefined ? undefined : readWait( reset, now ),
			};
		}
	}
	return found;
}

function text( headers: ReplyHeaders, name: string ): string | undefined {
	const value = headers[ name ];
	const first = Array.isArray( value ) ? value[ 0 ] : value;
	return first === '' ? undefined : first;
}

/**
 * Holds the visitor's short-lived token: minted by WordPress when first needed, kept for the tab, renewed when it runs out.
 */
import { AssistantFailure, failureOfResponse } from './failure.ts';

/** A token as it is kept in the tab; `expiresAtMs` is in this browser's own time. */
export interface VisitorToken {
	token: string;
	expiresAtMs: number;
}

/** Gives a token that is good for a request. */
export interface TokenSource {
	/** The kept token, or a new one when there is none or it is about to run out. */
	get(): Promise< string >;
	/** A new token in place of the one that was refused. Requests that fail together share one renewal. */
	renew( refused: string ): Promise< string >;
	/** The kept token even when it has run out, for the beacon of a page that is leaving. */
	peek(): string | undefined;
}

/** A token this close to its end may run out on the way. */
const MARGIN_MS = 20_000;

/** Creates the source of tokens of one tab. */
export function createTokenSource( {
	tokenUrl,
	consent,
	load,
	save,
	fetch,
	now = Date.now,
}: {
	tokenUrl: string;
	/** What the visitor has agreed to, asked at every renewal. */
	consent: () => string[];
	load: () => VisitorToken | undefined;
	save: ( token: VisitorToken ) => void;
	fetch: typeof globalThis.fetch;
	now?: () => number;
} ): TokenSource {
	let pending: Promise< string > | undefined;

	async function mint(): Promise< string > {
		const previous = load()?.token;
		const response = await fetch( tokenUrl, {
			method: 'POST',
			headers: { 'Content-Type': 'application/json' },
			body: JSON.stringify( { consent: consent(), previous } ),
			cache: 'no-store',
			signal: AbortSignal.timeout( 15_000 ),
		} );
		if ( ! response.ok ) {
			throw await failureOfResponse( response );
		}
		const body = ( await response.json().catch( () => null ) ) as {
			token?: unknown;
			expiresAt?: unknown;
		} | null;
		if (
			typeof body?.token !== 'string' ||
			typeof body.expiresAt !== 'number'
		) {
			// For example a maintenance page answered in WordPress's place.
			throw new AssistantFailure( 'unreachable', {
				status: response.status,
			} );
		}
		// The visitor's clock may be hours off; the server's own date tells how long the token really lasts.
		const serverTime = Date.parse( response.headers.get( 'date' ) ?? '' );
		const lifetimeMs =
			body.expiresAt * 1000 -
			( Number.isNaN( serverTime ) ? now() : serverTime );
		save( { token: body.token, expiresAtMs: now() + lifetimeMs } );
		return body.token;
	}

	function renewOnce(): Promise< string > {
		pending ??= mint().finally( () => ( pending = undefined ) );
		return pending;
	}

	return {
		async get() {
			const kept = load();
			return kept && kept.expiresAtMs - MARGIN_MS > now()
				? kept.token
				: renewOnce();
		},
		async renew( refused ) {
			const kept = load();
			// Another request may have renewed it while this one was on its way.
			return kept && kept.token !== refused ? kept.token : renewOnce();
		},
		peek: () => load()?.token,
	};
}

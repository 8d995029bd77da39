/**
 * Has a change written down whose own proxy ended before it was done.
 */
import type { RedisConnection } from './connection.ts';
import { writeDown } from './redis-knowledge-site.ts';

/** So long a change may stand unwritten before others help, in milliseconds; its own proxy needs less. */
const HELP_AFTER_MS = 2_000;

export interface HelpOptions {
	helpAfterMs?: number | undefined;
}

/** Takes note of the change that a site has pending, and helps when it stays. */
export type Help = ( siteId: string, pending: string | undefined ) => void;

/** Makes the helper of one proxy. */
export function createHelp(
	redis: RedisConnection,
	{ helpAfterMs = HELP_AFTER_MS }: HelpOptions
): Help {
	const seen = new Map< string, { change: string; helpsAt: number } >();
	return ( siteId, pending ) => {
		if ( pending === undefined ) {
			seen.delete( siteId );
			return;
		}
		const known = seen.get( siteId );
		const now = performance.now();
		if ( known?.change !== pending ) {
			seen.set( siteId, { change: pending, helpsAt: now + helpAfterMs } );
		} else if ( now >= known.helpsAt ) {
			known.helpsAt = now + helpAfterMs;
			// Reading goes on without it; whoever looks next tries again.
			writeDown( redis, siteId, pending ).catch( () => undefined );
		}
	};
}

/**
 * Gives memory back when nobody asks. Node collects garbage only while it makes more, so a busy hour would otherwise be paid for all night.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** How often to look, in milliseconds. */
const LOOK_EVERY_MS = 1_000;

/** After so many quiet looks garbage is collected: soon, when idle connections to the provider have closed, and when ended turns are forgotten. */
const COLLECT_AFTER = new Set( [ 3, 40, 80 ] );

/** Collects as V8 does when memory runs out, which also gives it back to the system. A context of its own is the only way to the function. */
function collectGarbage(): void {
	runInNewContext( "gc( { type: 'major', flavor: 'last-resort' } )" );
}

/**
 * Collects garbage after the start and after every busy time: when no request came and no answer ran for some seconds. It then takes a
 * few milliseconds, because nearly everything is garbage.
 */
export function releaseMemoryWhenQuiet( {
	countRequests,
	countRunning,
}: {
	/** Requests since the start. */
	countRequests: () => number;
	/** Answers that are being worked on. */
	countRunning: () => number;
} ): { stop(): void } {
	setFlagsFromString( '--expose-gc' );
	let quietLooks = 0;
	let seen = countRequests();
	const timer = setInterval( () => {
		const requests = countRequests();
		const isQuiet = requests === seen && countRunning() === 0;
		quietLooks = isQuiet ? quietLooks + 1 : 0;
		seen = requests;
		if ( COLLECT_AFTER.has( quietLooks ) ) {
			collectGarbage();
		}
	}, LOOK_EVERY_MS ).unref();
	return { stop: () => clearInterval( timer ) };
}

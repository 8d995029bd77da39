/**
 * Gives memory back when nobody asks. Node collects garbage only while it makes more, so a busy hour would otherwise be paid for all night.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** How often to look, and how many quiet looks in a row it takes; in milliseconds and looks. */
const LOOK_EVERY_MS = 2_000;
const QUIET_LOOKS = 2;

/** Collects as V8 does when memory runs out, which also gives it back to the system. A context of its own is the only way to the function. */
function collectGarbage(): void {
	runInNewContext( "gc( { type: 'major', flavor: 'last-resort' } )" );
}

/**
 * Collects garbage once after the start and once after every busy time, when `countWork` has been 0 for some seconds. A collection then takes a few
 * milliseconds, because nearly everything is garbage.
 */
export function releaseMemoryWhenQuiet( countWork: () => number ): {
	stop(): void;
} {
	setFlagsFromString( '--expose-gc' );
	let quietLooks = 0;
	const timer = setInterval( () => {
		quietLooks = countWork() === 0 ? quietLooks + 1 : 0;
		if ( quietLooks === QUIET_LOOKS ) {
			collectGarbage();
		}
	}, LOOK_EVERY_MS ).unref();
	return { stop: () => clearInterval( timer ) };
}

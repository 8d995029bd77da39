/**
 * Every way in which a microphone is refused is told apart, because the way out is another.
 */
import { describe, expect, it } from 'vitest';
import {
	refusalBefore,
	refusalOf,
} from '../../../../../blocks/shared/voice/capture/refusal.ts';
import type { Surroundings } from '../../../../../blocks/shared/voice/capture/refusal.ts';

const surroundings = (
	changes: Partial< Surroundings > & { state?: PermissionState } = {}
): Surroundings => ( {
	isSecure: true,
	canRecord: true,
	isAllowedHere: true,
	permission: async () => changes.state,
	...changes,
} );

describe( 'without asking', () => {
	it.each( [
		[ {}, undefined ],
		// An insecure page has no microphone either, but only TLS helps.
		[ { isSecure: false, canRecord: false }, 'insecure' ],
		[ { canRecord: false }, 'unsupported' ],
		[ { isAllowedHere: false }, 'policy' ],
	] as const )( '%o is %s', ( changes, refusal ) => {
		expect( refusalBefore( surroundings( changes ) ) ).toBe( refusal );
	} );
} );

describe( 'asked for and refused', () => {
	it.each( [
		[ 'NotAllowedError', 'Permission dismissed', 'prompt', 'dismissed' ],
		[ 'NotAllowedError', 'Permission denied', 'denied', 'blocked' ],
		// Firefox says "denied" for a visit without remembering it; Safari tells nothing.
		[ 'NotAllowedError', '', undefined, 'blocked' ],
		[
			'NotAllowedError',
			'Permission denied by system',
			'granted',
			'blocked_by_system',
		],
		[ 'NotFoundError', '', 'prompt', 'no_device' ],
		[ 'OverconstrainedError', '', 'granted', 'no_device' ],
		[ 'NotReadableError', '', 'granted', 'busy' ],
		[ 'AbortError', '', 'granted', 'busy' ],
		[ 'SecurityError', '', undefined, 'policy' ],
		[ 'NotSupportedError', '', undefined, 'unsupported' ],
	] as const )(
		'with %s "%s" while the permission is %s is %s',
		async ( name, message, state, refusal ) => {
			expect(
				await refusalOf(
					new DOMException( message, name ),
					surroundings( state ? { state } : {} )
				)
			).toBe( refusal );
		}
	);
} );

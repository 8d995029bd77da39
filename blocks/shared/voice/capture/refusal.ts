/**
 * Tells why there is no microphone, as far as the visitor's way out depends on it.
 */

/**
 * Why nothing can be recorded.
 *
 * - `dismissed`: the browser's question was closed without an answer; it can be asked again.
 * - `blocked`: refused for this site, now or earlier; only the browser's own settings change that.
 * - `blocked_by_system`: the operating system keeps the microphone from the browser.
 * - `no_device`: there is no microphone.
 * - `busy`: there is one, and it cannot be opened: another program has it, or it failed.
 * - `elsewhere`: another panel or tab of this site is recording.
 * - `insecure`: the page came without TLS.
 * - `policy`: the site itself forbids the microphone on this page.
 * - `unsupported`: the browser cannot do it.
 * - `unreachable`: a file that recording needs did not arrive.
 */
export type Refusal =
	| 'dismissed'
	| 'blocked'
	| 'blocked_by_system'
	| 'no_device'
	| 'busy'
	| 'elsewhere'
	| 'insecure'
	| 'policy'
	| 'unsupported'
	| 'unreachable';

/** What is looked at, passed in so that tests own it. */
export interface Surroundings {
	isSecure: boolean;
	canRecord: boolean;
	/** Whether the page may use a microphone at all; true where the browser does not tell. */
	isAllowedHere: boolean;
	/** What the browser remembers of the visitor's choice; undefined where it does not tell. */
	permission(): Promise< PermissionState | undefined >;
}

/** Tells what can be told without asking for the microphone. */
export function refusalBefore( {
	isSecure,
	canRecord,
	isAllowedHere,
}: Surroundings ): Refusal | undefined {
	if ( ! isSecure ) {
		return 'insecure';
	}
	if ( ! canRecord ) {
		return 'unsupported';
	}
	return isAllowedHere ? undefined : 'policy';
}

/** Sorts what `getUserMedia` threw. */
export async function refusalOf(
	thrown: unknown,
	{ permission }: Surroundings
): Promise< Refusal > {
	const { name, message } = thrown as Partial< Error >;
	switch ( name ) {
		case 'NotAllowedError':
			if ( /system/i.test( message ?? '' ) ) {
				return 'blocked_by_system';
			}
			// The same error for "not now" and "never": only what the browser remembers tells them apart.
			return ( await permission() ) === 'prompt'
				? 'dismissed'
				: 'blocked';
		case 'SecurityError':
			return 'policy';
		case 'NotFoundError':
		case 'OverconstrainedError':
			return 'no_device';
		case 'NotReadableError':
		case 'AbortError':
		case 'InvalidStateError':
			return 'busy';
		default:
			return 'unsupported';
	}
}

/** Describes this page and browser. */
export function pageSurroundings(): Surroundings {
	const policy = (
		document as {
			featurePolicy?: { allowsFeature( name: string ): boolean };
		}
	 ).featurePolicy;
	return {
		isSecure: isSecureContext,
		canRecord:
			typeof navigator.mediaDevices?.getUserMedia === 'function' &&
			typeof AudioWorkletNode === 'function',
		isAllowedHere: policy?.allowsFeature( 'microphone' ) ?? true,
		permission: async () => ( await microphonePermission() )?.state,
	};
}

/** Calls `onAllowed` once the visitor has changed their mind in the browser's settings. */
export async function whenAllowed( onAllowed: () => void ): Promise< void > {
	const status = await microphonePermission();
	status?.addEventListener( 'change', function changed() {
		if ( status.state !== 'denied' ) {
			status.removeEventListener( 'change', changed );
			onAllowed();
		}
	} );
}

async function microphonePermission(): Promise< PermissionStatus | undefined > {
	try {
		return await navigator.permissions.query( { name: 'microphone' } );
	} catch {
		// Some browsers have no such permission to ask about.
		return undefined;
	}
}

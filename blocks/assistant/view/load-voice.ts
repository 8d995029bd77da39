/**
 * Fetches what speaks and listens at the first tap that needs it.
 */

type VoiceParts = typeof import( './voice/index.ts' );

let loading: Promise< VoiceParts > | undefined;

/** Loads it once; a failed attempt is repeated, and then may be tried anew. */
export function loadVoice(): Promise< VoiceParts > {
	const fetchVoice = () => import( './voice/index.ts' );
	loading ??= fetchVoice()
		.catch( fetchVoice )
		.catch( ( error ) => {
			loading = undefined;
			throw error;
		} );
	return loading;
}

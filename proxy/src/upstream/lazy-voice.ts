/**
 * Loads what hears and speaks at the first need: most sites never use it.
 */
import type { VoiceProvider } from './voice.ts';

/** Makes a provider that `load` replaces as soon as it is needed. */
export function createLazyVoice(
	load: () => Promise< VoiceProvider >
): VoiceProvider {
	let loading: Promise< VoiceProvider > | undefined;
	const provider = () => ( loading ??= load() );
	return {
		transcribe: async ( request ) =>
			( await provider() ).transcribe( request ),
		prepare( speech ) {
			// Whoever speaks next meets the failure, and says it.
			provider().then(
				( loaded ) => loaded.prepare( speech ),
				() => undefined
			);
		},
		async *speak( request ) {
			yield* ( await provider() ).speak( request );
		},
		async *converse( request ) {
			yield* ( await provider() ).converse( request );
		},
		openRealtime: async ( request, listener ) =>
			( await provider() ).openRealtime( request, listener ),
		close: async () => {
			await ( await loading )?.close();
		},
	};
}

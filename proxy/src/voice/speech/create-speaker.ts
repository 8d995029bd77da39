/**
 * Speaks texts while they are written: sentence by sentence, within the limits, and each only once.
 */
import { isStoreAway } from '../../stores/store-away.ts';
import type { SpeechStore, StoredSpeech } from '../../stores/speech-store.ts';
import type { VoiceServices } from '../voice-services.ts';
import { speechId } from './kept-speech.ts';
import { createSentenceCache } from './sentence-cache.ts';
import type { Speaker } from './speaker.ts';
import { beginSpeaking } from './speaking.ts';
import { spokenText } from './spoken-text.ts';

/** What speaking needs besides what all voice needs. */
export type SpeakerServices = VoiceServices & {
	store: SpeechStore;
	/** Returns a site's secret, which keeps the addresses of its speech from being guessed. */
	secretOf( siteId: string ): string;
	/** Chance from 0 to 1, which spreads waits. */
	random?: ( () => number ) | undefined;
};

/** Makes the speaker of one process. */
export function createSpeaker( {
	random = Math.random,
	...services
}: SpeakerServices ): Speaker {
	const cache = createSentenceCache();
	return {
		async find( siteId, text, { voice, language } ) {
			const spoken = spokenText( text ).trim();
			const now = services.clock();
			try {
				// Whichever model speaks now, what another one spoke is as good.
				for ( const { id } of services.catalog.role( 'speech' ) ) {
					const stored: StoredSpeech | undefined =
						await services.store.find(
							siteId,
							speechId( services.secretOf( siteId ), {
								siteId,
								text: spoken,
								voice,
								language,
								modelId: id,
							} ),
							now
						);
					if ( stored ) {
						return stored;
					}
				}
			} catch ( error ) {
				if ( ! isStoreAway( error ) ) {
					services.log.error(
						{ siteId, err: error },
						'stored speech cannot be read'
					);
				}
			}
			return undefined;
		},
		begin: ( context, options ) =>
			beginSpeaking( { ...services, random, cache }, context, options ),
	};
}

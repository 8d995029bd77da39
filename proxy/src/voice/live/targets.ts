/**
 * Finds the models that can hold a live conversation now.
 */
import type { Model } from '../../models/catalog.ts';
import type { VoiceProvider } from '../../upstream/voice.ts';
import type { LiveServices } from './live-services.ts';

/** A model to speak with, what writes down what it hears, and whose they are. */
export interface LiveTarget {
	model: Model;
	transcription: Model;
	provider: VoiceProvider;
}

/** Lists the targets in the order in which they are tried. What a session's sound is written down by must be the same provider's. */
export function liveTargets( {
	catalog,
	providers,
	health,
}: Pick< LiveServices, 'catalog' | 'providers' | 'health' > ): LiveTarget[] {
	return catalog.role( 'realtime' ).flatMap( ( model ) => {
		const provider = providers.voice( model.provider );
		const transcription = catalog
			.role( 'transcription' )
			.find(
				( one ) => one.provider === model.provider && one.api !== 'chat'
			);
		return model.api === 'realtime' &&
			provider &&
			transcription &&
			health.restMs( model ) === 0
			? [ { model, transcription, provider } ]
			: [];
	} );
}

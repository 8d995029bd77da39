/**
 * Tells what of voice this proxy can do: which model serves each role with a key that is there, and what a minute costs.
 */
import { priceUsage, UnknownPriceError } from '../ledger/pricing.ts';
import type { Usage } from '../ledger/usage.ts';
import type { Catalog, Model } from '../models/catalog.ts';

/** The roles that have to do with voice. */
type VoiceRole = 'transcription' | 'speech' | 'audioChat' | 'realtime';

/** OpenAI counts ten tokens for a second that it hears and twenty for one that it speaks. */
const HEARD_MINUTE = 600;
const SPOKEN_MINUTE = 1_200;

/** Calm English speech: 150 words of six characters with their spaces. */
const SPOKEN_CHARACTERS = 900;

/** A model that serves a role; a minute is null where the model does not do that or has no price. */
export interface VoiceAbility {
	model: string;
	heardMinuteNanoUsd: number | null;
	spokenMinuteNanoUsd: number | null;
}

export type VoiceAbilities = Record< VoiceRole, VoiceAbility | null >;

/** Lists for each role the first model whose provider is configured; null where there is none, and so no key. */
export function voiceAbilities(
	services:
		| { catalog: Pick< Catalog, 'role' >; providers: { names: string[] } }
		| undefined
): VoiceAbilities {
	const ability = ( role: VoiceRole ): VoiceAbility | null => {
		const model = services?.catalog
			.role( role )
			.find( ( { provider } ) =>
				services.providers.names.includes( provider )
			);
		return model
			? {
					model: model.id,
					heardMinuteNanoUsd: heardMinute( model ),
					spokenMinuteNanoUsd: spokenMinute( model ),
				}
			: null;
	};
	return {
		transcription: ability( 'transcription' ),
		speech: ability( 'speech' ),
		audioChat: ability( 'audioChat' ),
		realtime: ability( 'realtime' ),
	};
}

function heardMinute( model: Model ): number | null {
	if ( ! model.modalities.in.includes( 'audio' ) ) {
		return null;
	}
	return (
		price( model, { seconds: 60 } ) ??
		price( model, { audioIn: HEARD_MINUTE } )
	);
}

function spokenMinute( model: Model ): number | null {
	if ( ! model.modalities.out.includes( 'audio' ) ) {
		return null;
	}
	return (
		price( model, { audioOut: SPOKEN_MINUTE } ) ??
		price( model, { characters: SPOKEN_CHARACTERS } ) ??
		price( model, { seconds: 60 } )
	);
}

function price( model: Model, usage: Usage ): number | null {
	try {
		return priceUsage( model, usage );
	} catch ( error ) {
		if ( error instanceof UnknownPriceError ) {
			return null;
		}
		throw error;
	}
}

/**
 * Bounds what writing down a recording can take, so that the money is there before anybody hears it.
 */
import { priceWorstUsage } from '../../ledger/pricing.ts';
import type { Usage } from '../../ledger/usage.ts';
import type { Model } from '../../models/catalog.ts';
import type { AudioFile } from '../../types.ts';
import { transcriptCap } from '../../upstream/transcript-cap.ts';

/** Speech is heard as so many tokens a second (OpenAI's realtime and audio models, November 2026). */
const AUDIO_TOKENS_PER_SECOND = 10;

/** Recordings are rounded up, and some providers count their frames: so much more may be heard than there is, in seconds. */
const MARGIN_SECONDS = 1;

/** Groq bills no request for less, in seconds (its price list, November 2026). */
const LEAST_BILLED_SECONDS = 10;

/** What an adapter's own words around the recording may take (that it is to be written down, and how), in tokens. */
const FRAME_TOKENS = 800;

/** What one call can take at most. */
export interface TranscriptionBound {
	nanoUsd: number;
	/** What a call that ended well and without a report is counted with. */
	usage: Usage;
}

/** Bounds a call. The catalog sees to it that a model has a price for what it hears. */
export function boundTranscription(
	model: Model,
	audio: AudioFile,
	keywords: readonly string[]
): TranscriptionBound {
	const { usdPerMinute, usdPerMillion } = model;
	const heardSeconds = Math.ceil( audio.seconds ) + MARGIN_SECONDS;
	const byTime: Usage = {
		seconds: Math.max( LEAST_BILLED_SECONDS, heardSeconds ),
	};
	const heardTokens = heardSeconds * AUDIO_TOKENS_PER_SECOND;
	// A token has at least one byte.
	const readTokens = Buffer.byteLength( keywords.join( '' ) ) + FRAME_TOKENS;
	const byTokens: Usage = {
		// Words to a model that has no price for words count as sound.
		...( usdPerMillion.textIn === undefined
			? { audioIn: heardTokens + readTokens }
			: { audioIn: heardTokens, textIn: readTokens } ),
		textOut: textCap( model, audio ),
	};
	const hasBoth =
		usdPerMillion.audioIn !== undefined &&
		usdPerMillion.textOut !== undefined;
	const ways = [
		...( usdPerMinute === undefined ? [] : [ byTime ] ),
		// A model with both prices is billed in one of the two ways, and the provider says which only afterwards.
		...( usdPerMinute === undefined || hasBoth ? [ byTokens ] : [] ),
	].map( ( usage ) => ( {
		usage,
		nanoUsd: priceWorstUsage( model, usage ),
	} ) );
	return ways.reduce( ( dearest, way ) =>
		way.nanoUsd > dearest.nanoUsd ? way : dearest
	);
}

/** The route for transcriptions knows no cap but the model's own. */
function textCap( model: Model, audio: AudioFile ): number {
	return model.api === 'transcriptions' && model.maxOutputTokens > 0
		? model.maxOutputTokens
		: transcriptCap( model, audio );
}

/**
 * Says what a session with a realtime model is set up with.
 */
import type { RealtimeSessionCreateRequest } from 'openai/resources/realtime/realtime';
import type { Model } from '../../models/catalog.ts';
import type { Voice } from '../../types.ts';
import { SAMPLE_RATE } from './frames.ts';

/** What a session is set up with. */
export interface SessionSetup {
	model: Model;
	transcription: Model;
	instructions: string;
	voice: Voice;
	/** Whether the provider tells where speech begins and ends, or the visitor's finger does. */
	turnDetection: 'auto' | 'push';
	/** BCP 47 tag of what is probably spoken. */
	language: string | undefined;
	/** Names that are likely to be said. */
	keywords: readonly string[];
	requestId: string;
	safetyId: string;
}

/** Writes it as the provider reads it. */
export function sessionOf( {
	transcription,
	instructions,
	voice,
	turnDetection,
	language,
	keywords,
}: SessionSetup ): RealtimeSessionCreateRequest {
	const format = { type: 'audio/pcm', rate: SAMPLE_RATE } as const;
	const base = language?.split( '-' )[ 0 ]?.toLowerCase();
	return {
		type: 'realtime',
		output_modalities: [ 'audio' ],
		instructions,
		audio: {
			input: {
				format,
				transcription: {
					model: transcription.upstreamId,
					...( base?.length === 2 ? { language: base } : {} ),
					...( keywords.length > 0
						? { keywords: [ ...keywords ] }
						: {} ),
				},
				turn_detection:
					turnDetection === 'push'
						? null
						: {
								type: 'semantic_vad',
								create_response: false,
								interrupt_response: false,
							},
			},
			output: { format, voice: voice.name },
		},
		tools: [],
		tool_choice: 'none',
		// What is read again with every answer is paid for again: the oldest go first.
		truncation: {
			type: 'retention_ratio',
			retention_ratio: 0.8,
			token_limits: { post_instructions: 4_000 },
		},
	};
}

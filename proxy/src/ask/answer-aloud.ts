/**
 * Has an audio chat model hear the question itself and answer it aloud, from the passages that were found for its words. What it says comes
 * as sound and as captions.
 */
import { isEconomyMode } from '../models/router.ts';
import type { AudioFile, Voice } from '../types.ts';
import type { AudioChatMessage } from '../upstream/voice.ts';
import {
	callAloud,
	type AloudCallServices,
	type AloudEnd,
} from './aloud-call.ts';
import type { ModelOutcome } from './ask.ts';
import { buildMessages } from './prompt.ts';
import type { Asking, Found } from './question.ts';
import { passagesSaid, toSources } from './sources.ts';
import type { SpentShare } from './spent-share.ts';
import type { Turn } from './turn.ts';

/** What answering aloud needs. */
export interface AloudServices extends AloudCallServices {
	spentShare: SpentShare;
}

/** Answers aloud; undefined when that cannot be had now, and nothing was said. */
export type AnswerAloud = (
	asking: Asking,
	found: Found,
	turn: Turn
) => Promise< ModelOutcome | undefined >;

/** Makes the function for one spoken question. */
export function createAnswerAloud(
	services: AloudServices,
	{
		audio,
		voice,
		onFirstSound,
	}: {
		audio: AudioFile;
		voice: Voice;
		/** From now on the model speaks for itself. */
		onFirstSound(): void;
	}
): AnswerAloud {
	return async ( asking, found, turn ) => {
		const { limits } = asking.question.settings;
		if ( audio.mimeType !== 'audio/wav' ) {
			return undefined;
		}
		const share = await services.spentShare( turn.siteId, limits );
		if ( isEconomyMode( share, limits.softShare ) ) {
			return undefined;
		}
		for ( const model of services.catalog.role( 'audioChat' ) ) {
			const provider = services.providers.voice( model.provider );
			const watched =
				provider && model.api === 'chat'
					? services.health.begin( model )
					: undefined;
			if ( ! provider || ! watched ) {
				continue;
			}
			const written = toMessages( services, asking, found, {
				audio,
				voice,
			} );
			const ended = await callAloud( services, {
				asking,
				turn,
				model,
				provider,
				...written,
				audio,
				voice,
				onFirstSound,
			} );
			if ( ! ended ) {
				watched.saidNothing();
				return undefined;
			}
			if ( ended.error?.code === 'audio_expired' ) {
				services.spokenAnswers.forget( turn.conversationId );
			}
			if ( ! ended.error ) {
				watched.succeeded();
			} else if ( ended.error.kind === 'aborted' ) {
				watched.saidNothing();
			} else {
				watched.failed( ended.error );
			}
			if ( ended.text !== '' || ended.error?.kind === 'aborted' ) {
				return toOutcome( ended, found );
			}
		}
		return undefined;
	};
}

/** Puts the question as sound beside its passages, and answers of before as sound where the provider still has them. */
function toMessages(
	{ spokenAnswers }: AloudServices,
	{ question, history, turn }: Asking,
	found: Found,
	{ audio, voice }: { audio: AudioFile; voice: Voice }
): { messages: AudioChatMessage[]; earlierSeconds: number } {
	const written = buildMessages( {
		assistant: question.settings.assistant,
		history,
		passages: found.passages,
		question: question.text,
		aloud: voice,
	} );
	const answers = history.map( ( { answer } ) => answer );
	let earlierSeconds = 0;
	const messages = written.map( ( message, index ): AudioChatMessage => {
		if ( index === written.length - 1 ) {
			return { role: 'user', audio, text: message.content };
		}
		if ( message.role === 'assistant' ) {
			const spoken = spokenAnswers.find(
				turn.conversationId,
				answers.shift() ?? ''
			);
			earlierSeconds += spoken?.seconds ?? 0;
			return spoken
				? { role: 'assistant', audioId: spoken.audioId }
				: message;
		}
		return message;
	} );
	return { messages, earlierSeconds };
}

function toOutcome( ended: AloudEnd, { passages }: Found ): ModelOutcome {
	const { text, error, costNanoUsd, finishReason } = ended;
	if ( error && error.kind !== 'aborted' ) {
		return { kind: 'cut', text, costNanoUsd };
	}
	return {
		kind: 'answered',
		outcome: {
			answer: text,
			sources: toSources( passages, passagesSaid( passages, text ) ),
			finishReason,
			cache: 'miss',
			tier: 'expressive',
			mood: 'neutral',
			confident: true,
			handoff: false,
			costNanoUsd,
		},
	};
}

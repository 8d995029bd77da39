/**
 * Speaks one text while it is written: two sentences are worked on at a time, and they are heard in their order.
 */
import { isEconomyMode } from '../../models/router.ts';
import type { StoredSpeech } from '../../stores/speech-store.ts';
import type { VoiceContext, VoiceServices } from '../voice-services.ts';
import type { SpeakerServices } from './create-speaker.ts';
import { SPEECH_MIME_TYPE, speechId, wavOf } from './kept-speech.ts';
import type { SentenceCache } from './sentence-cache.ts';
import {
	createSentencesInOrder,
	type SentencesInOrder,
} from './sentences-in-order.ts';
import { createSentenceSplitter } from './sentence-splitter.ts';
import { speakSentence, type SentenceEnd } from './speak-sentence.ts';
import type { SpeakOptions, Speaking, Spoken } from './speaker.ts';
import { createSpokenText } from './spoken-text.ts';

/** One sentence is heard while the next is made. */
const AT_ONCE = 2;

/** A sentence whose sharer failed for reasons of its own is tried so often. */
const MAX_TRIES = 3;

/** What nobody waits for leaves so much of a day to those who do: articles must not use up the seconds of all visitors. */
const BACKGROUND_PART = 0.5;

type SpokenEnd = Extract< SentenceEnd, { kind: 'spoken' } >;

type SpeakingServices = Omit< SpeakerServices, 'random' > & {
	random: () => number;
	cache: SentenceCache;
};

/** Begins to speak. */
export function beginSpeaking(
	services: SpeakingServices,
	context: VoiceContext,
	{ voice, language, priority, show }: SpeakOptions
): Speaking {
	const { siteId } = context;
	const words = createSpokenText();
	const splitter = createSentenceSplitter();
	const inOrder: SentencesInOrder = createSentencesInOrder( ( piece ) => {
		if ( ! context.signal.aborted ) {
			show( piece );
		}
	} );
	/** Sentences that nobody works on yet. */
	const waiting: string[] = [];
	const working = new Set< Promise< void > >();
	/** Ends the sentences that are worked on, by their numbers. */
	const stops = new Map< number, AbortController >();
	const spoken: SpokenEnd[] = [];
	const finished = Promise.withResolvers< void >();
	let text = '';
	let begun = 0;
	let isComplete = false;
	let costNanoUsd = 0;
	/** The first sentence that could not be spoken, and why; those before it are still heard to their end. */
	let failed: { number: number; kind: Spoken[ 'kind' ] } | undefined;
	let isOver = false;
	/** The model that spoke last goes on, so that the voice stays the same. */
	let lastModelId: string | undefined;

	const failAt = ( number: number, kind: Spoken[ 'kind' ] ): void => {
		if ( ! failed || number < failed.number ) {
			failed = { number, kind };
		}
		waiting.length = 0;
		inOrder.endWith( failed.number );
		for ( const [ other, stop ] of stops ) {
			if ( other > failed.number ) {
				stop.abort();
			}
		}
	};
	const mayBegin = mayBeSpoken( services, context, priority ).then(
		( isAllowed ) => {
			const [ model ] = services.catalog.role( 'speech' );
			if ( isAllowed && model ) {
				// While the first sentence is still being written.
				services.providers
					.voice( model.provider )
					?.prepare( { model, voice } );
			}
			return isAllowed;
		}
	);

	const speakOne = async (
		sentence: string,
		number: number
	): Promise< void > => {
		const slot = inOrder.add( sentence );
		const say = sentence.trim();
		const stop = new AbortController();
		stops.set( number, stop );
		try {
			if ( ! /[\p{L}\p{N}]/u.test( say ) ) {
				return;
			}
			if ( ! ( await mayBegin ) ) {
				failAt( number, 'unavailable' );
				return;
			}
			const end = await speakShared(
				say,
				AbortSignal.any( [ context.signal, stop.signal ] ),
				slot.push
			);
			if ( end.kind === 'spoken' ) {
				spoken.push( end );
				lastModelId = end.model.id;
			} else {
				failAt( number, end.kind === 'cut' ? 'unavailable' : end.kind );
			}
		} catch ( error ) {
			services.log.error(
				{ turnId: context.turnId, err: error },
				'a sentence was not spoken'
			);
			failAt( number, 'unavailable' );
		} finally {
			stops.delete( number );
			slot.end();
		}
	};
	const speakShared = async (
		say: string,
		signal: AbortSignal,
		push: ( pcm: Uint8Array ) => void
	): Promise< SentenceEnd > => {
		for ( let tries = 1; ; tries++ ) {
			const models = services.catalog.role( 'speech' );
			const ordered = [
				...models.filter( ( { id } ) => id === lastModelId ),
				...models.filter( ( { id } ) => id !== lastModelId ),
			];
			let isHeard = false;
			const { end, isOwn } = await services.cache.speak( {
				modelId: ordered[ 0 ]?.id ?? '',
				keyOf: ( modelId ) =>
					JSON.stringify( [ siteId, modelId, voice, language, say ] ),
				make: ( making ) =>
					speakSentence( services, {
						context,
						text: say,
						voice,
						language,
						priority,
						models: ordered,
						...making,
					} ),
				signal,
				show( pcm ) {
					isHeard = true;
					push( pcm );
				},
			} );
			costNanoUsd += isOwn ? end.costNanoUsd : 0;
			// Somebody else's limit or departure is not ours.
			const isTheirs =
				! isOwn &&
				! isHeard &&
				! signal.aborted &&
				( end.kind === 'limit_reached' || end.kind === 'stopped' );
			if ( ! isTheirs || tries >= MAX_TRIES ) {
				return end;
			}
		}
	};

	const proceed = (): void => {
		if ( context.signal.aborted ) {
			failAt( begun, 'stopped' );
		}
		while (
			! failed &&
			waiting.length > 0 &&
			begun - inOrder.ended < AT_ONCE
		) {
			const work = speakOne( waiting.shift() ?? '', begun );
			begun++;
			working.add( work );
			void work.then( () => {
				working.delete( work );
				proceed();
			} );
		}
		if ( isComplete && working.size === 0 ) {
			finished.resolve();
		}
	};
	const take = ( sentences: string[] ): void => {
		if ( ! failed ) {
			waiting.push( ...sentences );
			proceed();
		}
	};

	const keep: Spoken[ 'keep' ] = async ( restsOn ) => {
		const heard = inOrder.heard();
		const model = spoken[ 0 ]?.model;
		const isWhole =
			isOver &&
			! failed &&
			spoken.every(
				( end ) => end.isFaithful && end.model.id === model?.id
			);
		if ( ! heard || ! model || ! isWhole ) {
			return undefined;
		}
		const audio = wavOf( heard.pcm );
		if ( audio.length > services.store.maxBytesPerSite ) {
			return undefined;
		}
		const speech: StoredSpeech = {
			id: speechId( services.secretOf( siteId ), {
				siteId,
				text: text.trim(),
				voice,
				language,
				modelId: model.id,
			} ),
			siteId,
			mimeType: SPEECH_MIME_TYPE,
			bytes: audio.length,
			durationMs: heard.durationMs,
			sentences: heard.sentences,
			// Also what was remembered was paid once.
			costNanoUsd: spoken.reduce(
				( sum, end ) => sum + end.costNanoUsd,
				0
			),
			createdAt: services.clock(),
		};
		try {
			await services.store.add(
				speech,
				audio,
				services.store.maxBytesPerSite,
				restsOn
			);
			return speech;
		} catch ( error ) {
			services.log.warn(
				{ turnId: context.turnId, siteId, err: error },
				'speech was not stored'
			);
			return undefined;
		}
	};

	return {
		push( delta ) {
			if ( failed ) {
				return;
			}
			const said = words.push( delta );
			text += said;
			take( splitter.push( said ) );
		},
		async finish() {
			const said = words.finish();
			text += said;
			isComplete = true;
			take( [ ...splitter.push( said ), ...splitter.finish() ] );
			proceed();
			await finished.promise;
			isOver = true;
			return { kind: failed?.kind ?? 'spoken', costNanoUsd, keep };
		},
	};
}

/** Tells whether a provider may speak at all now. Never rejects. */
async function mayBeSpoken(
	{ ledger, log }: Pick< VoiceServices, 'ledger' | 'log' >,
	{ siteId, settings: { voice, limits } }: VoiceContext,
	priority: SpeakOptions[ 'priority' ]
): Promise< boolean > {
	if ( voice.speech === 'browser' ) {
		return false;
	}
	try {
		const { day, month, voiceSeconds } = await ledger.report(
			siteId,
			limits
		);
		const part = priority === 'background' ? BACKGROUND_PART : 1;
		return (
			! [ day, month ].some( ( { spentNanoUsd, limitNanoUsd } ) =>
				isEconomyMode(
					limitNanoUsd > 0 ? spentNanoUsd / limitNanoUsd : 0,
					limits.softShare * part
				)
			) && voiceSeconds.spent <= voiceSeconds.limit * part
		);
	} catch ( error ) {
		log.error( { siteId, err: error }, 'the ledger cannot be read' );
		return false;
	}
}

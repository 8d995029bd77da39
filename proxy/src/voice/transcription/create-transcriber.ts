/**
 * Has speech written down: by one model after another until one does, within the limits and within the patience of somebody who waits.
 */
import { detectLanguage } from '../../knowledge/language.ts';
import type { Reserved } from '../../ledger/ledger.ts';
import { createPlan, MAX_ATTEMPTS } from '../../models/plan.ts';
import type { AudioFile } from '../../types.ts';
import type { Transcription } from '../../upstream/voice.ts';
import type { VoiceContext, VoiceServices } from '../voice-services.ts';
import { boundKeywords, cleanTranscript, isNothing } from './transcript.ts';
import type { Heard, Transcriber } from './transcriber.ts';
import { transcribeOnce } from './transcribe-once.ts';
import {
	findTargets,
	nextTarget,
	sameAgain,
	type Target,
} from './transcription-targets.ts';

/** How long somebody waits for what was heard, in milliseconds, all attempts together. */
const TOTAL_MS = 15_000;

/** How much of what is left one model may take while there is another one to ask. */
const FIRST_SHARE = 0.6;

/** So many calls for one recording may be paid for without a word of it. */
const MAX_PAID_FAILURES = 2;

/** What a transcriber needs; time and chance are set by tests. */
export type TranscriberServices = VoiceServices & {
	/** From 0 to 1; spreads waits. */
	random?: ( () => number ) | undefined;
	/** In milliseconds, all attempts together. */
	totalMs?: number | undefined;
};

/** Makes the transcriber over the models of the role `transcription`. */
export function createTranscriber(
	services: TranscriberServices
): Transcriber {
	return {
		async transcribe( audio, context, options = {} ) {
			const keywords = boundKeywords( options.keywords ?? [] );
			const made = await askTargets( services, context, audio, {
				language: options.language,
				keywords,
			} );
			if ( made.kind !== 'written' ) {
				return made;
			}
			const { transcription, costNanoUsd } = made;
			const text = cleanTranscript( transcription.text );
			return isNothing( text, keywords )
				? { kind: 'nothing_heard', costNanoUsd }
				: {
						kind: 'heard',
						text,
						language:
							transcription.language ?? detectLanguage( text ),
						costNanoUsd,
					};
		},
	};
}

/** What became of a recording, before the words are looked at. */
type Made =
	| { kind: 'written'; transcription: Transcription; costNanoUsd: number }
	| Extract< Heard, { kind: 'limit_reached' | 'unavailable' } >;

async function askTargets(
	services: TranscriberServices,
	context: VoiceContext,
	audio: AudioFile,
	hints: { language: string | undefined; keywords: readonly string[] }
): Promise< Made > {
	const { signal } = context;
	const random = services.random ?? Math.random;
	const endsAt = performance.now() + ( services.totalMs ?? TOTAL_MS );
	const leftMs = () => endsAt - performance.now();
	const plan = createPlan( findTargets( services, audio, hints.keywords ) );
	let costNanoUsd = 0;
	let failures = 0;
	let paidFailures = 0;
	let isRefused = false;
	let again: Target | undefined;

	for ( let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++ ) {
		const target =
			again ?? ( await nextTarget( services, plan, leftMs(), signal ) );
		again = undefined;
		if ( ! target || signal.aborted || leftMs() <= 0 ) {
			break;
		}
		const reserved = await reserve( services, context, audio, target );
		if ( ! reserved ) {
			break;
		}
		if ( reserved.kind === 'refused' ) {
			isRefused = true;
			plan.drop( target );
			if ( reserved.unit !== 'nanoUsd' ) {
				// No other model takes fewer seconds.
				break;
			}
			continue;
		}
		const { reservation } = reserved;
		const watched = signal.aborted
			? undefined
			: services.health.begin( target.model );
		if ( ! watched ) {
			// The visitor left, or somebody else's call became the probe of a target that rests.
			await reservation.release().saved.catch( () => {} );
			continue;
		}
		const made = await transcribeOnce( services, context, {
			...target,
			...hints,
			reservation,
			watched,
			audio,
			attempt,
			limitMs: leftMs() * ( plan.left().length > 1 ? FIRST_SHARE : 1 ),
		} );
		costNanoUsd += made.costNanoUsd;
		if ( made.kind === 'written' ) {
			return { ...made, costNanoUsd };
		}
		failures++;
		paidFailures += made.costNanoUsd > 0 ? 1 : 0;
		if ( paidFailures >= MAX_PAID_FAILURES ) {
			break;
		}
		again = await sameAgain( plan, target, made.error, {
			failures,
			chance: random(),
			leftMs: leftMs(),
			signal,
		} );
	}
	if ( isRefused && failures === 0 && ! signal.aborted ) {
		await recordNoMoney( services, context );
		return { kind: 'limit_reached', costNanoUsd };
	}
	return { kind: 'unavailable', costNanoUsd };
}

/** Reserves the worst case; undefined when the book cannot be written: without it nothing is spent. */
async function reserve(
	{ ledger, log }: VoiceServices,
	context: VoiceContext,
	audio: AudioFile,
	{ model, bound }: Target
): Promise< Reserved | undefined > {
	try {
		return await ledger.reserve( {
			siteId: context.siteId,
			limits: context.settings.limits,
			model,
			amounts: {
				nanoUsd: bound.nanoUsd,
				voiceSeconds: Math.ceil( audio.seconds ),
			},
			details: {
				model: model.id,
				tier: 'none',
				visitorId: context.visitorId,
				turnId: context.turnId,
			},
		} );
	} catch ( error ) {
		log.error(
			{ turnId: context.turnId, err: error },
			'the ledger cannot be written'
		);
		return undefined;
	}
}

/** Records that nothing was sent because a limit is reached. */
function recordNoMoney(
	{ calls, clock, catalog }: VoiceServices,
	{ siteId, turnId, requestId, visitorId }: VoiceContext
): Promise< void > {
	const [ model ] = catalog.role( 'transcription' );
	return calls.record( {
		id: `${ turnId }-transcription`,
		siteId,
		at: clock(),
		turnId,
		requestId,
		visitorId,
		kind: 'transcription',
		provider: model?.provider ?? '',
		model: model?.id ?? '',
		tier: 'none',
		reason: 'default',
		attempt: 1,
		cache: 'miss',
		outcome: 'no_money',
		errorKind: 'limit_reached',
		usage: undefined,
		isEstimated: false,
		reservedNanoUsd: 0,
		costNanoUsd: 0,
		savedNanoUsd: 0,
		queueMs: 0,
		firstTokenMs: undefined,
		totalMs: 0,
	} );
}

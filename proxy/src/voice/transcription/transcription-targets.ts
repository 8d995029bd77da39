/**
 * Chooses who is to write a recording down: whoever can hear it and has a price, who is well, or the same one again.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Model } from '../../models/catalog.ts';
import type { Plan } from '../../models/plan.ts';
import { MAX_WAIT_MS, waitBeforeRetry } from '../../models/retry-policy.ts';
import type { AudioFile } from '../../types.ts';
import type { UpstreamError } from '../../upstream/upstream-error.ts';
import type { VoiceProvider } from '../../upstream/voice.ts';
import type { VoiceServices } from '../voice-services.ts';
import {
	boundTranscription,
	type TranscriptionBound,
} from './transcription-bounds.ts';

/** A model that can hear the recording. */
export interface Target {
	model: Model;
	provider: VoiceProvider;
	bound: TranscriptionBound;
}

/** Lists the models that can hear the recording, in the order in which they are tried. */
export function findTargets(
	{ catalog, providers }: VoiceServices,
	audio: AudioFile,
	keywords: readonly string[]
): Target[] {
	return catalog.role( 'transcription' ).flatMap( ( model ) => {
		const provider = providers.voice( model.provider );
		return provider && canHear( model, audio )
			? [
					{
						model,
						provider,
						bound: boundTranscription( model, audio, keywords ),
					},
				]
			: [];
	} );
}

/** Chat models take WAV and no Opus; realtime sessions are not for one recording. */
function canHear( { api, modalities }: Model, audio: AudioFile ): boolean {
	return (
		api === 'transcriptions' ||
		( api === 'chat' &&
			modalities.in.includes( 'audio' ) &&
			audio.mimeType === 'audio/wav' )
	);
}

/** Returns whom to ask next: the first one that is well, or whoever rests only for a moment. */
export async function nextTarget(
	{ health }: VoiceServices,
	plan: Plan< Target >,
	leftMs: number,
	signal: AbortSignal
): Promise< Target | undefined > {
	const restMs = ( { model }: Target ) => health.restMs( model );
	const left = plan.left();
	const [ soonest ] = left.toSorted(
		( one, other ) => restMs( one ) - restMs( other )
	);
	if ( ! soonest || restMs( soonest ) === 0 ) {
		return soonest;
	}
	const waitMs = restMs( soonest );
	return waitMs <= Math.min( MAX_WAIT_MS, leftMs ) &&
		( await waited( waitMs, signal ) )
		? soonest
		: undefined;
}

/** Takes a failure into the plan, and waits if the same target may be asked again; returns it then. */
export async function sameAgain(
	plan: Plan< Target >,
	target: Target,
	error: UpstreamError,
	{
		failures,
		chance,
		leftMs,
		signal,
	}: {
		failures: number;
		chance: number;
		leftMs: number;
		signal: AbortSignal;
	}
): Promise< Target | undefined > {
	if ( ! plan.failed( target, error.kind ) ) {
		return undefined;
	}
	const waitMs = waitBeforeRetry( {
		failures,
		retryAfterMs: error.retryAfterMs,
		chance,
	} );
	return waitMs !== undefined &&
		waitMs < leftMs &&
		( await waited( waitMs, signal ) )
		? target
		: undefined;
}

/** Waits, and tells whether the words are still wanted. */
async function waited( ms: number, signal: AbortSignal ): Promise< boolean > {
	try {
		await pause( ms, undefined, { signal } );
		return true;
	} catch {
		return false;
	}
}

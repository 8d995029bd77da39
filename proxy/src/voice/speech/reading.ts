/**
 * Has one model read one sentence: lets through only what is read from the text, trimmed, and notices what was said instead.
 */
import type { Usage } from '../../ledger/usage.ts';
import type { Model } from '../../models/catalog.ts';
import type { Voice } from '../../types.ts';
import { UpstreamError } from '../../upstream/upstream-error.ts';
import type { VoiceProvider } from '../../upstream/voice.ts';
import { BYTES_PER_SECOND } from './speech-bounds.ts';
import { createSpeechTrimmer, join } from './trim-speech.ts';
import { watchVerbatim, type Verdict } from './verbatim.ts';

/** A model that says what it says is held back until its first words match, but never longer than so much sound, in bytes. */
const MAX_HELD_BYTES = 1.5 * BYTES_PER_SECOND;

/** What one reading is made of. */
export interface ReadingRequest {
	/** Undefined fails as a provider that cannot be reached. */
	provider: VoiceProvider | undefined;
	model: Model;
	text: string;
	voice: Voice;
	language: string;
	maxOutputTokens: number;
	priority: 'visitor' | 'background';
	requestId: string;
	signal: AbortSignal;
	/** Takes sound that may be heard. */
	show( pcm: Uint8Array ): void;
	/** Is told when sound begins to come, heard or not. */
	onFirstSound(): void;
}

/** A reading that has ended. */
export interface Reading {
	/** Undefined: the text was read to its end. */
	error: UpstreamError | undefined;
	/** Whether any of it was shown. */
	isShown: boolean;
	/** Whether the whole text, and nothing else, was read as far as can be told. */
	isFaithful: boolean;
	usage: Usage | undefined;
	/** Whether the provider said that it is complete. */
	hasEnded: boolean;
	/** Length of everything that came, in seconds. */
	seconds: number;
	/** Milliseconds. */
	queueMs: number;
	firstSoundMs: number | undefined;
	totalMs: number;
}

/** Makes the call. Never throws for what a provider does. */
export async function read( request: ReadingRequest ): Promise< Reading > {
	const { model, text, signal } = request;
	const startedAt = performance.now();
	const trimmer = createSpeechTrimmer();
	const watch = watchVerbatim( text );
	/** Stops a reading that is none, and still hears what it cost. */
	const stop = new AbortController();
	let held: Uint8Array[] = [];
	let mayShow = model.api === 'speech';
	let isShown = false;
	let verdict: Verdict = 'unknown';
	let isFaithful = true;
	let bytes = 0;
	let usage: Usage | undefined;
	let finishReason: string | undefined;
	let error: UpstreamError | undefined;
	let queueMs = 0;
	let firstSoundMs: number | undefined;

	const hold = ( pcm: Uint8Array ): void => {
		if ( pcm.length > 0 ) {
			held.push( pcm );
		}
	};
	const show = (): void => {
		if ( mayShow && held.length > 0 ) {
			isShown = true;
			request.show( join( held ) );
			held = [];
		}
	};
	const judge = ( now: Verdict ): void => {
		verdict = now;
		if ( now === 'departs' ) {
			stop.abort();
		} else if ( now === 'reads' ) {
			mayShow = true;
		}
		// What was added to the text cannot be told from it any more; it is at least not kept.
		isFaithful &&= now !== 'extra' && now !== 'departs';
	};

	try {
		if ( ! request.provider ) {
			throw new UpstreamError(
				'network',
				`the provider ${ model.provider } is not configured`
			);
		}
		const stream = request.provider.speak( {
			model,
			text,
			voice: request.voice,
			language: request.language,
			maxOutputTokens: request.maxOutputTokens,
			requestId: request.requestId,
			priority: request.priority,
			onStart: ( waitedMs ) => {
				queueMs = waitedMs;
			},
			signal: AbortSignal.any( [ signal, stop.signal ] ),
		} );
		for await ( const pieces of stream ) {
			for ( const piece of pieces ) {
				switch ( piece.kind ) {
					case 'audio':
						if ( bytes === 0 ) {
							firstSoundMs = performance.now() - startedAt;
							request.onFirstSound();
						}
						bytes += piece.pcm.length;
						mayShow ||= bytes > MAX_HELD_BYTES;
						if ( ! stop.signal.aborted ) {
							hold( trimmer.push( piece.pcm ) );
						}
						break;
					case 'transcript':
						judge( watch.push( piece.delta ) );
						break;
					case 'usage':
						usage = piece.usage;
						break;
					case 'end':
						finishReason = piece.finishReason;
				}
			}
			show();
		}
	} catch ( caught ) {
		error =
			caught instanceof UpstreamError
				? caught
				: new UpstreamError( 'garbage', String( caught ), {
						cause: caught,
					} );
	}
	if ( ! stop.signal.aborted && ! error ) {
		const now = watch.finish();
		isFaithful &&= now !== 'departs' && now !== 'extra';
		// What was heard to its end is only not kept; what nobody heard yet is read by the next.
		verdict = isShown && now === 'departs' ? 'extra' : now;
	}
	if ( ! signal.aborted && ( stop.signal.aborted || ! error ) ) {
		error = faultOf( verdict, finishReason, bytes );
	}
	mayShow ||= ! error;
	if ( mayShow ) {
		// Also what is cut ends softly.
		hold( trimmer.finish() );
		show();
	}
	return {
		error,
		isShown,
		isFaithful: isFaithful && ! error,
		usage,
		hasEnded: finishReason !== undefined,
		seconds: bytes / BYTES_PER_SECOND,
		queueMs,
		firstSoundMs,
		totalMs: performance.now() - startedAt,
	};
}

/** Says what is wrong with a reading whose stream ended well. */
function faultOf(
	verdict: Verdict,
	finishReason: string | undefined,
	bytes: number
): UpstreamError | undefined {
	if ( verdict === 'departs' ) {
		return new UpstreamError(
			'garbage',
			'the model did not read the text that it was given'
		);
	}
	if ( finishReason === 'refused' ) {
		return new UpstreamError( 'refused', 'the model would not read it', {
			code: 'content_policy',
		} );
	}
	if ( bytes === 0 ) {
		return new UpstreamError( 'garbage', 'no sound came' );
	}
	return finishReason === 'length'
		? new UpstreamError( 'garbage', 'the reading ignores its cap' )
		: undefined;
}

/**
 * Looks at a recording before anybody pays for it: what it is, how long it is, and whether anything is in it.
 */
import { DocentError } from '../../errors.ts';
import type { AudioFile } from '../../types.ts';
import { atOnce, inTurns, type Steps } from './in-turns.ts';
import { isSilent } from './loudness.ts';
import { refuseMedia } from './media-type.ts';
import { isOgg, parseOgg } from './ogg.ts';
import type { OpusSound } from './opus-sound.ts';
import { resample } from './resample.ts';
import { isWav, parseWav, readAll, writeWav } from './wav.ts';
import { isWebm, parseWebm } from './webm.ts';

/** The largest recording, in bytes: 120 seconds of WAV at 16 kHz are 3.8 million. */
export const MAX_AUDIO_BYTES = 8 * 1024 * 1024;

/** The shortest and the longest recording, in seconds. A word is longer than the first. */
export const MIN_SECONDS = 0.25;
export const MAX_SECONDS = 120;

/** The rate at which speech is sent, in hertz: models for transcription hear nothing above 8 kHz. */
export const SPEECH_RATE = 16_000;

/**
 * Reads a recording by its bytes alone, whatever it was called. WAV of any kind becomes 16 kHz mono of 16 bits; Opus in WebM or Ogg stays as
 * it is.
 *
 * Throws `DocentError`: `audio_empty`, `audio_too_short`, `audio_too_long`, `audio_silent`, `audio_unreadable`, `payload_too_large` or
 * `unsupported_media_type`, with words for the visitor.
 */
export function readAudio( bytes: Uint8Array ): AudioFile {
	return atOnce( reading( bytes ) );
}

/** Does the same in turns with other work: the largest recordings take a good part of a second. */
export function readAudioInTurns( bytes: Uint8Array ): Promise< AudioFile > {
	return inTurns( reading( bytes ) );
}

function* reading( bytes: Uint8Array ): Steps< AudioFile > {
	if ( bytes.length === 0 ) {
		throw emptyAudio();
	}
	if ( bytes.length > MAX_AUDIO_BYTES ) {
		throw new DocentError(
			'payload_too_large',
			`The recording is larger than ${ MAX_AUDIO_BYTES / 1024 ** 2 } MB. Please record a shorter question.`
		);
	}
	if ( isWav( bytes ) ) {
		return yield* readWav( bytes );
	}
	if ( isWebm( bytes ) ) {
		return readOpus( bytes, 'audio/webm', parseWebm( bytes ) );
	}
	if ( isOgg( bytes ) ) {
		return readOpus( bytes, 'audio/ogg', parseOgg( bytes ) );
	}
	throw refuseMedia( bytes );
}

/** Returns the samples of a WAV recording at another rate, in hertz. Throws `RangeError` for any other recording. */
export function toPcm( audio: AudioFile, sampleRate: number ): Int16Array {
	if ( audio.mimeType !== 'audio/wav' ) {
		throw new RangeError( `${ audio.mimeType } has no samples to read` );
	}
	return atOnce( samplesAt( parseWav( audio.bytes ), sampleRate ) );
}

function* readWav( bytes: Uint8Array ): Steps< AudioFile > {
	const sound = parseWav( bytes );
	checkLength( sound.length / sound.sampleRate );
	const samples = yield* samplesAt( sound, SPEECH_RATE );
	yield;
	if ( isSilent( samples, SPEECH_RATE ) ) {
		throw silentAudio();
	}
	return {
		bytes: writeWav( samples, SPEECH_RATE ),
		mimeType: 'audio/wav',
		seconds: samples.length / SPEECH_RATE,
	};
}

function readOpus(
	bytes: Uint8Array,
	mimeType: AudioFile[ 'mimeType' ],
	{ seconds, soundingSeconds }: OpusSound
): AudioFile {
	checkLength( seconds );
	if ( soundingSeconds === 0 ) {
		throw silentAudio();
	}
	return { bytes, mimeType, seconds };
}

function* samplesAt(
	sound: ReturnType< typeof parseWav >,
	sampleRate: number
): Steps< Int16Array > {
	return sound.sampleRate === sampleRate
		? readAll( sound )
		: yield* resample( {
				...sound,
				fromRate: sound.sampleRate,
				toRate: sampleRate,
			} );
}

function checkLength( seconds: number ): void {
	if ( seconds === 0 ) {
		throw emptyAudio();
	}
	if ( seconds < MIN_SECONDS ) {
		throw new DocentError(
			'audio_too_short',
			'The recording is too short to hold a word. Please hold the button while you speak.'
		);
	}
	if ( seconds > MAX_SECONDS ) {
		throw new DocentError(
			'audio_too_long',
			`The recording is longer than ${ MAX_SECONDS } seconds. Please ask a shorter question.`
		);
	}
}

function emptyAudio(): DocentError {
	return new DocentError(
		'audio_empty',
		'The recording is empty. Please try again.'
	);
}

function silentAudio(): DocentError {
	return new DocentError(
		'audio_silent',
		'Nothing was heard in the recording. Please check that the microphone is on, and try again.'
	);
}

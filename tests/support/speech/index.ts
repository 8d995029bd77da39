/**
 * Gives tests real speech: spoken by flite or espeak-ng, written down by pocketsphinx.
 */
export {
	canHear,
	canSpeak,
	hasProgram,
	hasSpeech,
	SPEECH_LEFT_OUT,
} from './programs.ts';
export { speak, type SpeakOptions, type SpeechVoice } from './speak.ts';
export { resample, shareHeard, transcribe } from './transcribe.ts';
export { type ReadWav, readWav, wav, type WavOptions } from './wav.ts';
export {
	clipped,
	cough,
	joined,
	loudness,
	mixed,
	noise,
	scaled,
	silence,
	tone,
} from './signals.ts';
export { decodeOgg, encodeOgg } from './opus.ts';
export { bytesOf, samplesOf } from './run-program.ts';

/**
 * Names what the routes that hear and speak need of the simulated provider: a voice, an ear, the bill, the script.
 */
import { canHear, canSpeak, speak, tone, transcribe } from '../speech/index.ts';
import type { AudioMemory } from './audio-chat/audio-memory.ts';
import type { WritableBill } from './bill.ts';
import type { WritableJournal } from './journal.ts';
import type { Script } from './script.ts';
import type { Pace } from './voice-behaviour.ts';

/** All speech of the provider has this rate. */
export const SPEECH_RATE = 24_000;

/** What the voice routes share. */
export interface VoiceServices {
	bill: WritableBill;
	journal: WritableJournal;
	script: Pick< Script, 'next' >;
	/** Is shown every request and reply. */
	inspect( schema: string, value: unknown ): void;
	/** Speaks a text: mono samples at {@link SPEECH_RATE}. */
	say( text: string ): Promise< Int16Array >;
	/** Writes down mono samples. */
	hear( pcm: Int16Array, sampleRate: number ): Promise< string >;
	/** How fast calls are answered. */
	pace: Pace;
	/** Spoken answers that a chat can refer to. */
	audioMemory: AudioMemory;
}

/** Chooses real or simulated voices. */
export function createVoiceServices(
	shared: Pick<
		VoiceServices,
		'bill' | 'journal' | 'script' | 'inspect' | 'pace' | 'audioMemory'
	>,
	isReal: boolean
): VoiceServices {
	return {
		...shared,
		say:
			isReal && canSpeak()
				? ( text ) => speak( text, { sampleRate: SPEECH_RATE } )
				: async ( text ) => tonesFor( text ),
		hear:
			isReal && canHear()
				? ( pcm, sampleRate ) => transcribe( pcm, sampleRate )
				: async ( pcm, sampleRate ) => lengthInWords( pcm, sampleRate ),
	};
}

const CHARACTERS_PER_SECOND = 14;

/** Stands for speech where nothing can speak: a quiet tone for every character, always the same for the same text. */
export function tonesFor( text: string ): Int16Array {
	const samplesEach = Math.round( SPEECH_RATE / CHARACTERS_PER_SECOND );
	const samples = new Int16Array( text.length * samplesEach );
	for ( let at = 0; at < text.length; at++ ) {
		const code = text.charCodeAt( at );
		if ( /\s/.test( text.charAt( at ) ) ) {
			continue;
		}
		samples.set(
			tone( 1_000 / CHARACTERS_PER_SECOND, {
				hertz: 200 + ( code % 64 ) * 10,
				level: 0.05,
				sampleRate: SPEECH_RATE,
			} ).subarray( 0, samplesEach ),
			at * samplesEach
		);
	}
	return samples;
}

/** Stands for a transcription where nothing can listen. */
function lengthInWords( pcm: Int16Array, sampleRate: number ): string {
	const tenths = Math.round( ( pcm.length / sampleRate ) * 10 );
	return pcm.some( ( sample ) => Math.abs( sample ) > 200 )
		? `Speech of ${ tenths / 10 } seconds.`
		: '';
}

/**
 * Runs in the audio thread: takes what the microphone hears, changes its rate and hands over PCM16 in frames of 20 ms, each with its level.
 */
import type { CaptureFrame } from '../shared/voice/capture/frame.ts';
import { createResampler } from '../shared/voice/capture/resampler.ts';

const FRAMES_PER_SECOND = 50;

class Capture extends AudioWorkletProcessor {
	readonly #resample;
	readonly #frame;
	#length = 0;
	#isOver = false;

	constructor( {
		processorOptions,
	}: {
		/** Samples a second that are wanted. */
		processorOptions?: { sampleRate: number };
	} ) {
		super();
		const rate = processorOptions?.sampleRate ?? sampleRate;
		this.#resample = createResampler( sampleRate, rate );
		this.#frame = new Float32Array( rate / FRAMES_PER_SECOND );
		// The page says that it is over; what was begun is handed over, and an empty frame last.
		this.port.onmessage = () => {
			this.#isOver = true;
			this.#hand();
			this.#post( new Int16Array( 0 ), 0, 0 );
		};
	}

	override process( [ input ]: Float32Array[][] ): boolean {
		const [ channel ] = input ?? [];
		if ( channel && ! this.#isOver ) {
			for ( const sample of this.#resample( channel ) ) {
				this.#frame[ this.#length++ ] = sample;
				if ( this.#length === this.#frame.length ) {
					this.#hand();
				}
			}
		}
		return ! this.#isOver;
	}

	#hand(): void {
		const samples = new Int16Array( this.#length );
		let peak = 0;
		let power = 0;
		for ( let index = 0; index < samples.length; index++ ) {
			const sample = this.#frame[ index ] ?? 0;
			samples[ index ] = Math.max( -1, Math.min( 1, sample ) ) * 32_767;
			peak = Math.max( peak, Math.abs( sample ) );
			power += sample * sample;
		}
		this.#length = 0;
		if ( samples.length > 0 ) {
			this.#post( samples, Math.sqrt( power / samples.length ), peak );
		}
	}

	#post(
		samples: Int16Array< ArrayBuffer >,
		rms: number,
		peak: number
	): void {
		const frame: CaptureFrame = { samples, rms, peak };
		this.port.postMessage( frame, [ samples.buffer ] );
	}
}

registerProcessor( 'docent-capture', Capture as never );

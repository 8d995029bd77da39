/**
 * Declares what an audio worklet finds around it; TypeScript's own libraries leave it out.
 */

/** Frames a second of the context that the worklet runs in. */
declare const sampleRate: number;

/** Seconds of sound that the context has rendered. */
declare const currentTime: number;

declare class AudioWorkletProcessor {
	readonly port: MessagePort;
	/** Handles one quantum of sound. Returns whether it wants to be called again although nothing is connected. */
	process(
		inputs: Float32Array[][],
		outputs: Float32Array[][],
		parameters: Record< string, Float32Array >
	): boolean;
}

declare function registerProcessor(
	name: string,
	processor: new ( options: {
		processorOptions?: unknown;
	} ) => AudioWorkletProcessor
): void;

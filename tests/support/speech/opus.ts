/**
 * Packs and unpacks Opus in Ogg with opus-tools.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { inFolder, runProgram, samplesOf } from './run-program.ts';
import { wav } from './wav.ts';

/** Opus always decodes to this rate. */
const OPUS_RATE = 48_000;

/** Packs samples (mono, 16 bits) as Opus in Ogg. */
export function encodeOgg(
	pcm: Int16Array,
	sampleRate: number
): Promise< Buffer > {
	return inFolder( async ( path ) => {
		await writeFile( path( 'in.wav' ), wav( pcm, sampleRate ) );
		await runProgram( 'opusenc', [
			...[ '--quiet', '--serial', '1', '--discard-comments' ],
			...[ path( 'in.wav' ), path( 'out.ogg' ) ],
		] );
		return readFile( path( 'out.ogg' ) );
	} );
}

/** Unpacks Opus in Ogg as mono samples of 16 bits; rejects when the bytes are something else. */
export function decodeOgg(
	bytes: Uint8Array
): Promise< { pcm: Int16Array; sampleRate: number } > {
	return inFolder( async ( path ) => {
		await writeFile( path( 'in.ogg' ), bytes );
		await runProgram( 'opusdec', [
			...[ '--quiet', '--no-dither', '--rate', String( OPUS_RATE ) ],
			...[ '--force-stereo', path( 'in.ogg' ), path( 'out.raw' ) ],
		] );
		const stereo = samplesOf( await readFile( path( 'out.raw' ) ) );
		const pcm = new Int16Array( stereo.length / 2 );
		for ( let at = 0; at < pcm.length; at++ ) {
			pcm[ at ] =
				( ( stereo[ 2 * at ] ?? 0 ) + ( stereo[ 2 * at + 1 ] ?? 0 ) ) /
				2;
		}
		return { pcm, sampleRate: OPUS_RATE };
	} );
}

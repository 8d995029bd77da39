/**
 * Names speech that is stored, and writes it as a sound file.
 */
import { createHmac } from 'node:crypto';
import type { Voice } from '../../types.ts';
import { BYTES_PER_SECOND, SAMPLE_RATE } from './speech-bounds.ts';

export const SPEECH_MIME_TYPE = 'audio/wav';

/** A header of 44 bytes: RIFF, one `fmt ` chunk of 16 bytes, and the head of `data`. */
const HEADER_BYTES = 44;

/** Everything that speech depends on. */
export interface SpeechIdentity {
	siteId: string;
	/** The text as it is spoken. */
	text: string;
	voice: Voice;
	language: string;
	modelId: string;
}

/** Returns the id of speech, 32 hex digits: the same for the same speech, and not to be guessed without the site's secret. */
export function speechId(
	secret: string,
	{ siteId, text, voice, language, modelId }: SpeechIdentity
): string {
	return createHmac( 'sha256', secret )
		.update(
			`docent speech\n${ JSON.stringify( [
				siteId,
				modelId,
				voice.name,
				voice.instructions,
				language,
				text,
			] ) }`
		)
		.digest( 'hex' )
		.slice( 0, 32 );
}

/** Writes samples (mono, 24 kHz, 16 bits, little-endian) as a WAV file. */
export function wavOf( pieces: readonly Uint8Array[] ): Uint8Array {
	const length = pieces.reduce( ( sum, piece ) => sum + piece.length, 0 );
	const header = Buffer.alloc( HEADER_BYTES );
	header.write( 'RIFF', 0, 'latin1' );
	header.writeUInt32LE( HEADER_BYTES - 8 + length, 4 );
	header.write( 'WAVEfmt ', 8, 'latin1' );
	header.writeUInt32LE( 16, 16 );
	header.writeUInt16LE( 1, 20 );
	header.writeUInt16LE( 1, 22 );
	header.writeUInt32LE( SAMPLE_RATE, 24 );
	header.writeUInt32LE( BYTES_PER_SECOND, 28 );
	header.writeUInt16LE( 2, 32 );
	header.writeUInt16LE( 16, 34 );
	header.write( 'data', 36, 'latin1' );
	header.writeUInt32LE( length, 40 );
	return Buffer.concat( [ header, ...pieces ] );
}

/**
 * Tells by its first bytes what somebody sent in place of a recording that can be heard, so that the refusal can name it.
 */
import { DocentError } from '../../errors.ts';
import { hasText } from './wav.ts';

/** What to send, in the words of every refusal. */
export const WHAT_TO_SEND = 'Please send WAV, or Opus in WebM or Ogg.';

/** Names a file by its first bytes; undefined when nobody knows it. The names stand behind "This is". */
function nameOf( bytes: Uint8Array ): string | undefined {
	const [ first = 0, second = 0 ] = bytes;
	const text = ( at: number, characters: string ) =>
		hasText( bytes, at, characters );
	if ( text( 4, 'ftyp' ) ) {
		return text( 8, 'M4A' )
			? 'AAC sound in MP4 (M4A)'
			: 'an MP4 or QuickTime file';
	}
	if ( text( 0, 'ID3' ) ) {
		return 'MP3 sound';
	}
	// The first eleven bits are set; the layer tells MPEG audio (1 to 3) from AAC in ADTS (0).
	if ( first === 0xff && second >= 0xe0 ) {
		return ( second & 0x06 ) === 0 ? 'AAC sound' : 'MP3 sound';
	}
	if ( text( 0, 'fLaC' ) ) {
		return 'FLAC sound';
	}
	if ( text( 0, 'FORM' ) && ( text( 8, 'AIFF' ) || text( 8, 'AIFC' ) ) ) {
		return 'AIFF sound';
	}
	if ( text( 0, 'caff' ) ) {
		return 'a Core Audio file';
	}
	if ( text( 0, '#!AMR' ) ) {
		return 'AMR sound';
	}
	if ( text( 0, 'RF64' ) || text( 0, 'BW64' ) || text( 0, 'RIFX' ) ) {
		return 'an unusual kind of WAV file';
	}
	if ( text( 0, 'RIFF' ) && text( 8, 'AVI ' ) ) {
		return 'a video (AVI)';
	}
	if ( text( 0, 'FLV' ) || text( 0, '\u0000\u0000\u0001' ) ) {
		return 'a video';
	}
	if (
		text( 0, '\u0089PNG' ) ||
		text( 0, '\u00ff\u00d8\u00ff' ) ||
		text( 0, 'GIF8' ) ||
		( text( 0, 'RIFF' ) && text( 8, 'WEBP' ) )
	) {
		return 'a picture';
	}
	if ( text( 0, '%PDF' ) ) {
		return 'a PDF';
	}
	if ( text( 0, 'PK\u0003\u0004' ) || text( 0, '\u001f\u008b' ) ) {
		return 'a compressed archive';
	}
	return isText( bytes ) ? 'text' : undefined;
}

/** Tells whether the beginning reads as text. */
function isText( bytes: Uint8Array ): boolean {
	// Up to three bytes of a character may be cut off at the end of the sample.
	const sample = new TextDecoder().decode( bytes.subarray( 0, 512 ) );
	return ! /[\u0000-\u0008\u000e-\u001f]|\ufffd(?!\ufffd{0,2}$)/.test(
		sample
	);
}

/** Makes the refusal of what is no recording that can be heard. */
export function refuseMedia( bytes: Uint8Array ): DocentError {
	const name = nameOf( bytes );
	return new DocentError(
		'unsupported_media_type',
		name === undefined
			? `This is no recording that can be heard here. ${ WHAT_TO_SEND }`
			: `This is ${ name }, which cannot be heard here. ${ WHAT_TO_SEND }`
	);
}

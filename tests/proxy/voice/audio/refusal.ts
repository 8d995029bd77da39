/**
 * Reads recordings in tests, and tells how they were refused.
 */
import { expect } from 'vitest';
import { DocentError } from '../../../../proxy/src/errors.ts';
import { readAudio } from '../../../../proxy/src/voice/audio/read-audio.ts';

/** Returns how a recording is refused; fails when it is taken, or refused in another way than with words for the visitor. */
export function refusalOf( bytes: Uint8Array ): {
	code: string;
	message: string;
} {
	try {
		readAudio( bytes );
	} catch ( error ) {
		expect( error ).toBeInstanceOf( DocentError );
		const { code, message } = error as DocentError;
		return { code, message };
	}
	return { code: 'taken', message: '' };
}

/**
 * Runs a program on bytes, in a folder of its own that is gone afterwards.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Runs a program to its end and returns what it printed; rejects when it fails or takes longer than a minute. */
export function runProgram(
	program: string,
	args: readonly string[]
): Promise< string > {
	return new Promise( ( resolve, reject ) => {
		execFile(
			program,
			args,
			{ timeout: 60_000, maxBuffer: 64 * 1024 * 1024 },
			( error, stdout, stderr ) => {
				if ( error ) {
					reject(
						new Error(
							`${ program } failed: ${ stderr.slice( -500 ) }`,
							{
								cause: error,
							}
						)
					);
				} else {
					resolve( stdout );
				}
			}
		);
	} );
}

/** Lends a folder to `work`. */
export async function inFolder< Result >(
	work: ( path: ( name: string ) => string ) => Promise< Result >
): Promise< Result > {
	const folder = await mkdtemp( join( tmpdir(), 'docent-speech-' ) );
	try {
		return await work( ( name ) => join( folder, name ) );
	} finally {
		await rm( folder, { recursive: true, force: true } );
	}
}

/** Reads bytes as 16-bit little-endian samples. */
export function samplesOf( bytes: Uint8Array ): Int16Array {
	// A copy, because bytes may begin at an odd place of a buffer that they share.
	const copy = new Uint8Array( bytes.byteLength & ~1 );
	copy.set( bytes.subarray( 0, copy.length ) );
	return new Int16Array( copy.buffer );
}

/** Returns the bytes of 16-bit little-endian samples. */
export function bytesOf( pcm: Int16Array ): Buffer {
	return Buffer.from( pcm.buffer, pcm.byteOffset, pcm.byteLength );
}

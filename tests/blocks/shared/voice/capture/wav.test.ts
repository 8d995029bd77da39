/**
 * The file that is sent says truly what it holds.
 */
import { expect, it } from 'vitest';
import { encodeWav } from '../../../../../blocks/shared/voice/capture/wav.ts';
import { readWav, tone } from '../../../../support/speech/index.ts';

it( 'pieces of samples become one WAV file with the same samples, rate and length', async () => {
	const samples = new Int16Array( tone( 100 ) );
	const file = encodeWav(
		[
			samples.slice( 0, 320 ),
			samples.slice( 320, 700 ),
			samples.slice( 700 ),
		],
		16_000
	);
	expect( file.type ).toBe( 'audio/wav' );
	const bytes = Buffer.from( await file.arrayBuffer() );
	expect( bytes.readUInt32LE( 4 ) ).toBe( bytes.length - 8 );
	expect( bytes.readUInt32LE( 28 ) ).toBe( 32_000 );
	const read = readWav( bytes )!;
	expect( read.sampleRate ).toBe( 16_000 );
	expect( Array.from( read.pcm ) ).toEqual( Array.from( samples ) );
} );

it( 'no samples are a file without any', async () => {
	const bytes = Buffer.from( await encodeWav( [], 16_000 ).arrayBuffer() );
	expect( bytes.length ).toBe( 44 );
	expect( bytes.readUInt32LE( 40 ) ).toBe( 0 );
} );

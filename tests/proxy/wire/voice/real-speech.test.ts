/**
 * The speech that tests use is real: what one program says another writes down.
 */
import { describe, expect, it } from 'vitest';
import {
	clipped,
	encodeOgg,
	decodeOgg,
	hasSpeech,
	joined,
	loudness,
	mixed,
	noise,
	readWav,
	shareHeard,
	silence,
	speak,
	SPEECH_LEFT_OUT,
	tone,
	transcribe,
	wav,
	type WavOptions,
} from '../../../support/speech/index.ts';

const QUESTION = 'What is your return policy?';

describe.skipIf( ! hasSpeech() )(
	hasSpeech() ? 'real speech' : `real speech, ${ SPEECH_LEFT_OUT }`,
	{ timeout: 90_000 },
	() => {
		it( 'is understood at the rates of microphones and of calls', async () => {
			for ( const sampleRate of [ 16_000, 24_000, 48_000 ] ) {
				const pcm = await speak( QUESTION, { sampleRate } );
				expect( pcm.length / sampleRate ).toBeCloseTo( 2.055, 1 );
				expect(
					shareHeard( QUESTION, await transcribe( pcm, sampleRate ) )
				).toBeGreaterThanOrEqual( 0.8 );
			}
		} );

		it( 'is the same every time', async () => {
			const [ one, other ] = await Promise.all( [
				speak( QUESTION ),
				speak( QUESTION ),
			] );
			expect( one ).toEqual( other );
		} );

		it( 'comes from another voice, at another speed, in another language', async () => {
			const usual = await speak( QUESTION );
			const espeak = await speak( QUESTION, { voice: 'espeak' } );
			const slow = await speak( QUESTION, { speed: 0.5 } );
			const chinese = await speak( '你们的退货政策是什么？' );
			expect( loudness( espeak ) ).toBeGreaterThan( 0.02 );
			expect( slow.length ).toBeGreaterThan( usual.length * 1.5 );
			expect( loudness( chinese ) ).toBeGreaterThan( 0.02 );
		} );

		it( 'is found among silences', async () => {
			const heard = await transcribe(
				joined( [
					800,
					await speak( QUESTION ),
					1_500,
					await speak( 'Thank you very much.' ),
					500,
				] ),
				16_000
			);
			expect( heard ).toContain( 'return policy' );
			expect( heard ).toContain( 'thank you very much' );
		} );

		it( 'survives Opus', async () => {
			const pcm = await speak( QUESTION );
			const ogg = await encodeOgg( pcm, 16_000 );
			const back = await decodeOgg( ogg );
			expect( ogg.length ).toBeLessThan( pcm.byteLength / 3 );
			expect(
				shareHeard(
					QUESTION,
					await transcribe( back.pcm, back.sampleRate )
				)
			).toBeGreaterThanOrEqual( 0.8 );
		} );

		it( 'is not heard in silence', async () => {
			expect( await transcribe( silence( 2_000 ), 16_000 ) ).toBe( '' );
		} );
	}
);

describe( 'a WAV file of the tests', () => {
	const pcm = joined( [ tone( 100 ), 50, noise( 100 ) ] );

	it.each< [ string, WavOptions, number ] >( [
		[ '16 bits', {}, 0 ],
		[ '8 bits', { bits: 8 }, 255 ],
		[ '24 bits', { bits: 24 }, 0 ],
		[ '32 bits', { bits: 32 }, 0 ],
		[ 'floating point', { float: true }, 0 ],
		[ 'two channels', { channels: 2 }, 0 ],
		[ 'the long header', { isExtensible: true, bits: 24 }, 0 ],
		[ 'a chunk of another kind', { extraChunkBytes: 31 }, 0 ],
	] )( 'holds its samples as %s', ( _name, options, error ) => {
		const read = readWav( wav( pcm, 44_100, options ) );
		expect( read ).toMatchObject( {
			sampleRate: 44_100,
			channels: options.channels ?? 1,
		} );
		expect( read?.pcm.length ).toBe( pcm.length );
		const off = pcm.map( ( sample, at ) =>
			Math.abs( sample - ( read?.pcm[ at ] ?? 0 ) )
		);
		expect( Math.max( ...off ) ).toBeLessThanOrEqual( error );
	} );

	it( 'is not read when it ends too early or says a wrong length', () => {
		expect( readWav( wav( pcm, 16_000 ).subarray( 0, -2 ) ) ).toBe(
			undefined
		);
		expect(
			readWav( wav( pcm, 16_000, { claimedDataBytes: 0xffffffff } ) )
		).toBe( undefined );
	} );
} );

describe( 'a sound of the tests', () => {
	it( 'is as long and as loud as it is said to be', () => {
		expect( tone( 250, { sampleRate: 24_000 } ).length ).toBe( 6_000 );
		expect( loudness( tone( 100, { level: 1 } ) ) ).toBeCloseTo( 0.707, 2 );
		expect( loudness( silence( 100 ) ) ).toBe( 0 );
		expect( noise( 100 ) ).toEqual( noise( 100 ) );
		expect( noise( 100 ) ).not.toEqual( noise( 100, { seed: 2 } ) );
	} );

	it( 'is cut off where it is too loud', () => {
		const loud = clipped( tone( 100 ) );
		expect( Math.max( ...loud ) ).toBe( 32_767 );
		expect( Math.max( ...mixed( loud, loud ) ) ).toBe( 32_767 );
	} );
} );

import { beforeAll, describe, expect, it } from 'vitest';
import { isSilent } from '../../../../proxy/src/voice/audio/loudness.ts';
import { readAudio } from '../../../../proxy/src/voice/audio/read-audio.ts';
import {
	canSpeak,
	joined,
	loudness,
	mixed,
	noise,
	scaled,
	silence,
	speak,
	SPEECH_LEFT_OUT,
	tone,
	wav,
} from '../../../support/speech/index.ts';
import { refusalOf } from './refusal.ts';

const RATE = 16_000;

/** Returns the factor for a level in decibels. */
const gain = ( decibels: number ) => 10 ** ( decibels / 20 );

/** Hiss of a level in decibels of full scale; white noise is 4.8 dB below its peak. */
const hiss = ( decibels: number, ms = 3_000 ) =>
	noise( ms, { level: gain( decibels + 4.77 ) } );

describe( 'refused as silent', () => {
	it.each( [
		[ 'digital silence', silence( 3_000 ) ],
		[ 'a steady offset and nothing else', silence( 3_000 ).fill( 3_000 ) ],
		[ 'the last bit that trembles', noise( 3_000, { level: 2 / 32_768 } ) ],
		[ 'hiss at -60 dB', hiss( -60 ) ],
		[ 'hiss at -45 dB', hiss( -45 ) ],
		[
			'hum of the mains at -50 dB',
			tone( 3_000, { hertz: 50, level: gain( -47 ) } ),
		],
		[ 'hiss that begins after half a second of nothing', hiss( -75, 500 ) ],
		[
			'one click in silence',
			joined( [ 1_000, tone( 5, { hertz: 1_000, level: 0.9 } ), 1_000 ] ),
		],
		[ 'silence of a quarter of a second', silence( 250 ) ],
	] )( 'is %s', ( _, sound ) => {
		expect( isSilent( sound, RATE ) ).toBe( true );
		expect( refusalOf( wav( sound, RATE ) ) ).toMatchObject( {
			code: 'audio_silent',
			message: expect.stringContaining( 'microphone' ),
		} );
	} );
} );

describe( 'let through', () => {
	it.each( [
		[ 'loud noise', noise( 1_000, { level: 0.3 } ) ],
		[ 'a tone', tone( 1_000, { level: 0.1 } ) ],
	] )( 'is %s', ( _, sound ) => {
		expect( isSilent( sound, RATE ) ).toBe( false );
	} );

	describe.skipIf( ! canSpeak() )(
		canSpeak() ? 'is real speech' : SPEECH_LEFT_OUT,
		() => {
			let speech: Int16Array;
			let yes: Int16Array;

			beforeAll( async () => {
				speech = await speak( 'what is your return policy' );
				yes = await speak( 'yes' );
			} );

			it.each( [ 0, -20, -30, -40, -45 ] )(
				'made quieter by %i dB',
				( decibels ) => {
					const quiet = scaled( speech, gain( decibels ) );
					expect( loudness( quiet ) ).toBeGreaterThan( 0 );
					expect( isSilent( quiet, RATE ) ).toBe( false );
				}
			);

			it( 'of one word in ten seconds of silence', () => {
				const sound = joined( [
					5_000,
					scaled( yes, gain( -30 ) ),
					5_000,
				] );
				expect( isSilent( sound, RATE ) ).toBe( false );
			} );

			it( 'in hiss that is 12 dB quieter', () => {
				const quiet = scaled( speech, gain( -30 ) );
				const level = 20 * Math.log10( loudness( quiet ) );
				const sound = mixed( quiet, hiss( level - 12, 2_000 ) );
				expect( isSilent( sound, RATE ) ).toBe( false );
			} );

			it( 'cut down to one syllable', () => {
				const middle = yes.subarray(
					yes.length / 2 - 2_000,
					yes.length / 2 + 2_000
				);
				expect( readAudio( wav( middle, RATE ) ).seconds ).toBe( 0.25 );
			} );
		}
	);
} );

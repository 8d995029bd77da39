/**
 * Hearing that somebody interrupts, from real speech, and not being taken in by coughs, fans and the assistant's own voice.
 */
import { describe, expect, it } from 'vitest';
import { createOnsetDetector } from '../../../blocks/shared/voice/live/onset.ts';
import type { Onset } from '../../../blocks/shared/voice/live/onset.ts';
import {
	canSpeak,
	cough,
	joined,
	loudness,
	mixed,
	noise,
	scaled,
	speak,
} from '../../support/speech/index.ts';

const RATE = 24_000;
const FRAME = 480;

/** What the loudspeaker says may arrive so many frames later. */
const FRAMES_BACK = 18;

const room = noise( 15_000, { level: 0.004, sampleRate: RATE, seed: 3 } );

/** Lets the detector hear samples while others are played; returns what it said, and when (ms). */
function heardOf(
	pcm: Int16Array,
	played?: Int16Array
): Array< { what: Onset; atMs: number } > {
	const detector = createOnsetDetector();
	const said: Array< { what: Onset; atMs: number } > = [];
	const levels = Array.from(
		{ length: Math.ceil( pcm.length / FRAME ) },
		( _, index ) =>
			loudness(
				( played ?? new Int16Array() ).subarray(
					index * FRAME,
					( index + 1 ) * FRAME
				)
			)
	);
	for ( let at = 0; at + FRAME <= pcm.length; at += FRAME ) {
		const samples = pcm.slice( at, at + FRAME );
		const index = at / FRAME;
		const what = detector.hear(
			{ samples, rms: loudness( samples ), peak: 0 },
			played
				? Math.max(
						0.001,
						...levels.slice(
							Math.max( 0, index - FRAMES_BACK ),
							index + 3
						)
					)
				: 0
		);
		if ( what ) {
			said.push( { what, atMs: ( at + FRAME ) / 24 } );
		}
	}
	return said;
}

const whatOf = ( said: Array< { what: Onset } > ) =>
	said.map( ( { what } ) => what );

/** When samples first rise out of the room. */
const beginMs = ( pcm: Int16Array ) =>
	pcm.findIndex( ( sample ) => Math.abs( sample ) > 1_000 ) / 24;

describe.skipIf( ! canSpeak() )( 'somebody who speaks', () => {
	it.each( [
		[ 'flite', 'what is your return policy' ],
		[ 'flite', 'wait a moment' ],
		[ 'flite', 'stop please' ],
		[ 'espeak', 'no that is not what I meant' ],
		[ 'espeak', 'how much does shipping cost' ],
	] as const )(
		'is noticed within 60 ms and believed within 260 (%s: %s)',
		async ( voice, words ) => {
			const speech = await speak( words, { voice, sampleRate: RATE } );
			for ( const gain of [ 1, 0.3 ] ) {
				const [ onset, next ] = heardOf(
					mixed(
						joined( [ 500, scaled( speech, gain ), 300 ], RATE ),
						room.subarray( 0, 24 * 500 + speech.length )
					)
				);
				const from = 500 + beginMs( speech );
				expect( onset?.what ).toBe( 'onset' );
				expect( onset?.atMs ).toBeLessThan( from + 80 );
				expect( next?.what ).toBe( 'speech' );
				expect( next?.atMs ).toBeLessThan( ( onset?.atMs ?? 0 ) + 300 );
			}
		}
	);
} );

describe( 'what is no speech', () => {
	it.each( [ 1, 2, 3 ] )(
		'a cough comes to nothing, and two come to nothing (%i)',
		( seed ) => {
			const said = whatOf(
				heardOf(
					mixed(
						joined(
							[
								1_000,
								cough( { sampleRate: RATE, seed } ),
								150,
								cough( { sampleRate: RATE, seed: seed + 7 } ),
								1_000,
							],
							RATE
						),
						room.subarray( 0, 24 * 2_500 )
					)
				)
			);
			expect( said ).toContain( 'nothing' );
			expect( said ).not.toContain( 'speech' );
		}
	);

	it( 'a fan is doubted once, and then part of the room', () => {
		const fan = noise( 6_000, { level: 0.1, sampleRate: RATE } );
		expect( whatOf( heardOf( joined( [ 1_000, fan ], RATE ) ) ) ).toEqual( [
			'onset',
			'nothing',
		] );
	} );
} );

describe.skipIf( ! canSpeak() )( 'while the assistant speaks', () => {
	const ANSWER =
		'You can return unused gear within sixty days of delivery, and the refund reaches your account within five working days after that. Boots that were worn outside cannot be taken back, but we repair them.';
	const answerOf = () => speak( ANSWER, { sampleRate: RATE } );

	it.each( [ 0.5, 0.25, 0.1, 0.03 ] )(
		'its echo, %d times as loud, is not taken for a visitor',
		async ( gain ) => {
			const answer = await answerOf();
			for ( const delayMs of [ 40, 120, 250 ] ) {
				const echo = scaled(
					joined( [ delayMs, answer ], RATE ),
					gain
				);
				expect(
					heardOf(
						mixed( echo, room.subarray( 0, echo.length ) ),
						answer
					)
				).toEqual( [] );
			}
		}
	);

	it.each( [ 0.1, 0.03, 0 ] )(
		'a visitor is heard through an echo that is %d times as loud',
		async ( gain ) => {
			const answer = await answerOf();
			const question = await speak( 'what is your return policy', {
				voice: 'espeak',
				sampleRate: RATE,
			} );
			const echo = scaled( joined( [ 120, answer ], RATE ), gain );
			const [ onset, next ] = heardOf(
				mixed(
					mixed( echo, room.subarray( 0, echo.length ) ),
					joined( [ 3_000, scaled( question, 0.7 ) ], RATE )
				),
				answer
			);
			expect( onset?.what ).toBe( 'onset' );
			expect( onset?.atMs ).toBeGreaterThan( 3_000 );
			expect( onset?.atMs ).toBeLessThan( 3_120 );
			expect( next?.what ).toBe( 'speech' );
			expect( next?.atMs ).toBeLessThan( ( onset?.atMs ?? 0 ) + 240 );
		}
	);
} );

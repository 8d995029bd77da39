/**
 * The playback engine, driven as the audio thread drives it: quantum by quantum.
 */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PlaybackEngine } from '../../../blocks/worklets/playback-engine.ts';
import type {
	PlaybackCommand,
	PlaybackReport,
} from '../../../blocks/worklets/playback-messages.ts';

const QUANTUM = 128;

/** An engine at an output rate, with what it rendered and reported so far. */
function startEngine( rate = 24_000, isReplayable = true ) {
	const reports: PlaybackReport[] = [];
	const engine = new PlaybackEngine( {
		rate,
		report: ( report ) => reports.push( report ),
		startMs: 40,
		isReplayable,
	} );
	const heard: number[] = [];
	let time = 0;
	return {
		reports,
		heard,
		last: () => reports.at( -1 ) as PlaybackReport,
		tell: ( command: PlaybackCommand ) => engine.handle( command ),
		push: ( pcm: Int16Array ) => engine.handle( { do: 'push', pcm } ),
		/** Renders so many milliseconds; returns what was heard in them. */
		render( ms: number ): number[] {
			const from = heard.length;
			const quanta = Math.ceil( ( ms / 1000 ) * ( rate / QUANTUM ) );
			for ( let count = 0; count < quanta; count++ ) {
				const out = new Float32Array( QUANTUM );
				engine.render( out, time );
				heard.push( ...out );
				time += QUANTUM / rate;
			}
			return heard.slice( from );
		},
	};
}

/** A tone of this many milliseconds; `phaseMs` is how far into it it begins. */
function tone(
	ms: number,
	hertz = 200,
	phaseMs = 0,
	loudness = 8_000
): Int16Array {
	return Int16Array.from( { length: Math.round( ms * 24 ) }, ( _, i ) =>
		Math.round(
			loudness *
				Math.sin(
					2 * Math.PI * hertz * ( i / 24_000 + phaseMs / 1000 )
				)
		)
	);
}

/** The largest step between two neighbouring samples. */
function largestStep( samples: readonly number[] ): number {
	return samples.reduce(
		( most, value, i ) =>
			Math.max( most, Math.abs( value - ( samples[ i - 1 ] ?? value ) ) ),
		0
	);
}

/** A tone of 200 Hz at 8000 of 32768 moves this much from sample to sample at most, and a fade of 5 ms adds a little. */
const SMOOTH =
	( 8_000 / 32_768 ) * ( ( 2 * Math.PI * 200 ) / 24_000 + 1 / 120 ) * 1.1;

/** Counts how often the sound goes from below zero to above it. */
function frequencyOf( samples: readonly number[], rate: number ): number {
	let crossings = 0;
	for ( let i = 1; i < samples.length; i++ ) {
		if ( ( samples[ i - 1 ] ?? 0 ) < 0 && ( samples[ i ] ?? 0 ) >= 0 ) {
			crossings++;
		}
	}
	return ( crossings * rate ) / samples.length;
}

const loudest = ( samples: readonly number[] ) =>
	samples.reduce( ( most, value ) => Math.max( most, Math.abs( value ) ), 0 );

describe( 'what is pushed', () => {
	it( 'is heard whole and in order, however it is cut into pieces', () => {
		fc.assert(
			fc.property(
				fc.array( fc.integer( { min: 1, max: 3_000 } ), {
					minLength: 1,
					maxLength: 12,
				} ),
				( lengths ) => {
					const total = lengths.reduce(
						( sum, length ) => sum + length,
						0
					);
					// Every sample is its own number, so that none can be lost, repeated or moved unseen.
					const all = Int16Array.from(
						{ length: total },
						( _, i ) => 1 + ( i % 32_000 )
					);
					const { tell, push, render, heard, last } = startEngine();
					let at = 0;
					for ( const length of lengths ) {
						push( all.slice( at, at + length ) );
						at += length;
					}
					tell( { do: 'finish' } );
					render( total / 24 + 40 );
					expect( last().phase ).toBe( 'ended' );
					expect( last().underruns ).toBe( 0 );
					// Only the fades at both ends change anything.
					const from = 121;
					const to = Math.max( from, total - 97 );
					expect(
						heard
							.slice( from, to )
							.map( ( value ) => Math.round( value * 32_768 ) )
					).toEqual( [ ...all.subarray( from, to ) ] );
					expect( loudest( heard.slice( total ) ) ).toBeLessThan(
						1e-9
					);
				}
			),
			{ numRuns: 40 }
		);
	} );

	it.each( [ 8_000, 16_000, 22_050, 44_100, 48_000, 96_000 ] )(
		'keeps its pitch, length and loudness at an output of %i frames a second',
		( rate ) => {
			const { tell, push, render, last } = startEngine( rate );
			push( tone( 1_000, 440 ) );
			tell( { do: 'finish' } );
			const heard = render( 1_020 );
			const steady = heard.slice( rate * 0.1, rate * 0.9 );
			expect( frequencyOf( steady, rate ) ).toBeCloseTo( 440, -0.5 );
			expect( loudest( steady ) * 32_768 ).toBeGreaterThan( 7_800 );
			expect( loudest( steady ) * 32_768 ).toBeLessThan( 8_200 );
			render( 20 );
			expect( last().phase ).toBe( 'ended' );
			expect( last().position ).toBe( 24_000 );
		}
	);

	it( 'joins sentences without a gap or a step', () => {
		const { tell, push, render, last } = startEngine( 48_000 );
		for ( let piece = 0; piece < 20; piece++ ) {
			push( tone( 55, 200, piece * 55 ) );
		}
		tell( { do: 'finish' } );
		const steady = render( 1_100 ).slice( 2_000, 50_000 );
		expect( largestStep( steady ) ).toBeLessThan( SMOOTH );
		expect( frequencyOf( steady, 48_000 ) ).toBeCloseTo( 200, -0.5 );
		expect( last().underruns ).toBe( 0 );
	} );
} );

describe( 'the beginning', () => {
	it( 'waits for 40 ms of sound, and begins with the first quantum after them', () => {
		const { push, render, last } = startEngine( 48_000 );
		push( tone( 39 ) );
		expect( loudest( render( 20 ) ) ).toBe( 0 );
		expect( last().phase ).toBe( 'filling' );
		push( tone( 2 ) );
		render( 3 );
		expect( last().phase ).toBe( 'running' );
	} );

	it( 'does not wait when nothing more will come', () => {
		const { tell, push, render, last } = startEngine();
		push( tone( 10 ) );
		tell( { do: 'finish' } );
		expect( loudest( render( 10 ) ) ).toBeGreaterThan( 0 );
		render( 20 );
		expect( last().phase ).toBe( 'ended' );
	} );
} );

describe( 'when the sound runs out', () => {
	it( 'it fades, goes on where it was, is counted once, and more is waited for the next time', () => {
		const { tell, push, render, heard, last } = startEngine();
		push( tone( 100 ) );
		render( 300 );
		expect( last() ).toMatchObject( { phase: 'filling', underruns: 0 } );
		push( tone( 60, 200, 100 ) );
		render( 200 );
		expect( last() ).toMatchObject( { underruns: 1, startMs: 80 } );
		push( tone( 40, 200, 160 ) );
		render( 100 );
		tell( { do: 'finish' } );
		render( 100 );
		expect( last() ).toMatchObject( {
			phase: 'ended',
			underruns: 2,
			position: 4_800,
		} );
		expect( largestStep( heard ) ).toBeLessThan( SMOOTH );
	} );

	it( 'and then stays calm, less is waited for again', () => {
		const { push, render, last } = startEngine();
		push( tone( 100 ) );
		render( 200 );
		push( tone( 12_000 ) );
		render( 1_000 );
		expect( last().startMs ).toBe( 80 );
		render( 6_000 );
		expect( last().startMs ).toBe( 40 );
	} );
} );

describe( 'without a click', () => {
	const disturbances: Record< string, PlaybackCommand[] > = {
		'a pause': [ { do: 'pause' } ],
		'a pause and going on': [ { do: 'pause' }, { do: 'run' } ],
		'a skip': [ { do: 'seek', at: 1_234, epoch: 1 } ],
		'a skip to where nothing is yet': [
			{ do: 'seek', at: 99_999, epoch: 1 },
		],
		'a flush and new speech': [
			{ do: 'flush', at: 2_000, epoch: 1 },
			{ do: 'push', pcm: tone( 500, 200, 3 ) },
		],
		'a stop': [ { do: 'stop' } ],
		ducking: [ { do: 'level', level: 0.15 } ],
		'being loud again': [
			{ do: 'level', level: 0.15 },
			{ do: 'level', level: 1 },
		],
		'a change of speed': [ { do: 'speed', speed: 1.5 } ],
	};

	it.each( Object.keys( disturbances ) )( 'happens %s', ( name ) => {
		fc.assert(
			fc.property( fc.integer( { min: 0, max: 60 } ), ( beforeMs ) => {
				const { push, tell, render, heard } = startEngine();
				push( tone( 1_000 ) );
				render( 60 + beforeMs );
				disturbances[ name ]?.forEach( tell );
				render( 300 );
				expect( largestStep( heard ) ).toBeLessThan( SMOOTH );
			} ),
			{ numRuns: 20 }
		);
	} );

	it( 'a stop is silent within 10 ms and lets go of the processor', () => {
		const { push, tell, render, last } = startEngine( 48_000 );
		push( tone( 500 ) );
		render( 100 );
		tell( { do: 'stop' } );
		render( 10 );
		expect( loudest( render( 50 ) ) ).toBe( 0 );
		expect( last().phase ).toBe( 'stopped' );
	} );

	it( 'it is quiet within 20 ms of being ducked', () => {
		const { push, tell, render } = startEngine( 48_000 );
		push( tone( 500 ) );
		render( 100 );
		tell( { do: 'level', level: 0.15 } );
		render( 20 );
		expect( loudest( render( 50 ) ) ).toBeLessThan(
			( 8_100 / 32_768 ) * 0.15
		);
	} );
} );

describe( 'going back and forth', () => {
	it( 'a flush drops what was not heard, and what is pushed right after it is heard next', () => {
		const { push, tell, render, last } = startEngine();
		push( tone( 1_000, 200 ) );
		render( 200 );
		tell( { do: 'flush', at: 4_800, epoch: 1 } );
		push( tone( 300, 1_000 ) );
		render( 20 );
		expect( frequencyOf( render( 200 ), 24_000 ) ).toBeCloseTo(
			1_000,
			-1.5
		);
		expect( last().epoch ).toBe( 1 );
		tell( { do: 'finish' } );
		render( 200 );
		expect( last() ).toMatchObject( { phase: 'ended', position: 12_000 } );
	} );

	it( 'what ended is heard again from memory', () => {
		const { push, tell, render, last } = startEngine();
		push( tone( 300 ) );
		tell( { do: 'finish' } );
		render( 400 );
		tell( { do: 'seek', at: 0, epoch: 1 } );
		const again = render( 200 );
		expect( loudest( again ) ).toBeGreaterThan( 0.2 );
		render( 200 );
		expect( last() ).toMatchObject( {
			phase: 'ended',
			epoch: 1,
			position: 7_200,
		} );
	} );

	it( 'a skip beyond what has come waits for what is pushed next, and counts from there', () => {
		const { push, tell, render, last } = startEngine();
		push( tone( 300 ) );
		render( 100 );
		tell( { do: 'seek', at: 480_000, epoch: 1 } );
		render( 50 );
		expect( last() ).toMatchObject( {
			phase: 'filling',
			position: 480_000,
		} );
		push( tone( 100, 700 ) );
		tell( { do: 'finish' } );
		expect( frequencyOf( render( 60 ).slice( 100 ), 24_000 ) ).toBeCloseTo(
			700,
			-1.9
		);
		render( 100 );
		expect( last() ).toMatchObject( { phase: 'ended', position: 482_400 } );
	} );

	it( 'commands that come during a fade are obeyed in their order', () => {
		const { push, tell, render, last } = startEngine();
		push( tone( 500 ) );
		render( 100 );
		tell( { do: 'pause' } );
		tell( { do: 'seek', at: 0, epoch: 1 } );
		tell( { do: 'run' } );
		tell( { do: 'pause' } );
		render( 50 );
		expect( last() ).toMatchObject( {
			phase: 'paused',
			epoch: 1,
			position: 0,
		} );
	} );

	it( 'a long conversation does not keep what was heard', () => {
		const { push, tell, render, last } = startEngine( 24_000, false );
		for ( let second = 0; second < 10; second++ ) {
			push( tone( 1_000 ) );
		}
		render( 9_000 );
		tell( { do: 'seek', at: 24_000, epoch: 1 } );
		render( 50 );
		expect( last().phase ).toBe( 'filling' );
	} );
} );

describe( 'another speed', () => {
	it.each( [ 0.75, 1.25, 1.5, 2 ] )(
		'%f changes the length and not the pitch',
		( speed ) => {
			for ( const hertz of [ 95, 210, 440, 1_300 ] ) {
				const { push, tell, render, last, heard } =
					startEngine( 48_000 );
				tell( { do: 'speed', speed } );
				push( tone( 3_000, hertz ) );
				tell( { do: 'finish' } );
				render( 3_000 / speed - 60 );
				expect( last().phase ).toBe( 'running' );
				const steady = heard.slice( 4_800, 48_000 );
				expect( frequencyOf( steady, 48_000 ) / hertz ).toBeCloseTo(
					1,
					1
				);
				expect( loudest( steady ) ).toBeLessThan( 0.27 );
				// Loud all the way: no holes between the pieces.
				for ( let at = 0; at + 960 < steady.length; at += 960 ) {
					expect(
						loudest( steady.slice( at, at + 960 ) )
					).toBeGreaterThan( 0.15 );
				}
				render( 200 );
				expect( last().phase ).toBe( 'ended' );
			}
		}
	);

	it( 'changed while it plays, and back to 1, gives the tape as it is again', () => {
		const { push, tell, render } = startEngine();
		push( tone( 3_000, 200 ) );
		render( 300 );
		tell( { do: 'speed', speed: 2 } );
		render( 300 );
		tell( { do: 'speed', speed: 1 } );
		render( 50 );
		const steady = render( 500 );
		expect( largestStep( steady ) ).toBeLessThan( SMOOTH );
		expect( frequencyOf( steady, 24_000 ) ).toBeCloseTo( 200, -0.7 );
	} );

	it( 'the reported place grows with the speed and never goes back', () => {
		for ( const speed of [ 0.75, 2 ] ) {
			const { push, tell, render, reports } = startEngine( 48_000 );
			tell( { do: 'speed', speed } );
			push( tone( 3_000 ) );
			render( 1_000 );
			const places = reports.map( ( { position } ) => position );
			expect( places ).toEqual( places.toSorted( ( a, b ) => a - b ) );
			expect( ( places.at( -1 ) ?? 0 ) / 24 / speed ).toBeGreaterThan(
				900
			);
			expect( ( places.at( -1 ) ?? 0 ) / 24 / speed ).toBeLessThan(
				1_040
			);
		}
	} );
} );

/**
 * A playback from the page's side: the real engine behind it, rendered by hand instead of by an audio thread.
 */

import { describe, expect, it } from 'vitest';
import type {
	Line,
	Output,
} from '../../../blocks/shared/voice/playback/output.ts';
import type { Playback } from '../../../blocks/shared/voice/playback/playback.ts';
import { createWorkletPlayback } from '../../../blocks/shared/voice/playback/worklet-playback.ts';
import { PlaybackEngine } from '../../../blocks/worklets/playback-engine.ts';

const RATE = 48_000;
const QUANTUM = 128;

/** An output whose time passes only when it is told to. */
function createOutput( { latencyMs = 0 } = {} ) {
	const engines = new Set< PlaybackEngine >();
	const listeners = new Set< () => void >();
	let time = 0;
	let isHeldBack = false;
	let wakes = 0;
	const output: Output = {
		async open( setup, onReport ): Promise< Line > {
			const engine = new PlaybackEngine( {
				...setup,
				rate: RATE,
				report: onReport,
			} );
			engines.add( engine );
			return {
				send: ( command ) => engine.handle( command ),
				close: () => engines.delete( engine ),
			};
		},
		clock: () => ( { time, latency: latencyMs / 1000 } ),
		wake: () => void wakes++,
		isBlocked: () => isHeldBack,
		watch( listener ) {
			listeners.add( listener );
			return () => listeners.delete( listener );
		},
	};
	return {
		output,
		engines,
		wakes: () => wakes,
		/** Lets so many milliseconds be heard, and what they cause happen. */
		async pass( ms: number ): Promise< void > {
			await settled();
			for ( let left = ( ms / 1000 ) * RATE; left > 0; left -= QUANTUM ) {
				engines.forEach( ( engine ) =>
					engine.render( new Float32Array( QUANTUM ), time )
				);
				time += QUANTUM / RATE;
			}
			await settled();
		},
		holdBack( next: boolean ) {
			isHeldBack = next;
			listeners.forEach( ( listener ) => listener() );
		},
	};
}

const settled = () => new Promise( ( resolve ) => setTimeout( resolve ) );

function begin(
	options: { latencyMs?: number; isReplayable?: boolean; speed?: number } = {}
) {
	const room = createOutput( options );
	const changes: string[] = [];
	const claims: Playback[] = [];
	const playback = createWorkletPlayback(
		{
			id: 'test',
			onChange: ( { state, sentence } ) =>
				changes.push( `${ state } ${ sentence }` ),
			...options,
		},
		{
			output: room.output,
			fetch,
			claim: ( claimed ) => claims.push( claimed ),
		}
	);
	return { ...room, playback, changes, claims };
}

/** So many milliseconds of anything. */
const some = ( ms: number ) => new Int16Array( ms * 24 ).fill( 1_000 );

describe( 'a playback', () => {
	it( 'tells each state and each sentence once, in their order', async () => {
		const { playback, changes, pass } = begin();
		playback.push( some( 100 ), 0 );
		playback.push( some( 50 ), 0 );
		playback.push( some( 100 ), 7 );
		playback.finish();
		for ( let step = 0; step < 40; step++ ) {
			await pass( 10 );
		}
		expect( changes ).toEqual( [ 'playing 0', 'playing 7', 'ended 7' ] );
		expect( playback ).toMatchObject( {
			heardMs: 250,
			bufferedMs: 0,
			durationMs: 250,
			underruns: 0,
		} );
	} );

	it( 'takes the latency of the output off what was heard', async () => {
		const { playback, pass } = begin( { latencyMs: 100 } );
		playback.push( some( 1_000 ) );
		await pass( 50 );
		expect( playback.heardMs ).toBe( 0 );
		await pass( 450 );
		expect( playback.heardMs ).toBeGreaterThan( 390 );
		expect( playback.heardMs ).toBeLessThan( 405 );
		expect( playback.heardMs + playback.bufferedMs ).toBe( 1_000 );
	} );

	it( 'is flushed at what was heard, and what is pushed then follows on that', async () => {
		const { playback, pass } = begin( { latencyMs: 40 } );
		playback.push( some( 1_000 ), 1 );
		await pass( 300 );
		const heardMs = playback.flush();
		expect( heardMs ).toBeGreaterThan( 250 );
		expect( heardMs ).toBeLessThan( 265 );
		expect( playback ).toMatchObject( {
			heardMs,
			bufferedMs: 0,
			state: 'waiting',
		} );
		// A report from before the flush says nothing any more.
		await pass( 100 );
		expect( playback.heardMs ).toBe( heardMs );
		playback.push( some( 200 ), 2 );
		playback.finish();
		await pass( 400 );
		await new Promise( ( resolve ) => setTimeout( resolve, 50 ) );
		expect( playback.state ).toBe( 'ended' );
		expect( playback.heardMs ).toBeCloseTo( heardMs + 200, 1 );
		expect( playback.sentence ).toBe( 2 );
	} );

	it( 'counts milliseconds of speech whatever the speed', async () => {
		const { playback, pass } = begin( { speed: 2 } );
		playback.push( some( 2_000 ) );
		await pass( 500 );
		expect( playback.heardMs ).toBeGreaterThan( 900 );
		expect( playback.heardMs ).toBeLessThan( 1_010 );
		playback.speed = 9;
		expect( playback.speed ).toBe( 2 );
	} );

	it( 'stays where it is while it is paused, and claims the voice again when it goes on', async () => {
		const { playback, pass, claims, wakes } = begin();
		playback.push( some( 1_000 ) );
		await pass( 200 );
		playback.pause();
		await pass( 50 );
		const { heardMs } = playback;
		await pass( 500 );
		expect( playback ).toMatchObject( { heardMs, state: 'paused' } );
		expect( claims ).toHaveLength( 1 );
		playback.resume();
		await pass( 100 );
		expect( playback.state ).toBe( 'playing' );
		expect( claims ).toEqual( [ playback, playback ] );
		expect( wakes() ).toBe( 2 );
		expect( playback.heardMs ).toBeGreaterThan( heardMs + 80 );
	} );

	it( 'says that it is held back, and goes on by itself afterwards', async () => {
		const { playback, pass, holdBack, changes } = begin();
		playback.push( some( 1_000 ), 0 );
		await pass( 100 );
		holdBack( true );
		await settled();
		expect( playback.state ).toBe( 'blocked' );
		holdBack( false );
		await settled();
		expect( changes ).toEqual( [ 'playing 0', 'blocked 0', 'playing 0' ] );
	} );

	it( 'is heard again from memory, from the beginning or a sentence', async () => {
		const { playback, pass } = begin();
		playback.push( some( 100 ), 0 );
		playback.push( some( 100 ), 1 );
		playback.finish();
		await pass( 300 );
		await settled();
		expect( playback.state ).toBe( 'ended' );
		playback.resume();
		expect( playback.heardMs ).toBe( 0 );
		await pass( 50 );
		expect( playback ).toMatchObject( { state: 'playing', sentence: 0 } );
		playback.skipTo( 1 );
		expect( playback.heardMs ).toBe( 100 );
		await pass( 50 );
		expect( playback ).toMatchObject( { state: 'playing', sentence: 1 } );
	} );

	it( 'lets go of the audio thread when it is stopped, and hears nothing more', async () => {
		const { playback, pass, engines } = begin();
		playback.push( some( 1_000 ) );
		await pass( 100 );
		playback.stop();
		await pass( 50 );
		expect( engines.size ).toBe( 0 );
		playback.push( some( 100 ) );
		playback.resume();
		expect( playback.state ).toBe( 'stopped' );
	} );

	it( 'fails where there is no audio worklet', async () => {
		const { output } = createOutput();
		const playback = createWorkletPlayback(
			{ id: 'test' },
			{
				output: {
					...output,
					open: () => Promise.reject( new Error( 'None.' ) ),
				},
				fetch,
				claim: () => {},
			}
		);
		await settled();
		expect( playback.state ).toBe( 'failed' );
		expect( String( playback.error ) ).toContain( 'None.' );
	} );
} );

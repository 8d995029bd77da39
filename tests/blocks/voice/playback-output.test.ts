/**
 * The page's output in a browser that obeys the test: what WebKit does on a phone cannot be had here in any other way.
 */

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
	setSession,
	takeSilentSwitchHint,
} from '../../../blocks/shared/voice/playback/audio-session.ts';
import { createOutput } from '../../../blocks/shared/voice/playback/output.ts';
import {
	pageSound,
	unlock,
} from '../../../blocks/shared/voice/playback/unlock.ts';

/** An audio context whose state the test sets. `resume()` stays pending, as in WebKit when it was asked for too early. */
class Context extends EventTarget {
	state = 'suspended';
	baseLatency = 0.01;
	outputLatency = 0.03;
	currentTime = 5;
	destination = {};
	resumed = 0;
	suspended = 0;
	readonly modules: string[] = [];
	audioWorklet = {
		addModule: ( url: string ) => {
			this.modules.push( url );
			return this.isBroken
				? Promise.reject( new Error( 'Lost on the way.' ) )
				: Promise.resolve();
		},
	};

	isBroken = false;

	constructor() {
		super();
		contexts.push( this );
	}

	resume(): Promise< void > {
		this.resumed++;
		return new Promise( () => {} );
	}

	suspend(): Promise< void > {
		this.suspended++;
		return Promise.resolve();
	}

	become( state: string ): void {
		this.state = state;
		this.dispatchEvent( new Event( 'statechange' ) );
	}
}

class Node {
	readonly port = { postMessage: vi.fn(), onmessage: null };
	connect(): void {}
	disconnect(): void {}
}

let contexts: Context[];
let page: EventTarget & { visibilityState: string };
let device: EventTarget;
let navigator: Record< string, unknown >;

beforeEach( () => {
	vi.useFakeTimers();
	contexts = [];
	page = Object.assign( new EventTarget(), { visibilityState: 'visible' } );
	device = new EventTarget();
	navigator = { platform: 'iPhone', maxTouchPoints: 5, mediaDevices: device };
	vi.stubGlobal( 'AudioContext', Context );
	vi.stubGlobal( 'AudioWorkletNode', Node );
	vi.stubGlobal( 'document', page );
	vi.stubGlobal( 'window', new EventTarget() );
	vi.stubGlobal( 'location', { href: 'https://shop.example/boots/' } );
	vi.stubGlobal( 'navigator', navigator );
	Object.assign( pageSound(), {
		context: undefined,
		worklet: undefined,
		isCapturing: false,
	} );
} );
afterEach( () => {
	vi.useRealTimers();
	vi.unstubAllGlobals();
} );

const context = () => contexts.at( -1 ) as Context;

/** An output that somebody waits for, running. */
function startOutput() {
	const output = createOutput(
		'/wp-content/plugins/docent/build/worklets/?ver=1.2'
	);
	const changes: boolean[] = [];
	const stop = output.watch( () => changes.push( output.isBlocked() ) );
	output.wake();
	context().become( 'running' );
	vi.advanceTimersByTime( 1_000 );
	changes.length = 0;
	return { output, changes, stop };
}

describe( 'a tap', () => {
	it( 'opens one context for the page and asks anew although an earlier request is still pending', () => {
		unlock();
		unlock();
		expect( contexts ).toHaveLength( 1 );
		expect( context().resumed ).toBe( 2 );
	} );

	it( 'opens another context when the browser has closed the first', () => {
		unlock();
		context().state = 'closed';
		unlock();
		expect( contexts ).toHaveLength( 2 );
	} );

	it( 'does nothing where there is no Web Audio', () => {
		vi.stubGlobal( 'AudioContext', undefined );
		expect( unlock ).not.toThrow();
	} );
} );

describe( 'the output', () => {
	it( 'is not called blocked for the moment in which it starts, and is when it stays silent', () => {
		const output = createOutput( '/worklets/' );
		const changes: boolean[] = [];
		output.watch( () => changes.push( output.isBlocked() ) );
		output.wake();
		expect( output.isBlocked() ).toBe( false );
		vi.advanceTimersByTime( 600 );
		expect( changes ).toEqual( [ true ] );
		context().become( 'running' );
		expect( changes ).toEqual( [ true, false ] );
	} );

	it( 'interrupted by a call says so and asks again: at once, when the page is seen again, at a tap, and when a device comes or goes', () => {
		const { changes } = startOutput();
		page.visibilityState = 'hidden';
		context().become( 'interrupted' );
		expect( changes ).toEqual( [ true ] );
		const before = context().resumed;
		page.dispatchEvent( new Event( 'visibilitychange' ) );
		expect( context().resumed ).toBe( before );
		page.visibilityState = 'visible';
		page.dispatchEvent( new Event( 'visibilitychange' ) );
		expect( context().resumed ).toBe( before + 1 );
		page.dispatchEvent( new Event( 'pointerup' ) );
		page.dispatchEvent( new Event( 'keydown' ) );
		device.dispatchEvent( new Event( 'devicechange' ) );
		expect( context().resumed ).toBe( before + 4 );
		context().become( 'running' );
		expect( changes ).toEqual( [ true, false ] );
		page.dispatchEvent( new Event( 'pointerup' ) );
		expect( context().resumed ).toBe( before + 4 );
	} );

	it( 'is given back after half a minute in which nobody waits for it, and not before', () => {
		const { output, stop } = startOutput();
		stop();
		vi.advanceTimersByTime( 29_000 );
		const stopAgain = output.watch( () => {} );
		vi.advanceTimersByTime( 60_000 );
		expect( context().suspended ).toBe( 0 );
		stopAgain();
		vi.advanceTimersByTime( 30_000 );
		expect( context().suspended ).toBe( 1 );
		// Nobody is asked for sound by a tap that has nothing to do with it.
		const before = context().resumed;
		page.dispatchEvent( new Event( 'pointerup' ) );
		expect( context().resumed ).toBe( before );
	} );

	it( 'knows both latencies, and none where the browser does not tell', () => {
		const { output } = startOutput();
		expect( output.clock() ).toEqual( { time: 5, latency: 0.04 } );
		context().outputLatency = NaN;
		expect( output.clock() ).toEqual( { time: 5, latency: 0.01 } );
	} );

	it( 'loads the worklet’s file once, by its versioned address, and anew when it was lost', async () => {
		const { output } = startOutput();
		const setup = { startMs: 40, isReplayable: true };
		context().isBroken = true;
		await expect( output.open( setup, () => {} ) ).rejects.toThrow(
			'Lost'
		);
		context().isBroken = false;
		await output.open( setup, () => {} );
		await output.open( setup, () => {} );
		const address =
			'https://shop.example/wp-content/plugins/docent/build/worklets/playback.js?ver=1.2';
		expect( context().modules ).toEqual( [ address, address ] );
	} );

	it( 'cannot be opened on a page without audio worklets', async () => {
		const output = createOutput( '/worklets/' );
		await expect(
			output.open( { startMs: 40, isReplayable: true }, () => {} )
		).rejects.toThrow( 'no audio worklet' );
	} );
} );

describe( 'a phone', () => {
	it( 'is told what the sound is for', () => {
		const audioSession = { type: 'auto' };
		Object.assign( navigator, { audioSession } );
		setSession();
		expect( audioSession.type ).toBe( 'playback' );
		pageSound().isCapturing = true;
		setSession();
		expect( audioSession.type ).toBe( 'play-and-record' );
	} );

	it( 'with a switch that silences pages gives the hint once', () => {
		const kept = new Map< string, string >();
		vi.stubGlobal( 'sessionStorage', {
			getItem: ( key: string ) => kept.get( key ) ?? null,
			setItem: ( key: string, value: string ) => kept.set( key, value ),
		} );
		expect( takeSilentSwitchHint() ).toBe( true );
		expect( takeSilentSwitchHint() ).toBe( false );
	} );

	it( 'whose sound does not hang on the switch gives no hint, and other devices give none', () => {
		Object.assign( navigator, { audioSession: { type: 'auto' } } );
		expect( takeSilentSwitchHint() ).toBe( false );
		vi.stubGlobal( 'navigator', {
			platform: 'Linux x86_64',
			maxTouchPoints: 0,
		} );
		expect( takeSilentSwitchHint() ).toBe( false );
	} );
} );

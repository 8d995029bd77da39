/**
 * One recording from its beginning to its end, with a microphone that the test speaks into.
 */
import { describe, expect, it } from 'vitest';
import { claimMicrophone } from '../../../../../blocks/shared/voice/capture/claim.ts';
import { WorkletMissing } from '../../../../../blocks/shared/voice/capture/microphone.ts';
import type { MicrophoneHooks } from '../../../../../blocks/shared/voice/capture/microphone.ts';
import { startRecording } from '../../../../../blocks/shared/voice/capture/recording.ts';
import type { RecordingOutcome } from '../../../../../blocks/shared/voice/capture/recording.ts';
import { readWav } from '../../../../support/speech/index.ts';

const FRAME = 320;

/** Begins a recording. The microphone opens once `open()` is called, or not at all with an error. */
function begin( {
	maxMs = 60_000,
	claim = async () => () => {},
}: {
	maxMs?: number;
	claim?: () => Promise< ( () => void ) | undefined >;
} = {} ) {
	let hooks: MicrophoneHooks | undefined;
	let closed = 0;
	let decide: ( error?: Error ) => void = () => {};
	const decided = new Promise< Error | undefined >( ( resolve ) => {
		decide = resolve;
	} );
	let changed = () => {};
	const live = new Promise< void >( ( resolve ) => {
		changed = resolve;
	} );
	let changes = 0;
	const recording = startRecording( {
		async open( given ) {
			hooks = given;
			const error = await decided;
			if ( error ) {
				throw error;
			}
			return {
				track: undefined,
				async close() {
					closed++;
				},
			};
		},
		claim,
		surroundings: {
			isSecure: true,
			canRecord: true,
			isAllowedHere: true,
			permission: async () => 'denied',
		},
		maxMs,
		onLevel() {},
		onChange() {
			changes++;
			changed();
		},
	} );
	return {
		recording,
		fail: ( error: Error ) => decide( error ),
		async open() {
			decide();
			await live;
		},
		letOpen: () => decide(),
		/** Says something for so long. */
		say( ms: number, peak = 0.5 ) {
			for ( let at = 0; at < ms; at += 20 ) {
				hooks?.onFrame( {
					samples: new Int16Array( FRAME ).fill( peak * 32_767 ),
					rms: peak,
					peak,
				} );
			}
		},
		unplug: () => hooks?.onGone(),
		mute: ( isMuted: boolean ) => hooks?.onMute( isMuted ),
		get changes() {
			return changes;
		},
		get closed() {
			return closed;
		},
	};
}

async function wavOf( outcome: RecordingOutcome ) {
	if ( outcome.kind !== 'recorded' ) {
		throw new Error( outcome.kind );
	}
	return readWav( Buffer.from( await outcome.wav.arrayBuffer() ) )!;
}

describe( 'a recording', () => {
	it( 'that is finished is a WAV of what was said, and the microphone is closed', async () => {
		const one = begin();
		await one.open();
		one.say( 1_000 );
		expect( one.recording.durationMs ).toBe( 1_000 );
		one.recording.finish();
		const { pcm, sampleRate } = await wavOf( await one.recording.outcome );
		expect( [ pcm.length, sampleRate ] ).toEqual( [ 16_000, 16_000 ] );
		expect( one.closed ).toBe( 1 );
		expect( one.recording.isLive ).toBe( false );
	} );

	it( 'that is cancelled leaves nothing', async () => {
		const one = begin();
		await one.open();
		one.say( 1_000 );
		one.recording.cancel();
		expect( await one.recording.outcome ).toEqual( { kind: 'cancelled' } );
		expect( one.closed ).toBe( 1 );
	} );

	it( 'cancelled while the browser still asks is over at once, and a microphone that opens later is closed and not shown', async () => {
		const one = begin();
		one.recording.cancel();
		expect( await one.recording.outcome ).toEqual( { kind: 'cancelled' } );
		one.letOpen();
		await expect.poll( () => one.closed ).toBe( 1 );
		expect( one.changes ).toBe( 0 );
		expect( one.recording.isLive ).toBe( false );
	} );

	it( 'finished before the microphone is open is cancelled', async () => {
		const one = begin();
		one.recording.finish();
		expect( ( await one.recording.outcome ).kind ).toBe( 'cancelled' );
	} );

	it( 'says ten seconds before the limit that it is near, and ends there', async () => {
		const one = begin( { maxMs: 15_000 } );
		await one.open();
		one.say( 4_980 );
		expect( one.changes ).toBe( 1 );
		one.say( 20 );
		expect( one.changes ).toBe( 2 );
		one.say( 10_000 );
		const { pcm } = await wavOf( await one.recording.outcome );
		expect( pcm.length / 16 ).toBe( 15_000 );
	} );

	it( 'of a device that is unplugged keeps what was said', async () => {
		const one = begin();
		await one.open();
		one.say( 600 );
		one.unplug();
		const { pcm } = await wavOf( await one.recording.outcome );
		expect( pcm.length / 16 ).toBe( 600 );
	} );

	it( 'tells that the device is muted, and that it no longer is', async () => {
		const one = begin();
		await one.open();
		one.mute( true );
		expect( one.recording.isMuted ).toBe( true );
		one.mute( false );
		expect( one.recording.isMuted ).toBe( false );
		expect( one.changes ).toBe( 3 );
		one.recording.cancel();
		await one.recording.outcome;
	} );

	it.each( [
		[ 200, 0.5, 'too_short' ],
		[ 2_000, 0, 'silent' ],
		[ 2_000, 0.001, 'silent' ],
		[ 2_000, 0.01, 'recorded' ],
	] )( 'of %i ms with a peak of %f is %s', async ( ms, peak, kind ) => {
		const one = begin();
		await one.open();
		one.say( ms, peak );
		one.recording.finish();
		expect( ( await one.recording.outcome ).kind ).toBe( kind );
	} );

	it.each( [
		[ new DOMException( '', 'NotFoundError' ), 'no_device' ],
		[ new DOMException( '', 'NotAllowedError' ), 'blocked' ],
		[ new WorkletMissing(), 'unreachable' ],
	] )( 'that %o ends is refused as %s', async ( error, refusal ) => {
		const one = begin();
		one.fail( error );
		expect( await one.recording.outcome ).toEqual( {
			kind: 'refused',
			refusal,
		} );
	} );

	it( 'is refused while another one has the microphone, and allowed once that has ended', async () => {
		const claim = () => claimMicrophone( navigator.locks );
		const one = begin( { claim } );
		await one.open();
		const other = begin( { claim } );
		expect( await other.recording.outcome ).toEqual( {
			kind: 'refused',
			refusal: 'elsewhere',
		} );
		one.recording.cancel();
		await one.recording.outcome;
		await expect
			.poll( async () => ( await navigator.locks.query() ).held )
			.toEqual( [] );
		const third = begin( { claim } );
		await third.open();
		third.recording.cancel();
		expect( ( await third.recording.outcome ).kind ).toBe( 'cancelled' );
	} );
} );

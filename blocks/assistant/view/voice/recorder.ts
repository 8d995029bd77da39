/**
 * Shows one recording in the composer: the level of the voice, the time, a way to give it up; and says how it came out.
 */
import { claimMicrophone } from '../../../shared/voice/capture/claim.ts';
import { openDeviceEar } from '../../../shared/voice/capture/device-ear.ts';
import type { DeviceEar } from '../../../shared/voice/capture/device-ear.ts';
import { openMicrophone } from '../../../shared/voice/capture/microphone.ts';
import {
	SAMPLE_RATE,
	startRecording,
	WARNING_MS,
} from '../../../shared/voice/capture/recording.ts';
import {
	pageSurroundings,
	whenAllowed,
} from '../../../shared/voice/capture/refusal.ts';
import { createPlayer } from '../../../shared/voice/playback/player.ts';
import { pageSound } from '../../../shared/voice/playback/unlock.ts';
import { iconButton, make } from '../elements.ts';
import type { PanelConfig } from '../panel.ts';
import { createMeter } from './meter.ts';

/** How a recording came out, in the panel's words. */
export type RecorderOutcome =
	/** `words` is what the browser itself heard, empty when it was not asked. */
	| { kind: 'recorded'; wav: Blob; words: string }
	| { kind: 'cancelled' }
	/** `mended` resolves with what to say once the reason is gone. */
	| { kind: 'failed'; saying: string; mended?: Promise< string > };

export interface Recorder {
	/** Whether the microphone hears by now. */
	readonly isLive: boolean;
	finish(): void;
	cancel(): void;
}

/** Begins to record. `unlock()` was called in the tap. */
export function startRecorder( {
	config: { strings, voice, workletUrl },
	say,
	show,
	onOver,
}: {
	config: PanelConfig;
	say: ( saying: string ) => void;
	/** Puts an element where the question is written. */
	show: ( element: HTMLElement ) => void;
	onOver: ( outcome: RecorderOutcome ) => void;
} ): Recorder {
	const player = createPlayer( { workletUrl } );
	const meter = createMeter();
	const time = make( 'span', { class: 'docent-recorder__time' } );
	const words = make( 'span', {
		class: 'docent-recorder__words',
		hidden: true,
	} );
	const element = make(
		'div',
		{
			class: 'docent-recorder',
			role: 'group',
			'aria-label': strings.recording,
			'data-docent': 'recorder',
		},
		iconButton( 'voice-cancel', strings.voiceCancel, 'close' ),
		meter.element,
		words,
		time
	);
	const maxMs = voice.maxSeconds * 1_000;
	let ear: Promise< DeviceEar | undefined > | undefined;
	let shownSeconds = -1;
	let isShown = false;
	let isWarned = false;

	function showTime( durationMs: number ): void {
		const remaining = Math.ceil( ( maxMs - durationMs ) / 1_000 );
		const isNearEnd = maxMs - durationMs <= WARNING_MS;
		const seconds = Math.floor( durationMs / 1_000 );
		if ( seconds === shownSeconds ) {
			return;
		}
		shownSeconds = seconds;
		time.textContent = isNearEnd
			? strings.secondsLeft.replace( '%s', String( remaining ) )
			: `${ Math.floor( seconds / 60 ) }:${ String( seconds % 60 ).padStart( 2, '0' ) }`;
	}

	const recording = startRecording( {
		open: async ( hooks ) => {
			const { context } = pageSound();
			if ( ! context ) {
				throw new DOMException( '', 'NotSupportedError' );
			}
			player.setCapturing( true );
			const microphone = await openMicrophone( {
				...hooks,
				context,
				workletUrl,
				sampleRate: SAMPLE_RATE,
			} );
			if ( voice.browserTranscription ) {
				ear = openDeviceEar(
					document.documentElement.lang,
					microphone.track
				);
			}
			return microphone;
		},
		claim: claimMicrophone,
		surroundings: pageSurroundings(),
		maxMs,
		onLevel( rms ) {
			meter.add( rms );
			showTime( recording.durationMs );
		},
		onChange( { isLive, isMuted, durationMs } ) {
			if ( isLive && ! isShown ) {
				isShown = true;
				show( element );
				showTime( 0 );
				say( strings.recording );
			}
			words.hidden = ! isMuted;
			meter.element.hidden = isMuted;
			if ( isMuted ) {
				words.textContent = strings.micMuted;
				say( strings.micMuted );
			}
			if ( ! isWarned && isLive && maxMs - durationMs <= WARNING_MS ) {
				isWarned = true;
				say( time.textContent );
			}
		},
	} );

	void recording.outcome.then( async ( outcome ) => {
		player.setCapturing( false );
		const ownEar = await ear;
		if ( outcome.kind !== 'recorded' ) {
			ownEar?.cancel();
		}
		switch ( outcome.kind ) {
			case 'recorded':
				onOver( {
					kind: 'recorded',
					wav: outcome.wav,
					words: ( await ownEar?.finish() ) ?? '',
				} );
				break;
			case 'cancelled':
				onOver( { kind: 'cancelled' } );
				break;
			case 'too_short':
			case 'silent':
				onOver( {
					kind: 'failed',
					saying: strings[ `failure_audio_${ outcome.kind }` ] ?? '',
				} );
				break;
			case 'refused':
				onOver( {
					kind: 'failed',
					saying: strings[ `mic_${ outcome.refusal }` ] ?? '',
					...( outcome.refusal === 'blocked' && {
						mended: new Promise< string >( ( resolve ) => {
							void whenAllowed( () =>
								resolve( strings.micAllowed )
							);
						} ),
					} ),
				} );
		}
	} );
	return recording;
}

/**
 * The microphone button of a panel: answers the press at once, has the rest of voice fetched, and keeps the one recording going on.
 */
import { createPress } from '../../shared/voice/capture/press.ts';
import { unlock } from '../../shared/voice/playback/unlock.ts';
import type { Composer } from './composer.ts';
import { make, setAttributes } from './elements.ts';
import { loadVoice } from './load-voice.ts';
import type { PanelConfig } from './panel.ts';
import type { Recorder } from './voice/recorder.ts';

export interface Talk {
	/** Whether the composer is taken by a recording, or by what leads to one. */
	readonly isRecording: boolean;
	/** A click on the button, for which a press may have been acted upon already. */
	click(): void;
	/** Begins, once the visitor has agreed; call it in the tap. */
	begin(): void;
	/** Ends and asks. */
	finish(): void;
	/** Returns whether there was anything to give up. */
	cancel(): boolean;
}

/** Takes over the button that the page carries; undefined where voice is not offered. */
export function createTalk( {
	panel,
	config,
	composer,
	say,
	tell,
	mayBegin,
	onWanted,
	onBegin,
	onRecorded,
}: {
	panel: HTMLElement;
	config: PanelConfig;
	composer: Composer;
	/** Speaks to screen readers. */
	say: ( saying: string ) => void;
	/** Says a sentence above the composer. */
	tell: ( saying: string ) => void;
	/** Whether the visitor has agreed to be recorded. */
	mayBegin: () => boolean;
	/** The visitor wants to speak and has not agreed yet. */
	onWanted: () => void;
	/** A recording begins: whatever is heard must be silent. */
	onBegin: () => void;
	onRecorded: ( wav: Blob, words: string ) => void;
} ): Talk | undefined {
	const { strings } = config;
	const found = panel.querySelector< HTMLElement >( '.docent-microphone' );
	if ( ! found ) {
		return undefined;
	}
	const button = found;
	/** `null` while what records is still on its way. */
	let recorder: Recorder | null | undefined;
	/** Counts the recordings, so that one that was given up does not come back. */
	let count = 0;

	function show( isRecording: boolean ): void {
		setAttributes( button, { 'aria-pressed': String( isRecording ) } );
		if ( ! isRecording ) {
			composer.showRecorder( null );
			return;
		}
		const hadFocus = document.activeElement === composer.field;
		composer.showRecorder(
			make(
				'p',
				{ class: 'docent-recorder docent-recorder__words' },
				strings.micOpening
			)
		);
		if ( hadFocus ) {
			button.focus( { preventScroll: true } );
		}
	}

	function over(): void {
		const { activeElement } = document;
		const hadFocus =
			activeElement !== document.body && panel.contains( activeElement );
		count++;
		recorder = undefined;
		show( false );
		// What had it means something else now, or is gone.
		if ( hadFocus ) {
			button.focus( { preventScroll: true } );
		}
	}

	function begin(): void {
		if ( recorder !== undefined ) {
			return;
		}
		if ( ! mayBegin() ) {
			onWanted();
			return;
		}
		unlock();
		onBegin();
		tell( '' );
		recorder = null;
		const own = ++count;
		show( true );
		loadVoice().then(
			( { startRecorder } ) => {
				if ( own !== count ) {
					return;
				}
				recorder = startRecorder( {
					config,
					say,
					show: composer.showRecorder,
					onOver( outcome ) {
						if ( own !== count ) {
							return;
						}
						over();
						if ( outcome.kind === 'recorded' ) {
							onRecorded( outcome.wav, outcome.words );
						} else if ( outcome.kind === 'failed' ) {
							tell( outcome.saying );
							void outcome.mended?.then( tell );
						}
					},
				} );
			},
			() => {
				if ( own === count ) {
					over();
					tell( strings.failure_unreachable ?? '' );
				}
			}
		);
	}

	function cancel(): boolean {
		if ( recorder === undefined ) {
			return false;
		}
		recorder?.cancel();
		over();
		say( strings.recordingCancelled );
		return true;
	}

	function finish(): void {
		if ( recorder?.isLive ) {
			recorder.finish();
		} else {
			cancel();
		}
	}

	const press = createPress( {
		isReady: mayBegin,
		isBegun: () => recorder !== undefined,
		isLive: () => recorder?.isLive === true,
		begin,
		end: finish,
	} );
	button.addEventListener( 'pointerdown', ( event ) => {
		if ( event.button === 0 && press.down() ) {
			// Let go outside the button is let go all the same.
			button.setPointerCapture( event.pointerId );
		}
	} );
	button.addEventListener( 'pointerup', press.up );
	button.addEventListener( 'pointercancel', press.lose );
	button.addEventListener( 'contextmenu', ( event ) => {
		// What a long touch would open.
		if ( recorder !== undefined ) {
			event.preventDefault();
		}
	} );
	const isOurs = ( { key }: KeyboardEvent ) => key === ' ' || key === 'Enter';
	let heldKey = '';
	button.addEventListener( 'keydown', ( event ) => {
		if ( ! isOurs( event ) || event.isComposing ) {
			return;
		}
		if ( event.repeat || press.down() ) {
			event.preventDefault();
			heldKey = event.key;
		}
	} );
	button.addEventListener( 'keyup', ( event ) => {
		if ( event.key === heldKey ) {
			// Space clicks when it comes up, and that press was acted upon.
			event.preventDefault();
			heldKey = '';
			press.up();
		}
	} );
	button.addEventListener( 'blur', press.lose );
	addEventListener( 'pagehide', () => {
		if ( recorder !== undefined ) {
			cancel();
		}
	} );
	document.addEventListener( 'visibilitychange', () => {
		// Nobody sees that the microphone is open: what was said until now is the question.
		if ( document.visibilityState === 'hidden' && recorder?.isLive ) {
			recorder.finish();
		}
	} );

	return {
		get isRecording() {
			return recorder !== undefined;
		},
		click: press.click,
		begin,
		finish,
		cancel,
	};
}

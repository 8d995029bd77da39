/**
 * The controls of a player: shows in words, shapes and numbers what the reading does.
 */
import { isUnderWay } from './reading-state.ts';
import type { Reading } from './reading-state.ts';
import type { Strings } from './strings.ts';

/** Creates the controls of a block. */
export function createControls( root: HTMLElement, strings: Strings ) {
	const find = < Kind extends HTMLElement = HTMLElement >( hook: string ) =>
		root.querySelector< Kind >( `[data-docent="${ hook }"]` );
	const play = find( 'play' );
	const label = root.querySelector( '.docent-listen__label' );
	const bar = root.querySelector< HTMLElement >( '.docent-listen__controls' );
	const range = find< HTMLInputElement >( 'range' );
	const time = find( 'time' );
	const speed = find< HTMLSelectElement >( 'speed' );
	const restart = find( 'restart' );
	const voice = find( 'voice' );
	const state = find( 'state' );
	const first = label?.textContent ?? '';
	/** Whether the visitor is moving the slider. */
	let isHeld = false;

	/** Says something once; the same words again are not said again. */
	function say( sentence: string ): void {
		if ( state && state.textContent !== sentence ) {
			state.textContent = sentence;
		}
	}

	function name( button: string, isPause: boolean ): void {
		root.classList.toggle( 'is-reading', isPause );
		if ( label && label.textContent !== button ) {
			label.textContent = button;
		}
	}

	function showTime( reading: Reading, count: number ): void {
		const at = clock( reading.atMs );
		const total = clock( reading.totalMs );
		if ( time ) {
			time.textContent = `${ at } / ${ total }`;
		}
		if ( range && ! isHeld ) {
			const { sentence } = reading;
			range.max = String( Math.max( 0, count - 1 ) );
			range.value = String( sentence );
			range.style.setProperty(
				'--docent-heard',
				String( count > 1 ? sentence / ( count - 1 ) : 0 )
			);
			range.setAttribute(
				'aria-valuetext',
				filled( strings.position, [
					String( sentence + 1 ),
					String( count ),
					at,
					total,
				] )
			);
		}
	}

	return {
		say,
		showTime,
		get speed() {
			return Number( speed?.value ?? 1 );
		},
		/** Keeps the slider where the visitor has it. */
		hold() {
			isHeld = true;
		},
		/** Lets go of the slider; returns the sentence it was moved to. */
		release(): number {
			isHeld = false;
			return Number( range?.value ?? 0 );
		},
		showLoading() {
			name( strings.pause, true );
			say( strings.loading );
		},
		showNothing() {
			name( first, false );
			say( strings.nothing );
		},
		/** Offers to begin anew, or not; the focus must not be lost with the button. */
		offerRestart( isOffered: boolean, hadFocus = false ) {
			if ( restart ) {
				restart.hidden = ! isOffered;
			}
			if ( hadFocus ) {
				play?.focus();
			}
		},
		focusPlay: () => play?.focus(),
		/** Shows all of a reading. */
		show(
			reading: Reading,
			{
				count,
				remark,
				isFallback,
			}: { count: number; remark: string; isFallback: boolean }
		) {
			const { state: now } = reading;
			const isOn = isUnderWay( now );
			const hadFocus = bar?.querySelector( ':focus' );
			root.classList.toggle( 'is-on', isOn );
			if ( bar ) {
				bar.hidden = ! isOn;
			}
			// The focus must not be lost with what is hidden.
			if ( hadFocus && ! isOn ) {
				play?.focus();
			}
			const labels: Partial< Record< Reading[ 'state' ], string > > = {
				loading: strings.pause,
				playing: strings.pause,
				paused: strings.goOn,
				blocked: strings.goOn,
				ended: strings.again,
			};
			name(
				labels[ now ] ?? first,
				now === 'playing' || now === 'loading'
			);
			if ( voice ) {
				const words = isFallback
					? strings.fallback
					: strings.browserVoice;
				const who = reading.isBrowserVoice
					? words
					: strings.recordedVoice;
				// Nobody reads what cannot be read.
				const shown = now === 'failed' ? '' : who;
				if ( voice.textContent !== shown ) {
					voice.textContent = shown;
				}
			}
			const sentences: Partial< Record< Reading[ 'state' ], string > > = {
				loading: strings.loading,
				playing: remark,
				paused: strings.paused,
				blocked: strings.blocked,
				ended: strings.ended,
				failed: strings.failed,
			};
			say( sentences[ now ] ?? '' );
			if ( speed && speed.value !== String( reading.speed ) ) {
				speed.value = String( reading.speed );
			}
			if ( ! isOn && restart ) {
				restart.hidden = true;
			}
			showTime( reading, count );
		},
	};
}

/** Writes a time as minutes and seconds. */
function clock( ms: number ): string {
	const seconds = Math.round( ms / 1000 );
	return `${ Math.floor( seconds / 60 ) }:${ String( seconds % 60 ).padStart( 2, '0' ) }`;
}

/** Puts values into a translated sentence. */
function filled( sentence: string, values: readonly string[] ): string {
	return sentence.replace(
		/%(\d)\$s/g,
		( whole, number: string ) => values[ Number( number ) - 1 ] ?? whole
	);
}

/**
 * The field at the foot of the panel: grows with the question, says when it is too long, turns send into stop.
 */
import { make, setAttributes } from './elements.ts';
import type { Strings } from './strings.ts';

/** The proxy refuses longer questions. */
const MAX_CHARACTERS = 4_000;
/** A second press this soon after sending is a double click, not a wish to stop. */
const STOP_GUARD_MS = 500;

export interface Composer {
	readonly field: HTMLTextAreaElement;
	/** The question, or `null` (with focus in the field and the reason beside it) when it cannot be sent. */
	read(): string | null;
	write( question: string ): void;
	showRunning( isRunning: boolean ): void;
	/** Puts what shows a recording in the field's place (`null`: the field again); the button beside it then ends the recording. */
	showRecorder( recorder: HTMLElement | null ): void;
	/** Whether a press on the button now means stop. */
	meansStop(): boolean;
}

/** Takes over the composer that the page carries. */
export function createComposer(
	panel: HTMLElement,
	strings: Strings,
	say: ( saying: string ) => void
): Composer {
	const field = panel.querySelector( 'textarea' ) as HTMLTextAreaElement;
	const button = panel.querySelector( '.docent-send' ) as HTMLButtonElement;
	const note = make( 'p', {
		class: 'docent-notice',
		'data-docent': 'length-notice',
		id: `${ panel.id }-length`,
		hidden: true,
	} );
	field.closest( '.docent-composer' )?.before( note );
	let runningSince: number | undefined;
	let shownRecorder: HTMLElement | null = null;

	function nameButton(): void {
		const isStop = runningSince !== undefined;
		setAttributes(
			button,
			shownRecorder
				? {
						'data-docent': 'voice-done',
						'aria-label': strings.voiceDone,
					}
				: {
						'data-docent': isStop ? 'stop' : 'send',
						'aria-label': isStop ? strings.stop : strings.send,
					}
		);
	}

	function fit(): void {
		if ( ! CSS.supports( 'field-sizing', 'content' ) ) {
			field.style.blockSize = 'auto';
			field.style.blockSize = `${ field.scrollHeight }px`;
		}
	}

	function checkLength(): boolean {
		const excess = field.value.trim().length - MAX_CHARACTERS;
		const isTooLong = excess > 0;
		const wasHidden = note.hidden;
		note.hidden = ! isTooLong;
		note.textContent = isTooLong
			? strings.tooLong.replace(
					'%s',
					excess.toLocaleString(
						document.documentElement.lang || undefined
					)
				)
			: '';
		setAttributes( field, {
			'aria-invalid': isTooLong && 'true',
			'aria-describedby': isTooLong && note.id,
		} );
		// Once, and not again with every letter.
		if ( isTooLong && wasHidden ) {
			say( note.textContent );
		}
		return ! isTooLong;
	}

	function changed(): void {
		fit();
		checkLength();
	}

	field.addEventListener( 'input', changed );
	// Something may have been written while this was still on its way.
	changed();

	return {
		field,
		read() {
			const question = field.value.trim();
			if ( question === '' || ! checkLength() ) {
				field.focus();
				return null;
			}
			return question;
		},
		write( question ) {
			field.value = question;
			changed();
		},
		showRunning( isRunning ) {
			if ( isRunning === ( runningSince !== undefined ) ) {
				return;
			}
			runningSince = isRunning ? Date.now() : undefined;
			nameButton();
		},
		showRecorder( recorder ) {
			shownRecorder?.remove();
			shownRecorder = recorder;
			field.hidden = recorder !== null;
			if ( recorder ) {
				field.before( recorder );
			}
			nameButton();
		},
		meansStop: () =>
			runningSince !== undefined &&
			Date.now() - runningSince > STOP_GUARD_MS,
	};
}

/**
 * One calm sentence about voice above the composer, said to screen readers too.
 */
import { make } from './elements.ts';

/** Creates the place for it. The function that is returned says a sentence; an empty one takes it away. */
export function createVoiceNote(
	panel: HTMLElement
): ( saying: string ) => void {
	const note = make( 'p', {
		class: 'docent-notice docent-voice-note',
		'data-docent': 'voice-note',
		role: 'status',
	} );
	panel.querySelector( '.docent-composer' )?.before( note );
	return ( saying ) => {
		if ( note.textContent !== saying ) {
			note.textContent = saying;
		}
	};
}

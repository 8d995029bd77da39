/**
 * A line into the audio thread that can be spoken into before it is open.
 */
import type {
	PlaybackReport,
	PlaybackSetup,
} from '../../../worklets/playback-messages.ts';
import type { Line, Output } from './output.ts';

/** Opens a line. What is sent before it is open is kept in its order; `onFailure` hears why it cannot be opened. */
export function openLine(
	output: Output,
	setup: PlaybackSetup,
	{
		onReport,
		onFailure,
	}: {
		onReport: ( report: PlaybackReport ) => void;
		onFailure: ( why: unknown ) => void;
	}
): Line {
	let line: Line | undefined;
	let isClosed = false;
	const waiting: Parameters< Line[ 'send' ] >[ 0 ][] = [];
	output.open( setup, onReport ).then( ( opened ) => {
		if ( isClosed ) {
			opened.close();
			return;
		}
		line = opened;
		waiting.splice( 0 ).forEach( ( command ) => opened.send( command ) );
	}, onFailure );
	return {
		send( command ) {
			if ( line ) {
				line.send( command );
			} else {
				waiting.push( command );
				// Nothing has been heard yet, so nothing has to be faded out.
				isClosed ||= command.do === 'stop';
			}
		},
		close: () => line?.close(),
	};
}

/**
 * Lets the keys of keyboards, headsets and lock screens handle the reading.
 */
import type { Reading } from './reading-state.ts';

/** Connects them, where the browser knows of such keys. */
export function connectMediaKeys(
	reading: Reading,
	{ title, siteName }: { title: string; siteName: string }
): void {
	const { mediaSession } = navigator;
	if ( ! mediaSession ) {
		return;
	}
	mediaSession.metadata = new MediaMetadata( { title, artist: siteName } );
	const keys: Partial< Record< MediaSessionAction, () => void > > = {
		play: () => reading.play(),
		pause: () => reading.pause(),
		stop: () => reading.stop(),
		previoustrack: () => reading.goTo( reading.sentence - 1 ),
		nexttrack: () => reading.goTo( reading.sentence + 1 ),
	};
	for ( const [ name, react ] of Object.entries( keys ) ) {
		try {
			mediaSession.setActionHandler( name as MediaSessionAction, react );
		} catch {
			// This browser does not know this key.
		}
	}
}

/**
 * Lets one voice be heard at a time: on the page whichever block it belongs to, and across the tabs of the site.
 */
import type { Playback } from './playback.ts';
import { pageSound } from './unlock.ts';

let channel: BroadcastChannel | undefined;

/** Ends what else is heard on this page, and has other tabs pause. Also called when a paused playback goes on. */
export function claimVoice( playback: Playback ): void {
	const sound = pageSound();
	if ( sound.current !== playback ) {
		sound.current?.stop();
		sound.current = playback;
	}
	if ( ! channel && typeof BroadcastChannel === 'function' ) {
		channel = new BroadcastChannel( 'docent-voice' );
		// The newest wins; a channel never hears itself, and what another block of this page says names the page's own voice.
		channel.onmessage = ( { data } ) => {
			if ( data !== pageName() ) {
				pageSound().current?.pause();
			}
		};
		addEventListener( 'pagehide', leave, { once: true } );
	}
	channel?.postMessage( pageName() );
}

/** Tells this page from other tabs. */
function pageName(): string {
	const sound = pageSound();
	return ( sound.name ??= Math.random().toString( 36 ).slice( 2 ) );
}

/** Leaving the page ends the speech; a page that may come back as it was finds it paused. */
function leave( { persisted }: PageTransitionEvent ): void {
	const { current } = pageSound();
	if ( persisted ) {
		current?.pause();
	} else {
		current?.stop();
	}
	// An open channel keeps pages out of the browser's memory of pages.
	channel?.close();
	channel = undefined;
}

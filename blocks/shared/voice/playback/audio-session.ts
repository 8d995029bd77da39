/**
 * Tells WebKit what the page's sound is for, and knows where a switch on the device may silence it.
 */
import { pageSound } from './unlock.ts';

/** WebKit's audio session; TypeScript does not know it yet. */
type WithSession = Navigator & { audioSession?: { type: string } };

/** That the hint was given is remembered for this visit. */
const HINT_KEY = 'docent-silent-switch';

/** Has the system treat the sound as speech that is listened to, or as half of a conversation while the microphone is open. */
export function setSession(): void {
	const { audioSession } = navigator as WithSession;
	if ( audioSession ) {
		audioSession.type = pageSound().isCapturing
			? 'play-and-record'
			: 'playback';
	}
}

/** Says once a visit whether the silent switch of this device mutes Web Audio: iPhones and iPads without the audio session. */
export function takeSilentSwitchHint(): boolean {
	const { platform, maxTouchPoints } = navigator;
	const isApple =
		/iP(hone|ad|od)/.test( platform ) ||
		( platform === 'MacIntel' && maxTouchPoints > 1 );
	if ( ! isApple || 'audioSession' in navigator ) {
		return false;
	}
	try {
		const isGiven = sessionStorage.getItem( HINT_KEY ) !== null;
		sessionStorage.setItem( HINT_KEY, '1' );
		return ! isGiven;
	} catch {
		// Storage is blocked: the hint may come again.
		return true;
	}
}

/**
 * The button that begins a live conversation in a panel: answers the press at once, has the rest fetched, and keeps the one going on.
 */
import { unlock } from '../../../shared/voice/playback/unlock.ts';
import { make } from '../elements.ts';
import { loadVoice } from '../load-voice.ts';
import type { LiveBar, LiveBarOptions } from './index.ts';

/** The proxy takes no longer text in a live conversation. */
const MAX_CHARACTERS = 2_000;

export interface LiveEntry {
	/** Whether a conversation goes on, or is about to. */
	readonly isActive: boolean;
	/** Whether the assistant is heard. */
	readonly isSpeaking: boolean;
	/** Begins, once the visitor has agreed; call it in the tap. */
	begin(): void;
	/** Does what a button in the bar is for. */
	press( hook: string ): void;
	/** Says something in writing. Returns whether it was short enough for that. */
	write( text: string ): boolean;
	/** Stops the assistant. Returns whether it was speaking. */
	interrupt(): boolean;
	/** Returns whether there was anything to end. */
	end(): boolean;
}

/** Takes over the button that the page carries; undefined where live conversations are not offered. */
export function createLiveEntry( {
	mayBegin,
	onWanted,
	onBegin,
	...options
}: Omit< LiveBarOptions, 'element' | 'voice' | 'onOver' > & {
	/** Whether the visitor has agreed to be heard. */
	mayBegin: () => boolean;
	/** The visitor wants to speak and has not agreed yet. */
	onWanted: () => void;
	/** A conversation begins: whatever is heard must be silent. */
	onBegin: () => void;
} ): LiveEntry | undefined {
	const { panel, assistant, config, tell, onChange } = options;
	const { strings } = config;
	const found = panel.querySelector< HTMLElement >( '.docent-live-button' );
	if ( ! found ) {
		return undefined;
	}
	const button = found;
	let element: HTMLElement | undefined;
	let bar: LiveBar | undefined;
	/** What was written before there was one. */
	let early: string[] = [];

	function over( saying: string ): void {
		const hadFocus = element?.contains( document.activeElement );
		element?.remove();
		element = bar = undefined;
		early = [];
		panel.classList.remove( 'is-live' );
		if ( hadFocus ) {
			button.focus( { preventScroll: true } );
		}
		tell( saying );
		onChange();
	}

	function begin(): void {
		if ( element ) {
			return;
		}
		if ( ! mayBegin() ) {
			onWanted();
			return;
		}
		unlock();
		onBegin();
		tell( '' );
		const own = make(
			'div',
			{
				class: 'docent-live',
				role: 'group',
				'aria-label': strings.live,
				'data-docent': 'live-bar',
				tabindex: -1,
			},
			make(
				'p',
				{ class: 'docent-live__line' },
				strings.live_connecting ?? ''
			)
		);
		const hadFocus = document.activeElement === button;
		element = own;
		panel.querySelector( '.docent-composer' )?.prepend( own );
		panel.classList.add( 'is-live' );
		if ( hadFocus ) {
			own.focus( { preventScroll: true } );
		}
		onChange();
		loadVoice()
			.then( async ( { loadLive, pageVoice } ) => {
				const { startLiveBar } = await loadLive();
				if ( element === own ) {
					bar = startLiveBar( {
						...options,
						element: own,
						voice: pageVoice( assistant, config ),
						onOver: over,
					} );
					early.splice( 0 ).forEach( bar.write );
				}
			} )
			.catch( () => {
				if ( element === own ) {
					over( strings.failure_unreachable ?? '' );
				}
			} );
	}

	return {
		get isActive() {
			return element !== undefined;
		},
		get isSpeaking() {
			return bar?.isSpeaking ?? false;
		},
		begin,
		press: ( hook ) => bar?.press( hook ),
		write( text ) {
			const excess = text.length - MAX_CHARACTERS;
			if ( excess > 0 ) {
				tell( strings.tooLong.replace( '%s', String( excess ) ) );
				return false;
			}
			if ( bar ) {
				bar.write( text );
			} else {
				early.push( text );
			}
			return true;
		},
		interrupt: () => bar?.interrupt() ?? false,
		end() {
			const wasActive = element !== undefined;
			if ( bar ) {
				bar.press( 'live-end' );
			} else if ( wasActive ) {
				over( '' );
			}
			return wasActive;
		},
	};
}

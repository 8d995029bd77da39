/**
 * The button that begins a live conversation in a panel: answers the press at once, has the rest fetched, and keeps the one going on.
 */
import { unlock } from '../../../shared/voice/playback/unlock.ts';
import { make } from '../elements.ts';
import { loadVoice } from '../load-voice.ts';
import type { LiveBar, LiveBarOptions } from './index.ts';

export interface LiveEntry {
	/** Whether a conversation goes on, or is about to. */
	readonly isActive: boolean;
	/** Whether the assistant is heard. */
	readonly isSpeaking: boolean;
	/** Begins, once the visitor has agreed; call it in the tap. */
	begin(): void;
	/** Does what a button in the bar is for. */
	press( hook: string ): void;
	/** Says something in writing. */
	write( text: string ): void;
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

	function over( saying: string ): void {
		const hadFocus = element?.contains( document.activeElement );
		element?.remove();
		element = bar = undefined;
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
		write: ( text ) => bar?.write( text ),
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

/**
 * One panel at work: what its buttons do, and what it shows when the conversation changes.
 */
import type { Turn } from '../../shared/conversation.ts';
import type { PageScope } from '../../shared/proxy-client.ts';
import { createAnnouncer } from './announcer.ts';
import { createComposer } from './composer.ts';
import { createConsentCard } from './consent-card.ts';
import { isSheet } from './floating.ts';
import { holdHeight } from './hold-height.ts';
import { createLog } from './log.ts';
import { createMenu } from './menu.ts';
import { pageAssistant } from './page-assistant.ts';
import { createNarrator } from './narrator.ts';
import { watchSheet } from './sheet.ts';
import type { Strings } from './strings.ts';
import { createTurnActions } from './turn-actions.ts';
import type { VoiceConfig } from './voice-config.ts';
import { createVoiceControls } from './voice-controls.ts';

/** What the page prints once for all panels. */
export interface PanelConfig {
	tokenUrl: string;
	proxyUrl: string;
	privacyUrl: string;
	/** Folder of the worklets, with the version as its query. */
	workletUrl: string;
	voice: VoiceConfig;
	strings: Strings;
}

/** What the page prints for each panel. */
export interface PanelContext {
	display: 'inline' | 'button' | 'launcher';
	name: string;
	/** The page this panel is limited to, if its owner wanted that. */
	scope: PageScope | null;
	/** Which of the owner's voices speaks here; empty means the assistant's own. */
	voiceRole: string;
}

export interface Panel {
	/** Does what the button of this name is for. */
	press( hook: string, control?: HTMLElement ): void;
	/** Hears that the floating panel was opened or closed. */
	opened( isOpen: boolean ): void;
	/** Shows what an earlier page of the tab left. */
	restore(): void;
}

/** Creates the panel of one root. */
export function createPanel( {
	root,
	display,
	name,
	scope,
	voiceRole,
	config,
	isRestoring,
	setOpen,
}: PanelContext & {
	root: HTMLElement;
	config: PanelConfig;
	/** Whether the page itself brings the panel to life, and not the visitor. */
	isRestoring: boolean;
	setOpen: ( isOpen: boolean, isQuiet?: boolean ) => void;
} ): Panel {
	const { strings } = config;
	const { assistant, memory } = pageAssistant( config );
	const element = root.querySelector( '.docent-panel' ) as HTMLElement;
	const suggestions = element.querySelector< HTMLElement >(
		'.docent-suggestions'
	);
	const log = createLog( element, strings );
	const consent = createConsentCard( element, config );
	const menu = createMenu( element );
	const say = createAnnouncer(
		element.querySelector( '.docent-announcer' ) as HTMLElement
	);
	const composer = createComposer( element, strings, say );
	const narrator = createNarrator( { say, name, strings } );
	/** What waits for the visitor's agreement. */
	let onAgreed: ( () => void ) | undefined;
	let frame = 0;

	const voice = createVoiceControls( {
		panel: element,
		assistant,
		memory,
		config,
		options: {
			scope: scope ?? undefined,
			voiceRole: voiceRole || undefined,
		},
		composer,
		log,
		narrator,
		say,
		whenAgreed: ( action ) => whenAgreed( action, 'voice' ),
		onBegin: consent.hide,
		onAsked: asked,
		onChange: () => showSoon(),
	} );

	if ( element instanceof HTMLDialogElement ) {
		watchSheet( element, () => setOpen( false ) );
	}

	function show(): void {
		frame = 0;
		if ( ! root.isConnected ) {
			// Taken off the page by client-side navigation.
			unsubscribe();
			voice.close();
			return;
		}
		const { conversation, running, isReconnecting } = assistant;
		log.show( conversation.turns, isReconnecting );
		composer.showRunning( running !== undefined || voice.isSpeaking );
		if ( suggestions ) {
			suggestions.hidden =
				conversation.turns.length > 0 || consent.isShown;
		}
		root.classList.toggle( 'docent--large', memory.record.textSize > 0 );
		element
			.querySelector( '[data-docent="text-size"]' )
			?.setAttribute(
				'aria-pressed',
				String( memory.record.textSize > 0 )
			);
		voice.show();
		narrator.follow( conversation.turns );
	}

	function showSoon(): void {
		frame ||= requestAnimationFrame( show );
	}

	/** Runs an action now, or after the visitor agreed to what it sends. */
	function whenAgreed(
		action: () => void,
		forWhat: 'text' | 'voice' = 'text'
	): void {
		if (
			forWhat === 'voice'
				? assistant.hasAgreedToVoice
				: assistant.hasAgreed
		) {
			action();
			return;
		}
		onAgreed = action;
		consent.ask( forWhat, assistant.hasAgreed );
		showSoon();
	}

	/** A question is on its way: shows it. Who spoke will speak again, so focus stays where it is. */
	function asked( isSpoken: boolean ): void {
		show();
		log.scrollToEnd();
		rememberOpen( true );
		if ( ! isSpoken ) {
			settleFocus();
		}
	}

	function send(): void {
		if ( assistant.running ) {
			return;
		}
		const question = composer.read();
		if ( question === null ) {
			return;
		}
		whenAgreed( () => {
			// The question may have been edited while the card was there.
			const final = composer.read();
			if ( final === null ) {
				return;
			}
			composer.write( '' );
			voice.ask( final );
		} );
	}

	/** Moves focus on from a button that goes away: to the field, or past it where that would raise a keyboard over the answer. */
	function settleFocus(): void {
		if ( matchMedia( '(pointer: coarse)' ).matches ) {
			element.tabIndex = -1;
			element.focus( { preventScroll: true } );
		} else {
			composer.field.focus( { preventScroll: true } );
		}
	}

	function rememberOpen( isOpen: boolean ): void {
		if ( display !== 'inline' && assistant.hasAgreed ) {
			memory.update( { isOpen } );
		}
	}

	function turnOf( control: HTMLElement | undefined ): Turn | undefined {
		const key =
			control?.closest< HTMLElement >( '.docent-turn' )?.dataset.key;
		return assistant.conversation.turns.find(
			( turn ) => turn.key === key
		);
	}

	const { rate, copy } = createTurnActions( {
		assistant,
		log,
		say,
		strings,
	} );
	const presses: Record<
		string,
		( ( control?: HTMLElement ) => void ) | undefined
	> = {
		send,
		stop: () => {
			if ( composer.meansStop() && ! voice.interrupt() ) {
				assistant.stop();
				voice.close();
			}
		},
		suggestion: ( control ) => {
			composer.write( control?.textContent ?? '' );
			send();
		},
		consent: () => {
			assistant.agree( consent.isForVoice || assistant.hasAgreedToVoice );
			consent.hide();
			onAgreed?.();
			onAgreed = undefined;
		},
		decline: () => {
			consent.hide();
			onAgreed = undefined;
			showSoon();
			settleFocus();
		},
		withdraw: () => {
			voice.close();
			assistant.withdraw();
			memory.update( { isOpen: false } );
			consent.hide();
			settleFocus();
			say( strings.startedOver );
		},
		retry: ( control ) => {
			const turn = turnOf( control );
			if ( turn ) {
				whenAgreed( () => {
					settleFocus();
					voice.retry( turn );
				} );
			}
		},
		copy: ( control ) => copy( turnOf( control ) ),
		'thumb-up': ( control ) => rate( turnOf( control ), 'up' ),
		'thumb-down': ( control ) => rate( turnOf( control ), 'down' ),
		'new-answer': () => {
			log.scrollToEnd();
			settleFocus();
		},
		menu: menu.toggle,
		'start-over': () => {
			menu.close();
			voice.close();
			assistant.startOver();
			settleFocus();
			say( strings.startedOver );
		},
		'text-size': () => {
			memory.update( { textSize: memory.record.textSize > 0 ? 0 : 1 } );
			showSoon();
		},
		privacy: () => {
			menu.close();
			consent.inform( assistant.hasAgreed, assistant.hasAgreedToVoice );
			showSoon();
		},
	};

	const unsubscribe = assistant.subscribe( showSoon );
	addEventListener( 'online', showSoon );
	addEventListener( 'offline', showSoon );
	if ( isRestoring && display === 'inline' ) {
		holdHeight( element );
	}
	show();

	return {
		press( hook, control ) {
			presses[ hook ]?.( control );
			voice.presses[ hook ]?.( turnOf( control ) );
		},
		opened( isOpen ) {
			menu.close();
			if ( ! isOpen ) {
				voice.close();
			}
			rememberOpen( isOpen );
			show();
			log.scrollToEnd();
		},
		restore() {
			if ( display !== 'inline' ) {
				// On a phone the sheet would hide the page that the visitor has just chosen.
				if ( memory.record.isOpen && ! isSheet() ) {
					setOpen( true, true );
				}
				return;
			}
			narrator.begin( assistant.running );
			show();
			log.scrollToEnd();
		},
	};
}

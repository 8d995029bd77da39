/**
 * All of voice in one panel: the microphone, hearing answers, and what the visitor chose of both.
 */
import type { Assistant } from '../../shared/assistant.ts';
import type { Turn } from '../../shared/conversation.ts';
import type { AskOptions } from '../../shared/proxy-client.ts';
import type { TabMemory } from '../../shared/tab-memory.ts';
import type { Composer } from './composer.ts';
import { setAttributes } from './elements.ts';
import { createListening } from './listening.ts';
import { createLiveEntry } from './live/live-entry.ts';
import type { Log } from './log.ts';
import type { Narrator } from './narrator.ts';
import type { PanelConfig } from './panel.ts';
import { createTalk } from './talk.ts';
import { chooseTextOnly, isTextOnly } from './text-only.ts';
import { createVoiceNote } from './voice-note.ts';

export interface VoiceControls {
	/** What the buttons of voice do. `turn` is the one a button belongs to. */
	presses: Record< string, ( turn?: Turn ) => void >;
	/** Asks what was typed; the answer is read aloud if the visitor wants that. */
	ask( question: string ): void;
	/** Whether the assistant is heard in a live conversation, and nothing is written that waits to be sent. */
	readonly isSpeaking: boolean;
	/** Stops the assistant in a live conversation. Returns whether there is one. */
	interrupt(): boolean;
	/** Tries a failed turn again; the answer to a spoken question is heard as it would have been. */
	retry( turn: Turn ): void;
	/** Shows what is heard and chosen. */
	show(): void;
	/** Nobody sees the panel any more: nothing is recorded, and nothing heard. */
	close(): void;
}

/** Creates them. Where voice is not offered, typed questions are asked and nothing more. */
export function createVoiceControls( {
	panel,
	assistant,
	memory,
	config,
	options,
	composer,
	log,
	narrator,
	say,
	whenAgreed,
	onBegin,
	onAsked,
	onChange,
}: {
	panel: HTMLElement;
	assistant: Assistant;
	memory: TabMemory;
	config: PanelConfig;
	/** How this panel asks. */
	options: AskOptions;
	composer: Composer;
	log: Log;
	narrator: Narrator;
	say: ( saying: string ) => void;
	/** Runs an action once the visitor has agreed to be recorded. */
	whenAgreed: ( action: () => void ) => void;
	/** A recording begins. */
	onBegin: () => void;
	/** A question is on its way. */
	onAsked: ( isSpoken: boolean ) => void;
	onChange: () => void;
} ): VoiceControls {
	const tell = createVoiceNote( panel );
	const listening = createListening( {
		assistant,
		config,
		tell,
		onChange,
		onUnheard: narrator.read,
	} );
	const talk = createTalk( {
		panel,
		config,
		composer,
		say,
		tell,
		mayBegin: () => assistant.hasAgreed && assistant.hasAgreedToVoice,
		onWanted: () => whenAgreed( () => talk?.begin() ),
		onBegin() {
			listening.stop();
			assistant.stop();
			// What is heard of the answer is fetched while the visitor speaks.
			void listening.prepare();
			onBegin();
		},
		onRecorded: ( wav, words ) =>
			void ask( ( asked ) =>
				assistant.askAloud(
					wav,
					{
						...asked,
						language: document.documentElement.lang || undefined,
					},
					words
				)
			),
	} );
	const live = createLiveEntry( {
		panel,
		assistant,
		config,
		options,
		say,
		tell,
		mayBegin: () => assistant.hasAgreed && assistant.hasAgreedToVoice,
		onWanted: () => whenAgreed( () => live?.begin() ),
		onBegin() {
			talk?.cancel();
			listening.stop();
			assistant.stop();
			onBegin();
		},
		onChange,
	} );
	/** The spoken question that the visitor corrects: its answer is heard as it would have been. */
	let isCorrecting = false;

	async function ask(
		send: ( asked: AskOptions ) => void,
		isSpoken = true
	): Promise< void > {
		if ( ! isSpoken ) {
			talk?.cancel();
		}
		listening.stop();
		tell( '' );
		const isWanted =
			talk !== undefined &&
			! isTextOnly() &&
			( isSpoken || isCorrecting || memory.record.isReadAloud );
		const isHeard = isWanted && ( await listening.prepare() );
		const before = assistant.conversation.turns.length;
		send( {
			...options,
			...( isHeard &&
				config.voice.speech === 'provider' && { speech: true } ),
		} );
		const turn = assistant.conversation.turns[ before ];
		if ( ! turn ) {
			return;
		}
		isCorrecting = false;
		if ( isHeard ) {
			listening.expect( turn.key );
		}
		narrator.begin( turn, isHeard );
		onAsked( isSpoken );
	}

	async function retry( turn: Turn ): Promise< void > {
		const isHeard =
			turn.isSpoken === true &&
			! isTextOnly() &&
			( await listening.prepare() );
		assistant.retry( turn.key, options.scope );
		if ( isHeard ) {
			listening.expect( turn.key );
		}
		narrator.begin( turn, isHeard );
	}

	composer.field.addEventListener( 'input', () => {
		if ( live?.isSpeaking ) {
			onChange();
		}
	} );

	const pressed = ( hook: string, isPressed: boolean ) => {
		const item = panel.querySelector( `[data-docent="${ hook }"]` );
		if ( item ) {
			setAttributes( item, { 'aria-pressed': String( isPressed ) } );
		}
	};

	// Before the panel hears of it, which would close: Escape first ends what is going on.
	document.addEventListener(
		'keydown',
		( event ) => {
			if ( event.key === 'Escape' && ! event.isComposing ) {
				const isInside =
					event.target === document.body ||
					panel.contains( event.target as Node );
				if (
					isInside &&
					( talk?.cancel() || live?.end() || listening.stop() )
				) {
					event.preventDefault();
					event.stopPropagation();
				}
			}
		},
		{ capture: true }
	);

	return {
		presses: {
			microphone: () => talk?.click(),
			'record-again': () => live?.isActive || talk?.begin(),
			live: () => live?.begin(),
			...Object.fromEntries(
				[ 'mute', 'end', 'push', 'headphones' ].map( ( name ) => [
					`live-${ name }`,
					() => live?.press( `live-${ name }` ),
				] )
			),
			'voice-done': () => talk?.finish(),
			'voice-cancel': () => talk?.cancel(),
			stop: () => listening.stop(),
			listen: ( turn ) => turn && listening.toggle( turn ),
			correct( turn ) {
				if ( turn ) {
					listening.stop();
					isCorrecting = true;
					composer.write( turn.question );
					composer.field.focus();
				}
			},
			'read-aloud'() {
				const isReadAloud = ! memory.record.isReadAloud;
				memory.update( { isReadAloud } );
				if ( isReadAloud ) {
					void listening.prepare();
				} else {
					listening.stop();
				}
				onChange();
			},
			'text-only'() {
				chooseTextOnly( ! isTextOnly() );
				memory.update( { isReadAloud: false } );
				talk?.cancel();
				live?.end();
				listening.stop();
				tell( '' );
				onChange();
			},
		},
		get isSpeaking() {
			// What was written can be sent without waiting for the end of what is said.
			return (
				live?.isSpeaking === true && composer.field.value.trim() === ''
			);
		},
		interrupt() {
			live?.interrupt();
			return live?.isActive ?? false;
		},
		ask( question ) {
			if ( live?.isActive ) {
				tell( '' );
				if ( live.write( question ) ) {
					onAsked( true );
				} else {
					composer.write( question );
				}
			} else {
				void ask(
					( asked ) => assistant.ask( question, asked ),
					false
				);
			}
		},
		retry: ( turn ) => void retry( turn ),
		show() {
			panel.parentElement?.classList.toggle(
				'docent--text-only',
				isTextOnly()
			);
			pressed( 'read-aloud', memory.record.isReadAloud );
			pressed( 'text-only', isTextOnly() );
			log.showSpoken( listening.spoken );
		},
		close() {
			talk?.cancel();
			live?.end();
			listening.stop();
		},
	};
}

/**
 * What a page fetches when a visitor begins a live conversation: the bar that the composer becomes, over the conversation itself.
 */
import type { Assistant } from '../../../shared/assistant.ts';
import type { AskOptions } from '../../../shared/proxy-client.ts';
import { openMicrophone } from '../../../shared/voice/capture/microphone.ts';
import {
	pageSurroundings,
	whenAllowed,
} from '../../../shared/voice/capture/refusal.ts';
import { claimLive } from '../../../shared/voice/live/claim-live.ts';
import { SAMPLE_RATE } from '../../../shared/voice/live/frames.ts';
import { startLiveConversation } from '../../../shared/voice/live/live-conversation.ts';
import { createLiveLink } from '../../../shared/voice/live/live-link.ts';
import type {
	LiveConversation,
	LiveEnd,
	LiveEvent,
} from '../../../shared/voice/live/live-parts.ts';
import { createLiveSpeech } from '../../../shared/voice/live/live-speech.ts';
import { createLiveTurns } from '../../../shared/voice/live/live-turns.ts';
import { pageSound } from '../../../shared/voice/playback/unlock.ts';
import type { PanelConfig } from '../panel.ts';
import type { PageVoice } from '../voice/index.ts';
import { drawLiveBar } from './live-face.ts';
import { watchPage } from './watch-page.ts';

export interface LiveBarOptions {
	panel: HTMLElement;
	/** The place of the bar, inside the composer. */
	element: HTMLElement;
	assistant: Assistant;
	config: PanelConfig;
	/** How this panel asks. */
	options: AskOptions;
	voice: PageVoice;
	/** Speaks to screen readers. */
	say: ( saying: string ) => void;
	/** Says a sentence above the composer. */
	tell: ( saying: string ) => void;
	onChange: () => void;
	/** It is over; hears what to say about that. */
	onOver: ( saying: string ) => void;
}

export interface LiveBar {
	readonly isSpeaking: boolean;
	press( hook: string ): void;
	write( text: string ): void;
	interrupt(): boolean;
}

/** Whether this is a device on which the microphone hears the loudspeaker whatever the browser does. */
const isApple = () =>
	/iP(hone|ad|od)/.test( navigator.platform ) ||
	( navigator.platform === 'MacIntel' && navigator.maxTouchPoints > 1 );

const makeKey = () => Math.random().toString( 36 ).slice( 2 );

/** Begins a conversation. `unlock()` was called in the tap. */
export function startLiveBar( {
	element,
	assistant,
	config,
	options: { scope, voiceRole },
	voice: { player },
	say,
	tell,
	onChange,
	onOver,
}: LiveBarOptions ): LiveBar {
	const { strings } = config;
	let isPush = false;
	let isHalfDuplex = isApple();
	let isMuted = false;
	/** A sentence that waits until the assistant has finished: two voices would talk over each other. */
	let sentence = '';
	let told = '';
	let live: LiveConversation;
	const turns = createLiveTurns( {
		dispatch: assistant.note,
		isSpeaking: () => live.isSpeaking,
		makeKey,
	} );
	const face = drawLiveBar( element, config, {
		isEchoing: isHalfDuplex,
		onTalk: ( isTalking ) => live.talk( isTalking ),
	} );

	function show(): void {
		const { state, isSpeaking } = live;
		face.show( live, { isPush, isHalfDuplex } );
		if ( ! isSpeaking && sentence ) {
			tell( sentence );
			sentence = '';
		}
		// Not who is speaking: that is heard.
		if (
			state !== told &&
			! [ 'hearing', 'thinking', 'speaking', 'ended' ].includes( state )
		) {
			say( strings[ `live_${ state }` ] ?? '' );
		}
		told = state;
		onChange();
	}

	function follow( event: LiveEvent ): void {
		turns.follow( event );
		switch ( event.type ) {
			case 'forgotten':
				assistant.note( { type: 'named', id: undefined } );
				break;
			case 'late':
				tell( strings.liveLate );
				break;
			case 'notice':
				sentence =
					strings[ `notice_live_${ event.code }` ] ??
					strings[ `failure_${ event.code }` ] ??
					event.message;
				break;
			case 'spent':
				face.spent( event );
		}
	}

	function start(): void {
		live = startLiveConversation( {
			connect: ( hooks ) =>
				createLiveLink( {
					...hooks,
					url: `${ config.proxyUrl
						.replace( /^http/, 'ws' )
						.replace( /\/+$/, '' ) }/v1/realtime`,
					tokens: assistant.tokens,
					openSocket: ( url, protocols ) =>
						new WebSocket( url, protocols ),
					start: () => ( {
						conversationId: assistant.conversation.id,
						scope,
						voiceRole,
						language: document.documentElement.lang || undefined,
						turnDetection: isPush ? 'push' : 'auto',
					} ),
				} ),
			speak: ( hooks ) =>
				createLiveSpeech( { ...hooks, play: player.begin } ),
			open: ( hooks ) => {
				const { context } = pageSound();
				if ( ! context ) {
					throw new DOMException( '', 'NotSupportedError' );
				}
				player.setCapturing( true );
				return openMicrophone( {
					...hooks,
					context,
					workletUrl: config.workletUrl,
					sampleRate: SAMPLE_RATE,
				} );
			},
			claim: claimLive,
			surroundings: pageSurroundings(),
			isPush,
			isHalfDuplex,
			onLevel: face.level,
			onEvent: follow,
			onChange: () => show(),
			onEnd: ended,
		} );
		live.mute( isMuted );
	}

	function ended( { reason, fallBack, refusal }: LiveEnd ): void {
		turns.close();
		if ( reason === 'again' ) {
			return;
		}
		player.setCapturing( false );
		stopWatching();
		face.close();
		const why =
			reason === 'microphone'
				? strings[ `mic_${ refusal ?? '' }` ]
				: ( strings[ `live_end_${ reason }` ] ??
					strings.live_end_unavailable );
		const onward =
			reason !== 'microphone' && fallBack
				? ( strings[ `live_then_${ fallBack }` ] ?? '' )
				: '';
		if ( refusal === 'blocked' ) {
			void whenAllowed( () => tell( strings.micAllowed ) );
		}
		const saying = `${ why ?? '' } ${ onward }`.trim();
		if ( reason === 'client' ) {
			say( saying );
			onOver( '' );
		} else {
			onOver( saying );
		}
	}

	const stopWatching = watchPage( {
		onNetwork: () => live.reconnect(),
		onLeave: () => live.end(),
	} );
	start();

	const presses: Record< string, ( () => void ) | undefined > = {
		'live-mute': () => live.mute( ( isMuted = ! isMuted ) ),
		'live-end': () => live.end(),
		'live-headphones'() {
			isHalfDuplex = live.isHalfDuplex = ! isHalfDuplex;
			show();
		},
		'live-push'() {
			isPush = ! isPush;
			isMuted = false;
			// Who tells when a turn is over is settled at the beginning: the same conversation goes on in another.
			live.end( 'again' );
			start();
			show();
		},
	};
	return {
		get isSpeaking() {
			return live.isSpeaking;
		},
		press: ( hook ) => presses[ hook ]?.(),
		write( text ) {
			turns.wrote( text );
			live.write( text );
		},
		interrupt: () => live.interrupt(),
	};
}

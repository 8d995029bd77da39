/**
 * A live conversation without its looks: microphone, connection and loudspeaker, and where it stands between them.
 */
import type { CaptureFrame } from '../capture/frame.ts';
import type { Microphone, MicrophoneHooks } from '../capture/microphone.ts';
import { WorkletMissing } from '../capture/microphone.ts';
import { refusalBefore, refusalOf } from '../capture/refusal.ts';
import type { Refusal, Surroundings } from '../capture/refusal.ts';
import type { FallBack, ServerFrame } from './frames.ts';
import type { createLiveLink, LiveLink } from './live-link.ts';
import type { createLiveSpeech, Broken, LiveSpeech } from './live-speech.ts';
import { createOnsetDetector } from './onset.ts';

/** On loudspeakers that the microphone cannot be kept from hearing, it stays shut for so long after the assistant; in milliseconds. */
const TAIL_MS = 200;

/**
 * Where a conversation stands.
 *
 * - `connecting`: what is said already is kept.
 * - `restoring`: the connection was lost; what is said is kept.
 * - `listening`, `hearing`, `thinking`, `speaking`: whose turn it is.
 * - `muted`: nothing of what is said is sent.
 * - `ended`: final.
 */
export type LiveState =
	| 'connecting'
	| 'restoring'
	| 'listening'
	| 'hearing'
	| 'thinking'
	| 'speaking'
	| 'muted'
	| 'ended';

/** How it ended: by the visitor (`client`), here, or as the proxy says. */
export interface LiveEnd {
	reason: string;
	fallBack?: FallBack | undefined;
	/** Why there was no microphone, when `reason` is `microphone`. */
	refusal?: Refusal;
}

/** What is heard and said, for those who show it. */
export type LiveEvent =
	| ServerFrame
	/** The answer was broken off. */
	| ( { type: 'broken' } & Broken )
	/** Some of what was said was lost on a slow connection. */
	| { type: 'late' }
	/** The earlier conversation is not known any more. */
	| { type: 'forgotten' };

export interface LiveConversation {
	readonly state: LiveState;
	readonly isMuted: boolean;
	/** Whether the assistant is heard. */
	readonly isSpeaking: boolean;
	/** Until the owner's time limit; undefined until that is known. */
	readonly remainingMs: number | undefined;
	/** Whether the microphone is shut while the assistant speaks. */
	isHalfDuplex: boolean;
	mute( isMuted: boolean ): void;
	/** Where the visitor tells when they speak. */
	talk( isTalking: boolean ): void;
	/** Says something in writing. */
	write( text: string ): void;
	/** Stops the assistant. Returns whether it was speaking. */
	interrupt(): boolean;
	/** The network has changed, or is back. */
	reconnect(): void;
	end( reason?: string ): void;
}

/** Begins one; everything that can fail ends it properly. */
export function startLiveConversation( {
	connect,
	speak,
	open,
	claim,
	surroundings,
	isPush,
	isHalfDuplex,
	onLevel,
	onEvent,
	onChange,
	onEnd,
	now = Date.now,
}: {
	connect: (
		hooks: Pick<
			Parameters< typeof createLiveLink >[ 0 ],
			| 'onFrame'
			| 'onSound'
			| 'onCut'
			| 'onForgotten'
			| 'onLate'
			| 'onLost'
		>
	) => LiveLink;
	speak: (
		hooks: Pick<
			Parameters< typeof createLiveSpeech >[ 0 ],
			'onChange' | 'onTaken'
		>
	) => LiveSpeech;
	open: ( hooks: MicrophoneHooks ) => Promise< Microphone >;
	/** Resolves to undefined while something else of the site has the microphone. */
	claim: ( onTaken: () => void ) => Promise< ( () => void ) | undefined >;
	surroundings: Surroundings;
	/** Whether the visitor tells when they speak. */
	isPush: boolean;
	isHalfDuplex: boolean;
	/** Hears 50 times a second how loud it is, RMS 0 to 1. */
	onLevel: ( rms: number ) => void;
	onEvent: ( event: LiveEvent ) => void;
	/** Hears when any of what can be read here has changed. */
	onChange: () => void;
	onEnd: ( end: LiveEnd ) => void;
	now?: () => number;
} ): LiveConversation {
	const detector = createOnsetDetector();
	let link: LiveLink | undefined;
	let microphone: Microphone | undefined;
	let giveBack = () => {};
	let isEnded = false;
	let isCut = false;
	let isMuted = false;
	/** The device or the system keeps the microphone silent. */
	let isSilenced = false;
	let isTalking = false;
	let isDucked = false;
	let shutUntil = 0;
	let endsAt: number | undefined;
	let turn: LiveState = 'listening';
	let isGentle = false;

	const speech = speak( {
		onChange() {
			if ( ! speech.isPlaying ) {
				shutUntil = now() + TAIL_MS;
				unduck();
			}
			onChange();
		},
		onTaken: () => interrupt(),
	} );

	function state(): LiveState {
		if ( isEnded ) {
			return 'ended';
		}
		if ( ! link?.isReady ) {
			return isCut ? 'restoring' : 'connecting';
		}
		if ( speech.isPlaying ) {
			return isDucked ? 'hearing' : 'speaking';
		}
		return isMuted || isSilenced ? 'muted' : turn;
	}

	function unduck(): void {
		if ( isDucked ) {
			isDucked = false;
			detector.reset();
			speech.duck( false );
		}
	}

	/** Stops the assistant; `isAsked` by the proxy, which wants to know what was heard even when that was all. */
	function interrupt(
		next: LiveState = 'listening',
		isAsked = false
	): boolean {
		const wasSpeaking = speech.isPlaying;
		isDucked = false;
		if ( ! wasSpeaking && ! isAsked ) {
			return false;
		}
		const broken = speech.cut();
		if ( broken ) {
			const { itemId, heardMs } = broken;
			link?.send( { type: 'interrupt', itemId, heardMs } );
		}
		if ( broken && wasSpeaking ) {
			shutUntil = now() + TAIL_MS;
			turn = next;
			onEvent( { type: 'broken', ...broken } );
		}
		onChange();
		return wasSpeaking;
	}

	/** The visitor may be interrupting: the assistant grows quiet at once, and stops when it is sure. */
	function watchOnset( frame: CaptureFrame ): void {
		switch ( detector.hear( frame, speech.level ) ) {
			case 'onset':
				if ( speech.isPlaying ) {
					isDucked = true;
					speech.duck( true );
					link?.send( { type: 'onset' } );
					onChange();
				}
				break;
			case 'speech':
				if ( isDucked ) {
					interrupt( 'hearing' );
				}
				break;
			case 'nothing':
				if ( isDucked ) {
					unduck();
					link?.send( { type: 'onset_over', isSpeech: false } );
					onChange();
				}
		}
	}

	function hear( frame: CaptureFrame ): void {
		const isShut =
			isMuted ||
			( isPush && ! isTalking ) ||
			( isHalfDuplex && ( speech.isPlaying || now() < shutUntil ) );
		onLevel( isShut ? 0 : frame.rms );
		if ( ! isShut ) {
			if ( ! isPush ) {
				watchOnset( frame );
			}
			link?.sendSound( frame.samples );
		}
	}

	function take( frame: ServerFrame ): void {
		switch ( frame.type ) {
			case 'ready':
				isCut = false;
				endsAt = now() + frame.remainingMs;
				if ( isMuted ) {
					link?.send( { type: 'mute', isMuted } );
				}
				break;
			case 'state':
				// What is heard decides whether the assistant speaks: its sound comes faster than it is played.
				if ( frame.state !== 'speaking' ) {
					turn = frame.state;
				}
				break;
			case 'speech':
				turn = 'listening';
				speech.begin( frame.itemId );
				break;
			case 'speech_end':
				speech.finish( frame.itemId );
				break;
			case 'flush':
				interrupt( 'hearing', true );
				break;
			case 'go_on':
				unduck();
				break;
			case 'ended':
				onEvent( frame );
				// The last words are on their way to the ear.
				isGentle = true;
				end( frame.reason, frame.fallBack );
				return;
		}
		onEvent( frame );
		onChange();
	}

	async function openMicrophone(): Promise< void > {
		const opened = await open( {
			onFrame: hear,
			onGone: () => {
				// Another device may have taken its place.
				openMicrophone().catch( () => end( 'unplugged', 'text' ) );
			},
			onMute( value ) {
				isSilenced = value;
				onChange();
			},
		} );
		if ( isEnded ) {
			await opened.close();
			return;
		}
		void microphone?.close();
		microphone = opened;
	}

	async function begin(): Promise< void > {
		const refusal = refusalBefore( surroundings );
		if ( refusal ) {
			end( 'microphone', 'text', refusal );
			return;
		}
		const release = await claim( () => end( 'elsewhere' ) );
		if ( ! release || isEnded ) {
			release?.();
			end( 'microphone', 'text', 'elsewhere' );
			return;
		}
		giveBack = release;
		try {
			await openMicrophone();
		} catch ( error ) {
			end(
				'microphone',
				'text',
				error instanceof WorkletMissing
					? 'unreachable'
					: await refusalOf( error, surroundings )
			);
			return;
		}
		if ( isEnded ) {
			return;
		}
		link = connect( {
			onFrame: take,
			onSound: speech.push,
			onCut() {
				isCut = true;
				onChange();
			},
			onForgotten: () => onEvent( { type: 'forgotten' } ),
			onLate: () => onEvent( { type: 'late' } ),
			onLost: () => end( isCut ? 'lost' : 'unavailable', 'cascade' ),
		} );
	}

	function end(
		reason: string,
		fallBack?: FallBack,
		refusal?: Refusal
	): void {
		if ( isEnded ) {
			return;
		}
		isEnded = true;
		unduck();
		if ( ! isGentle ) {
			const broken = speech.isPlaying ? speech.cut() : undefined;
			if ( broken ) {
				onEvent( { type: 'broken', ...broken } );
			}
			speech.close();
		}
		link?.close();
		void microphone?.close();
		giveBack();
		onEnd( { reason, fallBack, ...( refusal && { refusal } ) } );
	}

	// After whoever called knows what it has begun.
	void Promise.resolve().then( begin );

	return {
		get state() {
			return state();
		},
		get isMuted() {
			return isMuted;
		},
		get isSpeaking() {
			return speech.isPlaying;
		},
		get remainingMs() {
			return endsAt === undefined
				? undefined
				: Math.max( 0, endsAt - now() );
		},
		get isHalfDuplex() {
			return isHalfDuplex;
		},
		set isHalfDuplex( value ) {
			isHalfDuplex = value;
		},
		mute( value ) {
			isMuted = value;
			if ( microphone?.track ) {
				// The device itself may show that it hears nothing.
				microphone.track.enabled = ! value;
			}
			unduck();
			link?.send( { type: 'mute', isMuted } );
			onChange();
		},
		talk( value ) {
			isTalking = value;
			if ( value ) {
				interrupt( 'hearing' );
			}
			link?.send( { type: 'talk', isTalking } );
			onChange();
		},
		write( text ) {
			interrupt( 'thinking' );
			link?.send( { type: 'text', text } );
		},
		interrupt: () => interrupt(),
		reconnect: () => link?.reconnect(),
		end: ( reason = 'client' ) => end( reason ),
	};
}

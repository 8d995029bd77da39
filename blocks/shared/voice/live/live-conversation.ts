/**
 * A live conversation without its looks: microphone, connection and loudspeaker, and where it stands between them.
 */
import type { CaptureFrame } from '../capture/frame.ts';
import { WorkletMissing } from '../capture/microphone.ts';
import type { Microphone } from '../capture/microphone.ts';
import { refusalBefore, refusalOf } from '../capture/refusal.ts';
import type { Refusal } from '../capture/refusal.ts';
import type { FallBack, ServerFrame } from './frames.ts';
import type { LiveLink } from './live-link.ts';
import type { LiveConversation, LiveParts, LiveState } from './live-parts.ts';
import { createOnsetDetector } from './onset.ts';

/** On loudspeakers that the microphone cannot be kept from hearing, it stays shut for so long after the assistant; in milliseconds. */
const TAIL_MS = 200;

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
}: LiveParts ): LiveConversation {
	const detector = createOnsetDetector();
	let link: LiveLink | undefined;
	/** What was written before there was one. */
	const early: string[] = [];
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
		for ( const text of early ) {
			link.send( { type: 'text', text } );
		}
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
			if ( link ) {
				link.send( { type: 'text', text } );
			} else {
				early.push( text );
			}
		},
		interrupt: () => interrupt(),
		reconnect: () => link?.reconnect(),
		end: ( reason = 'client' ) => end( reason ),
	};
}

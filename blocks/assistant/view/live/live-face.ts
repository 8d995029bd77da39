/**
 * Draws a live conversation in the composer's place: where it stands by a shape, a word and a colour, how loud it is, and two big buttons.
 */
import { createPress } from '../../../shared/voice/capture/press.ts';
import type { LiveConversation } from '../../../shared/voice/live/live-parts.ts';
import { icon, make, setAttributes } from '../elements.ts';
import type { PanelConfig } from '../panel.ts';
import { createMeter } from '../voice/meter.ts';

/** The remaining time is shown when it is no more than this, in milliseconds. */
const NEAR_END_MS = 60_000;

export interface LiveFace {
	show(
		live: LiveConversation,
		choice: { isPush: boolean; isHalfDuplex: boolean }
	): void;
	/** Hears 50 times a second how loud it is: RMS, 0 to 1. */
	level( rms: number ): void;
	/** Shows what the conversation has cost. */
	spent( cost: { nanoUsd: number; seconds: number } ): void;
	close(): void;
}

/** Draws it into an element. */
export function drawLiveBar(
	element: HTMLElement,
	{ strings }: PanelConfig,
	{
		isEchoing,
		onTalk,
	}: {
		/** Whether the microphone hears the loudspeaker, unless the visitor has headphones. */
		isEchoing: boolean;
		/** The finger that talks goes down, or up. */
		onTalk: ( isTalking: boolean ) => void;
	}
): LiveFace {
	const language = document.documentElement.lang || undefined;
	const word = make( 'span', {
		class: 'docent-live__word',
		'data-docent': 'live-state',
	} );
	const time = make( 'span', { class: 'docent-live__time' } );
	const meter = createMeter();
	const button = ( hook: string, label: string, kind = 'big' ) =>
		make(
			'button',
			{
				type: 'button',
				class: `docent-live__${ kind }`,
				'data-docent': hook,
			},
			make( 'span', {}, label )
		);
	const mute = button( 'live-mute', strings.liveMute );
	const end = button( 'live-end', strings.liveEnd );
	const talk = button( 'live-talk', strings.liveTalk );
	const push = button( 'live-push', strings.livePush, 'small' );
	const headphones = button(
		'live-headphones',
		strings.liveHeadphones,
		'small'
	);
	const microphone = element
		.closest( '.docent-composer' )
		?.querySelector( '.docent-microphone svg' );
	for ( const each of [ mute, talk ] ) {
		each.prepend( microphone?.cloneNode( true ) ?? '' );
	}
	end.prepend( icon( 'close' ) );
	setAttributes( end, {
		'aria-keyshortcuts': 'Escape',
		title: `${ strings.liveEnd } (Esc)`,
	} );
	headphones.hidden = ! isEchoing;
	const hadFocus = document.activeElement === element;
	element.replaceChildren(
		make(
			'div',
			{ class: 'docent-live__line' },
			make( 'span', { class: 'docent-live__shape' } ),
			word,
			meter.element,
			time
		),
		make( 'div', { class: 'docent-live__buttons' }, talk, mute, end ),
		make( 'div', { class: 'docent-live__choices' }, push, headphones )
	);
	if ( hadFocus ) {
		mute.focus( { preventScroll: true } );
	}

	let isTalking = false;
	const setTalking = ( value: boolean ) => {
		isTalking = value;
		setAttributes( talk, { 'aria-pressed': String( value ) } );
		onTalk( value );
	};
	const press = createPress( {
		isReady: () => true,
		isBegun: () => isTalking,
		isLive: () => true,
		begin: () => setTalking( true ),
		end: () => setTalking( false ),
	} );
	talk.addEventListener( 'pointerdown', ( event ) => {
		press.down();
		talk.setPointerCapture( event.pointerId );
	} );
	talk.addEventListener( 'pointerup', press.up );
	talk.addEventListener( 'pointercancel', press.lose );
	talk.addEventListener( 'click', press.click );
	talk.addEventListener( 'keydown', ( event ) => {
		if ( [ ' ', 'Enter' ].includes( event.key ) ) {
			event.preventDefault();
			if ( ! event.repeat ) {
				press.down();
			}
		}
	} );
	talk.addEventListener( 'keyup', ( event ) => {
		if ( [ ' ', 'Enter' ].includes( event.key ) ) {
			event.preventDefault();
			press.up();
		}
	} );

	let shown: LiveConversation | undefined;
	let cost = '';
	function showTime(): void {
		const leftMs = shown?.remainingMs ?? Infinity;
		const left =
			leftMs <= NEAR_END_MS
				? strings.secondsLeft.replace(
						'%s',
						String( Math.ceil( leftMs / 1_000 ) )
					)
				: '';
		time.textContent = [ cost, left ].filter( Boolean ).join( ' · ' );
	}
	const clock = setInterval( showTime, 1_000 );

	return {
		show( live, { isPush, isHalfDuplex } ) {
			shown = live;
			const { state, isMuted } = live;
			element.dataset.state = state;
			word.textContent =
				( isPush && state === 'listening'
					? strings.liveTalk
					: strings[ `live_${ state }` ] ) ?? '';
			mute.lastChild!.textContent = isMuted
				? strings.liveUnmute
				: strings.liveMute;
			setAttributes( mute, { 'data-muted': isMuted } );
			mute.hidden = isPush;
			talk.hidden = ! isPush;
			setAttributes( push, { 'aria-pressed': String( isPush ) } );
			setAttributes( headphones, {
				'aria-pressed': String( ! isHalfDuplex ),
			} );
			showTime();
		},
		level: meter.add,
		spent( { nanoUsd, seconds } ) {
			const money = new Intl.NumberFormat( language, {
				style: 'currency',
				currency: 'USD',
				maximumFractionDigits: 3,
			} ).format( nanoUsd / 1e9 );
			cost = `${ Math.floor( seconds / 60 ) }:${ String( seconds % 60 ).padStart( 2, '0' ) } · ${ money }`;
			showTime();
		},
		close: () => clearInterval( clock ),
	};
}

/**
 * The log of a panel: one view a turn, following the answer only while the visitor reads at its end.
 */
import { isRunning } from '../../shared/conversation.ts';
import type { Turn } from '../../shared/conversation.ts';
import { icon, make } from './elements.ts';
import type { Strings } from './strings.ts';
import { createTurnView } from './turn-view.ts';
import type { TurnView } from './turn-view.ts';
import type { Spoken } from './voice/page-speech.ts';

/** This close to the end counts as being at the end. */
const NEAR_END_PX = 40;

export interface Log {
	show( turns: readonly Turn[], isReconnecting: boolean ): void;
	scrollToEnd(): void;
	viewOf( key: string ): TurnView | undefined;
	/** Shows which answer is heard. */
	showSpoken( spoken: Spoken | undefined ): void;
}

/** Takes over the log that the page carries. */
export function createLog( panel: HTMLElement, strings: Strings ): Log {
	const log = panel.querySelector( '.docent-log' ) as HTMLElement;
	const list = log.querySelector( '.docent-turns' ) as HTMLElement;
	const jump = make(
		'button',
		{
			type: 'button',
			class: 'docent-jump',
			'data-docent': 'new-answer',
			hidden: true,
		},
		icon( 'down' ),
		strings.newAnswer
	);
	panel.querySelector( '.docent-foot' )?.prepend( jump );
	const hasVoice = panel.querySelector( '.docent-microphone' ) !== null;
	const views = new Map< string, TurnView >();
	let isAtEnd = true;
	let lastText = '';

	log.addEventListener(
		'scroll',
		() => {
			isAtEnd =
				log.scrollHeight - log.scrollTop - log.clientHeight <
				NEAR_END_PX;
			if ( isAtEnd ) {
				jump.hidden = true;
			}
			// A line under the header says that there is more above.
			panel.classList.toggle( 'is-scrolled', log.scrollTop > 0 );
		},
		{ passive: true }
	);

	function scrollToEnd(): void {
		log.scrollTop = log.scrollHeight;
		isAtEnd = true;
		jump.hidden = true;
	}

	/** A log that scrolls must be reachable by keyboard; one that does not would only be a stop on the way. */
	function offerToKeyboard(): void {
		if ( log.scrollHeight > log.clientHeight + 1 ) {
			log.tabIndex = 0;
		} else {
			log.removeAttribute( 'tabindex' );
		}
	}

	new ResizeObserver( () => {
		offerToKeyboard();
		if ( isAtEnd ) {
			log.scrollTop = log.scrollHeight;
		}
	} ).observe( log );

	return {
		viewOf: ( key ) => views.get( key ),
		scrollToEnd,
		showSpoken( spoken ) {
			const isHeard = ! [
				'paused',
				'ended',
				'stopped',
				'failed',
			].includes( spoken?.state ?? 'stopped' );
			views.forEach( ( view, key ) =>
				view.showSpoken( isHeard && key === spoken?.key )
			);
		},
		show( turns, isReconnecting ) {
			const keys = new Set( turns.map( ( { key } ) => key ) );
			for ( const [ key, { element } ] of views ) {
				if ( ! keys.has( key ) ) {
					element.remove();
					views.delete( key );
				}
			}
			for ( const turn of turns ) {
				let view = views.get( turn.key );
				if ( ! view ) {
					view = createTurnView( turn, strings, hasVoice );
					views.set( turn.key, view );
					list.append( view.element );
				}
				view.update( turn, isReconnecting );
			}
			const last = turns.at( -1 );
			const text = ( last?.key ?? '' ) + ( last?.text ?? '' );
			if ( isAtEnd ) {
				scrollToEnd();
			} else if ( text !== lastText && lastText !== '' ) {
				jump.hidden = ! ( isRunning( last ) || last?.text );
			}
			lastText = text;
			offerToKeyboard();
		},
	};
}

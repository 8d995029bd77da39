/**
 * Shows one turn: the question, the answer with its sources and actions, and what went wrong if something did.
 */
import { isBeingWritten, isRunning } from '../../shared/conversation.ts';
import { NEEDS_RECORDING } from '../../shared/failure.ts';
import type { Turn } from '../../shared/conversation.ts';
import { createLinkResolver, sourceAddress } from '../../shared/links.ts';
import { parseMarkup } from '../../shared/markup.ts';
import { messageLanguage } from '../../shared/message-language.ts';
import { showMarkup } from './answer-text.ts';
import { icon, iconButton, make, setAttributes } from './elements.ts';
import type { Strings } from './strings.ts';

export interface TurnView {
	element: HTMLElement;
	/** Shows the turn as it stands. `isReconnecting` counts for a running turn only. */
	update( turn: Turn, isReconnecting: boolean ): void;
	/** Marks the copy button as done for a moment. */
	confirmCopy(): void;
	/** Shows whether the answer is being spoken. */
	showSpoken( isHeard: boolean ): void;
}

const COPIED_MS = 2_000;

/** Failures of which sending the same again from this page would be another. */
const FINAL_KINDS: ReadonlySet< string > = new Set( [
	'not_connected',
	'question_empty',
	'question_too_long',
	'too_large',
	'outdated',
	'voice_off',
] );

/** Creates the view of one turn. */
export function createTurnView(
	turn: Turn,
	strings: Strings,
	hasVoice: boolean
): TurnView {
	const pageLanguage = document.documentElement.lang;
	const before = make( 'div', { class: 'docent-before' } );
	const answer = make( 'div', { class: 'docent-answer' } );
	const status = make( 'p', {
		class: 'docent-status',
		'data-docent': 'status',
	} );
	const after = make( 'div', { class: 'docent-after' } );
	const listen = hasVoice
		? iconButton( 'listen', strings.listen, 'speaker' )
		: null;
	let isShownHeard = false;
	const copy = iconButton( 'copy', strings.copy, 'copy' );
	const up = iconButton( 'thumb-up', strings.thumbUp, 'thumb-up' );
	const down = iconButton( 'thumb-down', strings.thumbDown, 'thumb-down' );
	const actions = make(
		'div',
		{ class: 'docent-actions', hidden: true },
		listen,
		copy,
		up,
		down
	);
	const words = document.createTextNode( '' );
	const question = make(
		'div',
		{ class: 'docent-question', dir: 'auto' },
		// A direction and a language of its own: the words after it decide the bubble's.
		make(
			'span',
			{
				class: 'docent-unseen',
				dir: 'auto',
				lang: pageLanguage || null,
			},
			strings.youAsked + ' '
		),
		words
	);
	const correct = turn.isSpoken
		? iconButton( 'correct', strings.correct, 'edit' )
		: null;
	const element = make(
		'div',
		{ class: 'docent-turn', 'data-key': turn.key },
		correct
			? make( 'div', { class: 'docent-heard' }, correct, question )
			: question,
		before,
		answer,
		status,
		after,
		actions
	);
	let shown: Turn | undefined;

	function showQuestion( next: Turn ): void {
		words.nodeValue = next.question || strings.spokenQuestion;
		setAttributes( question, {
			lang: messageLanguage( next.question, pageLanguage ),
			'data-unheard': next.question === '',
		} );
		if ( correct ) {
			correct.hidden = next.question === '';
		}
	}

	function showAnswer( next: Turn ): void {
		showMarkup(
			answer,
			parseMarkup( next.text, {
				isStreaming: isBeingWritten( next ),
				resolveLink: createLinkResolver( location.href, next.sources ),
			} )
		);
		setAttributes( answer, {
			lang: messageLanguage( next.text, pageLanguage ),
		} );
	}

	return {
		element,
		update( next, isReconnecting ) {
			const word = statusWord( next, isReconnecting, strings );
			status.textContent = word;
			status.hidden = word === '';
			if ( next === shown ) {
				return;
			}
			element.setAttribute( 'aria-busy', String( isRunning( next ) ) );
			if ( next.question !== shown?.question ) {
				showQuestion( next );
			}
			showAnswer( next );
			if ( next.notices !== shown?.notices ) {
				before.replaceChildren( ...noticeLines( next, strings ) );
			}
			if (
				next.sources !== shown?.sources ||
				next.failure !== shown?.failure ||
				next.status !== shown?.status
			) {
				after.replaceChildren(
					...failureLine( next, strings ),
					...sourceList( next, strings )
				);
			}
			actions.hidden = isBeingWritten( next ) || next.text === '';
			up.hidden = down.hidden = next.turnId === undefined;
			setAttributes( up, {
				'aria-pressed': String( next.rating === 'up' ),
			} );
			setAttributes( down, {
				'aria-pressed': String( next.rating === 'down' ),
			} );
			shown = next;
		},
		showSpoken( isHeard ) {
			if ( listen && isHeard !== isShownHeard ) {
				isShownHeard = isHeard;
				const label = isHeard ? strings.pauseSpeech : strings.listen;
				listen.replaceChildren( icon( isHeard ? 'pause' : 'speaker' ) );
				setAttributes( listen, { 'aria-label': label, title: label } );
				element.classList.toggle( 'is-heard', isHeard );
			}
		},
		confirmCopy() {
			copy.replaceChildren( icon( 'check' ) );
			setTimeout(
				() => copy.replaceChildren( icon( 'copy' ) ),
				COPIED_MS
			);
		},
	};
}

function statusWord(
	turn: Turn,
	isReconnecting: boolean,
	strings: Strings
): string {
	if ( turn.status === 'stopped' ) {
		return strings.stopped;
	}
	if ( ! isRunning( turn ) ) {
		return '';
	}
	if ( ! navigator.onLine ) {
		return strings.waitingOnline;
	}
	if ( isReconnecting ) {
		return strings.reconnecting;
	}
	if ( turn.question === '' ) {
		return strings.writingDown;
	}
	return turn.text.trim() ? '' : strings.searching;
}

function noticeLines( turn: Turn, strings: Strings ): HTMLElement[] {
	return turn.notices.flatMap( ( { code, message } ) => {
		const sentence = strings[ `notice_${ code }` ] ?? message;
		return sentence
			? [
					make(
						'p',
						{
							class: 'docent-notice',
							'data-docent': 'notice',
							'data-code': code,
						},
						sentence
					),
				]
			: [];
	} );
}

function failureLine( { failure }: Turn, strings: Strings ): HTMLElement[] {
	if ( ! failure ) {
		return [];
	}
	const { kind, retryAt = 0 } = failure;
	const waitMs = retryAt - Date.now();
	const sentence =
		strings[ `failure_${ kind }` ] ?? strings.failure_failed ?? '';
	const waiting = strings[ `failure_${ kind }_wait` ];
	const words = make( 'p', {}, sentence );
	if ( waiting && waitMs > 0 ) {
		words.textContent = waiting.replace(
			'%s',
			String( Math.ceil( waitMs / 1000 ) )
		);
		setTimeout( () => ( words.textContent = sentence ), waitMs );
	}
	const needsRecording = NEEDS_RECORDING.has( kind );
	const canRetry = ! FINAL_KINDS.has( kind );
	return [
		make(
			'div',
			{
				class: 'docent-failure',
				'data-docent': 'failure',
				'data-kind': kind,
			},
			words,
			canRetry
				? make(
						'button',
						{
							type: 'button',
							class: 'docent-quiet-button',
							'data-docent': needsRecording
								? 'record-again'
								: 'retry',
						},
						needsRecording ? strings.recordAgain : strings.retry
					)
				: null
		),
	];
}

/** Returns the sources that can be linked to, with their addresses checked. */
export function shownSources(
	turn: Turn
): Array< { title: string; href: string } > {
	return turn.sources.flatMap( ( { title, url } ) => {
		const href = sourceAddress( url, location.href );
		return href ? [ { title: title || href, href } ] : [];
	} );
}

function sourceList( turn: Turn, strings: Strings ): HTMLElement[] {
	const items = shownSources( turn ).map( ( { title, href } ) =>
		make( 'li', {}, make( 'a', { href, dir: 'auto' }, title ) )
	);
	return items.length > 0
		? [
				make(
					'div',
					{ class: 'docent-sources', 'data-docent': 'sources' },
					make(
						'p',
						{},
						turn.isConfident === false
							? strings.nearest
							: strings.sources
					),
					make( 'ol', {}, ...items )
				),
			]
		: [];
}

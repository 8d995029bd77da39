/**
 * Says what is sent where and how long it is kept: asks for agreement before the first question, and can be read again later.
 */
import { make, setAttributes } from './elements.ts';
import type { PanelConfig } from './panel.ts';

export interface ConsentCard {
	readonly isShown: boolean;
	/** Whether agreeing now means that recordings may be sent too. */
	readonly isForVoice: boolean;
	/** Asks for agreement and puts focus on the button that gives it. */
	ask( forWhat: 'text' | 'voice', hasAgreedToText: boolean ): void;
	/** Shows the same words to read, with the way to take the agreement back. */
	inform( hasAgreed: boolean, hasAgreedToVoice: boolean ): void;
	hide(): void;
}

/** Creates the card; it appears right above the composer. */
export function createConsentCard(
	panel: HTMLElement,
	{ strings, privacyUrl }: PanelConfig
): ConsentCard {
	const id = `${ panel.id }-consent`;
	const title = make( 'p', { class: 'docent-card__title', id } );
	const text = make( 'div', {
		class: 'docent-card__text',
		id: `${ id }-text`,
	} );
	let isForVoice = false;
	const buttons = make( 'div', { class: 'docent-card__buttons' } );
	const card = make(
		'div',
		{
			class: 'docent-card',
			role: 'group',
			'aria-labelledby': id,
			'data-docent': 'consent-card',
			hidden: true,
		},
		title,
		text,
		buttons
	);
	panel.querySelector( '.docent-composer' )?.before( card );

	function show(
		heading: string,
		sayings: string[],
		...choices: HTMLButtonElement[]
	): void {
		title.textContent = heading;
		text.replaceChildren(
			...sayings.map( ( saying ) => make( 'p', {}, saying ) )
		);
		if ( privacyUrl ) {
			text.lastElementChild?.append(
				' ',
				make(
					'a',
					{ href: privacyUrl, class: 'docent-card__link' },
					strings.privacyPolicy
				)
			);
		}
		buttons.replaceChildren( ...choices );
		card.hidden = false;
		text.scrollTop = 0;
		// Words that do not fit are reached with the keyboard too.
		setAttributes( text, {
			tabindex: text.scrollHeight > text.clientHeight && '0',
		} );
		choices[ 0 ]?.focus();
	}

	const aboutText = `${ strings.consentSent } ${ strings.consentKept }`;
	/** Whoever speaks before ever having written is told everything at once. */
	const voiceText = ( hasAgreedToText: boolean ) =>
		hasAgreedToText ? strings.consentVoice : strings.consentVoiceFirst;
	const quiet = ( hook: string, label: string ) =>
		make(
			'button',
			{
				type: 'button',
				class: 'docent-quiet-button',
				'data-docent': hook,
			},
			label
		);

	return {
		get isShown() {
			return ! card.hidden;
		},
		get isForVoice() {
			return isForVoice;
		},
		ask( forWhat, hasAgreedToText ) {
			isForVoice = forWhat === 'voice';
			show(
				isForVoice ? strings.consentVoiceTitle : strings.consentTitle,
				[ isForVoice ? voiceText( hasAgreedToText ) : aboutText ],
				make(
					'button',
					{
						type: 'button',
						class: 'docent-primary wp-element-button',
						'data-docent': 'consent',
						'aria-describedby': text.id,
					},
					isForVoice ? strings.agreeAndSpeak : strings.agree
				),
				quiet( 'decline', strings.notNow )
			);
		},
		inform( hasAgreed, hasAgreedToVoice ) {
			show(
				strings.privacyTitle,
				[
					aboutText,
					...( hasAgreedToVoice ? [ strings.consentVoice ] : [] ),
				],
				quiet( 'decline', strings.done ),
				...( hasAgreed
					? [ quiet( 'withdraw', strings.withdraw ) ]
					: [] )
			);
		},
		hide() {
			card.hidden = true;
			buttons.replaceChildren();
		},
	};
}

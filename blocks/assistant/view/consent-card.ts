/**
 * Says what is sent where and how long it is kept: asks for agreement before the first question, and can be read again later.
 */
import { make } from './elements.ts';
import type { PanelConfig } from './panel.ts';

export interface ConsentCard {
	readonly isShown: boolean;
	/** Asks for agreement and puts focus on the button that gives it. */
	ask(): void;
	/** Shows the same words to read, with the way to take the agreement back. */
	inform( hasAgreed: boolean ): void;
	hide(): void;
}

/** Creates the card; it appears right above the composer. */
export function createConsentCard(
	panel: HTMLElement,
	{ strings, privacyUrl }: PanelConfig
): ConsentCard {
	const id = `${ panel.id }-consent`;
	const title = make( 'p', { class: 'docent-card__title', id } );
	const text = make(
		'p',
		{ id: `${ id }-text` },
		`${ strings.consentSent } ${ strings.consentKept } `,
		privacyUrl
			? make(
					'a',
					{ href: privacyUrl, class: 'docent-card__link' },
					strings.privacyPolicy
				)
			: null
	);
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

	function show( heading: string, ...choices: HTMLButtonElement[] ): void {
		title.textContent = heading;
		buttons.replaceChildren( ...choices );
		card.hidden = false;
		choices[ 0 ]?.focus();
	}

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
		ask() {
			show(
				strings.consentTitle,
				make(
					'button',
					{
						type: 'button',
						class: 'docent-primary wp-element-button',
						'data-docent': 'consent',
						'aria-describedby': text.id,
					},
					strings.agree
				),
				quiet( 'decline', strings.notNow )
			);
		},
		inform( hasAgreed ) {
			show(
				strings.privacyTitle,
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

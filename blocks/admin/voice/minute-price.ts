/**
 * Says what a minute of voice costs, as far as the proxy tells.
 */
import { __, sprintf } from '@wordpress/i18n';
import { screenLocale } from '../format.ts';
import type { VoiceSettings } from '../types.ts';

const NANO_PER_USD = 1_000_000_000;

/** What spoken questions and answers cost: one model hears, another speaks, unless the browser does. */
export function cascadePrice( {
	abilities,
	speech,
}: Pick< VoiceSettings, 'abilities' | 'speech' > ): string | undefined {
	const heard = abilities?.transcription?.heardMinuteNanoUsd;
	const spoken =
		speech === 'browser' ? 0 : abilities?.speech?.spokenMinuteNanoUsd;
	return heard === undefined || heard === null
		? undefined
		: sentence( heard, spoken );
}

/** What a kind costs where one model hears and speaks: what was said is written down beside it, to find the pages that answer it. */
export function abilityPrice(
	abilities: VoiceSettings[ 'abilities' ],
	kind: 'audioChat' | 'realtime'
): string | undefined {
	const heard = abilities?.[ kind ]?.heardMinuteNanoUsd;
	const written = abilities?.transcription?.heardMinuteNanoUsd ?? 0;
	return heard === undefined || heard === null
		? undefined
		: sentence( heard + written, abilities?.[ kind ]?.spokenMinuteNanoUsd );
}

function sentence( heard: number, spoken: number | null | undefined ): string {
	if ( spoken === undefined || spoken === null ) {
		return sprintf(
			/* translators: %s: an amount of money. */
			__( 'About %s for a minute heard.', 'docent' ),
			money( heard )
		);
	}
	return spoken === 0
		? sprintf(
				/* translators: %s: an amount of money. */
				__(
					'About %s for a minute heard; speaking is free.',
					'docent'
				),
				money( heard )
			)
		: sprintf(
				/* translators: 1, 2: amounts of money. */
				__(
					'About %1$s for a minute heard and %2$s for a minute spoken.',
					'docent'
				),
				money( heard ),
				money( spoken )
			);
}

/** Two digits that count, whatever the size: prices of a minute are parts of a cent, or a few. */
function money( nanoUsd: number ): string {
	return ( nanoUsd / NANO_PER_USD ).toLocaleString( screenLocale(), {
		style: 'currency',
		currency: 'USD',
		maximumSignificantDigits: 2,
	} );
}

/**
 * Says why an amount of money could not be read, and how to write it.
 */
import { __ } from '@wordpress/i18n';
import type { AmountProblem } from './money.ts';

/** Answers a sentence for the field. */
export function amountProblemSentence( problem: AmountProblem ): string {
	switch ( problem ) {
		case 'empty':
			return __( 'Write an amount; 0 spends nothing.', 'docent' );
		case 'not-a-number':
			return __( 'Write an amount such as 2 or 0.50.', 'docent' );
		case 'ambiguous':
			return __(
				'Is this a thousand or a decimal? Write 1000 or 1.00.',
				'docent'
			);
		case 'too-large':
			return __( 'The largest limit is 1000000 dollars.', 'docent' );
		case 'too-fine':
			return __( 'Use at most nine decimals.', 'docent' );
	}
}

/**
 * Shows what a period came to: questions, what they cost, and what saved answers spared.
 */
import { __, sprintf } from '@wordpress/i18n';
import { formatNumber, formatShare, screenLocale } from '../format.ts';
import { formatUsd } from '../money.ts';
import type { UsageRow } from './types.ts';

/** Renders the sums; `free` counts the questions that cost nothing. */
export function Totals( { totals, free }: { totals: UsageRow; free: number } ) {
	const usd = ( nanoUsd: number ) => formatUsd( nanoUsd, screenLocale() );
	const { questions, costNanoUsd, savedNanoUsd } = totals;
	return (
		<dl className="docent-totals">
			<Total
				term={ __( 'Questions', 'docent' ) }
				amount={ formatNumber( questions ) }
				note={ sprintf(
					/* translators: %s: percentage. */
					__( '%s at no cost', 'docent' ),
					formatShare( questions > 0 ? free / questions : 0 )
				) }
			/>
			<Total
				term={ __( 'Cost', 'docent' ) }
				amount={ usd( costNanoUsd ) }
				note={ sprintf(
					/* translators: %s: amount of money. */
					__( '%s per question', 'docent' ),
					usd( questions > 0 ? costNanoUsd / questions : 0 )
				) }
			/>
			<Total
				term={ __( 'Saved', 'docent' ) }
				amount={ usd( savedNanoUsd ) }
				note={ __( 'by answers that were ready', 'docent' ) }
			/>
		</dl>
	);
}

function Total( {
	term,
	amount,
	note,
}: {
	term: string;
	amount: string;
	note: string;
} ) {
	return (
		<div>
			<dt>{ term }</dt>
			<dd>
				<strong>{ amount }</strong>
				<span>{ note }</span>
			</dd>
		</div>
	);
}

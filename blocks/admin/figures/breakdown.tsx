/**
 * Lists what each model cost, the dearest first.
 */
import { __ } from '@wordpress/i18n';
import { formatNumber, formatShare, screenLocale } from '../format.ts';
import { formatUsd } from '../money.ts';
import { TableFrame } from './table-frame.tsx';
import type { UsageRow } from './types.ts';
import { inWords, kindWords, tierWords } from './words.ts';

/** Renders one line for each model, tier and use that was paid for. */
export function Breakdown( { rows }: { rows: UsageRow[] } ) {
	const paid = rows
		.filter( ( { model } ) => model )
		.sort( ( a, b ) => b.costNanoUsd - a.costNanoUsd );
	if ( paid.length === 0 ) {
		return null;
	}
	const sum = paid.reduce(
		( total, { costNanoUsd } ) => total + costNanoUsd,
		0
	);
	const tiers = tierWords();
	const kinds = kindWords();
	return (
		<TableFrame label={ __( 'Cost by model', 'docent' ) }>
			<table className="widefat striped">
				<thead>
					<tr>
						<th scope="col">{ __( 'Model', 'docent' ) }</th>
						<th scope="col">{ __( 'Class', 'docent' ) }</th>
						<th scope="col">{ __( 'Use', 'docent' ) }</th>
						<th scope="col" className="docent-number">
							{ __( 'Calls', 'docent' ) }
						</th>
						<th scope="col" className="docent-number">
							{ __( 'Tokens', 'docent' ) }
						</th>
						<th scope="col" className="docent-number">
							{ __( 'Cost', 'docent' ) }
						</th>
						<th scope="col" className="docent-number">
							{ __( 'Share', 'docent' ) }
						</th>
					</tr>
				</thead>
				<tbody>
					{ paid.map( ( row ) => (
						<tr
							key={ `${ row.model } ${ row.tier } ${ row.kind }` }
						>
							<th scope="row">
								<bdi>{ row.model }</bdi>
							</th>
							<td>{ inWords( tiers, row.tier ?? '' ) }</td>
							<td>{ inWords( kinds, row.kind ?? '' ) }</td>
							<td className="docent-number">
								{ formatNumber( row.calls ) }
							</td>
							<td className="docent-number">
								{ formatNumber(
									row.inputTokens + row.outputTokens
								) }
							</td>
							<td className="docent-number">
								{ formatUsd( row.costNanoUsd, screenLocale() ) }
							</td>
							<td className="docent-number">
								{ formatShare(
									sum > 0 ? row.costNanoUsd / sum : 0
								) }
							</td>
						</tr>
					) ) }
				</tbody>
			</table>
		</TableFrame>
	);
}

/**
 * Lists calls: when, how they ended, who answered and why, what they cost.
 */
import { __, sprintf } from '@wordpress/i18n';
import {
	formatNumber,
	formatSeconds,
	formatTime,
	screenLocale,
} from '../format.ts';
import { formatUsd } from '../money.ts';
import { TableFrame } from './table-frame.tsx';
import type { Call } from './types.ts';
import {
	failureWords,
	inWords,
	kindWords,
	outcomeWords,
	reasonWords,
	tierWords,
} from './words.ts';

/** Renders one page of the call log. */
export function CallTable( { calls }: { calls: Call[] } ) {
	return (
		<TableFrame label={ __( 'Calls', 'docent' ) }>
			<table className="widefat striped docent-calls">
				<thead>
					<tr>
						<th scope="col">{ __( 'When', 'docent' ) }</th>
						<th scope="col">{ __( 'What happened', 'docent' ) }</th>
						<th scope="col">{ __( 'Model', 'docent' ) }</th>
						<th scope="col">{ __( 'Why this one', 'docent' ) }</th>
						<th scope="col" className="docent-number">
							{ __( 'Tokens', 'docent' ) }
						</th>
						<th scope="col" className="docent-number">
							{ __( 'First word', 'docent' ) }
						</th>
						<th scope="col" className="docent-number">
							{ __( 'Cost', 'docent' ) }
						</th>
					</tr>
				</thead>
				<tbody>
					{ calls.map( ( call ) => (
						<CallRow key={ call.id } call={ call } />
					) ) }
				</tbody>
			</table>
		</TableFrame>
	);
}

function CallRow( { call }: { call: Call } ) {
	const hasModel = call.model !== '';
	return (
		<tr data-outcome={ call.outcome }>
			<td>
				<time dateTime={ new Date( call.at ).toISOString() }>
					{ formatTime( call.at / 1_000 ) }
				</time>
			</td>
			<td>
				{ inWords( outcomeWords(), call.outcome ) }
				{ call.errorKind !== '' && (
					<span className="docent-calls__detail">
						{ inWords( failureWords(), call.errorKind ) }
					</span>
				) }
				{ call.kind !== 'answer' && (
					<span className="docent-calls__detail">
						{ inWords( kindWords(), call.kind ) }
					</span>
				) }
			</td>
			<td>
				{ hasModel ? <bdi>{ call.model }</bdi> : '–' }
				{ hasModel && (
					<span className="docent-calls__detail">
						{ inWords( tierWords(), call.tier ) }
					</span>
				) }
			</td>
			<td>
				{ hasModel ? inWords( reasonWords(), call.reason ) : '–' }
				{ call.attempt > 1 && (
					<span className="docent-calls__detail">
						{ sprintf(
							/* translators: %d: number of the attempt, 2 or more. */
							__( 'Attempt %d', 'docent' ),
							call.attempt
						) }
					</span>
				) }
			</td>
			<td className="docent-number">
				{ hasModel
					? formatNumber( call.inputTokens + call.outputTokens )
					: '–' }
			</td>
			<td className="docent-number">
				{ call.firstTokenMs === null || call.firstTokenMs === undefined
					? '–'
					: formatSeconds( call.firstTokenMs ) }
			</td>
			<td className="docent-number">
				{ formatUsd( call.costNanoUsd, screenLocale() ) }
			</td>
		</tr>
	);
}

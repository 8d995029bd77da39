/**
 * Draws what each day cost as a bar, with a table of the same figures behind it.
 */
import { useId } from '@wordpress/element';
import { __, sprintf } from '@wordpress/i18n';
import { formatDay, formatNumber, screenLocale } from '../format.ts';
import { formatUsd } from '../money.ts';
import { chartTop } from './chart-scale.ts';
import { TableFrame } from './table-frame.tsx';
import type { UsageRow } from './types.ts';

/** Renders one bar a day; days without a question are drawn empty. */
export function SpendingChart( {
	days,
	rows,
}: {
	days: string[];
	rows: UsageRow[];
} ) {
	const titleId = useId();
	const byDay = new Map( rows.map( ( row ) => [ row.day, row ] ) );
	const figures = days.map( ( day ) => ( {
		day,
		questions: byDay.get( day )?.questions ?? 0,
		costNanoUsd: byDay.get( day )?.costNanoUsd ?? 0,
	} ) );
	const highest = Math.max(
		...figures.map( ( { costNanoUsd } ) => costNanoUsd )
	);
	if ( highest === 0 ) {
		return (
			<p className="docent-step__note">
				{ __(
					'Nothing was spent in this period: every question was answered at no cost.',
					'docent'
				) }
			</p>
		);
	}
	const top = chartTop( highest );
	const usd = ( nanoUsd: number ) => formatUsd( nanoUsd, screenLocale() );
	const labelled = new Set( [
		0,
		Math.floor( ( days.length - 1 ) / 2 ),
		days.length - 1,
	] );
	return (
		<figure className="docent-chart" aria-labelledby={ titleId }>
			<figcaption id={ titleId } className="docent-chart__title">
				{ __( 'Cost per day (USD)', 'docent' ) }
			</figcaption>
			<div className="docent-chart__plot" aria-hidden="true">
				<div className="docent-chart__scale">
					<span>{ usd( top ) }</span>
					<span>{ usd( top / 2 ) }</span>
					<span>{ usd( 0 ) }</span>
				</div>
				<div className="docent-chart__bars">
					{ figures.map( ( { day, costNanoUsd, questions } ) => (
						<div
							key={ day }
							className="docent-chart__day"
							title={ sprintf(
								/* translators: 1: date, 2: amount of money, 3: number of questions. */
								__( '%1$s: %2$s, questions: %3$s', 'docent' ),
								formatDay( day ),
								usd( costNanoUsd ),
								formatNumber( questions )
							) }
						>
							<div
								className="docent-chart__bar"
								style={ {
									height: `${ ( costNanoUsd / top ) * 100 }%`,
								} }
							/>
						</div>
					) ) }
				</div>
				<div className="docent-chart__dates">
					{ days
						.filter( ( _, index ) => labelled.has( index ) )
						.map( ( day ) => (
							<span key={ day }>{ formatDay( day ) }</span>
						) ) }
				</div>
			</div>
			<details className="docent-chart__table">
				<summary>{ __( 'Show as a table', 'docent' ) }</summary>
				<TableFrame label={ __( 'Cost per day', 'docent' ) }>
					<table className="widefat striped">
						<thead>
							<tr>
								<th scope="col">{ __( 'Day', 'docent' ) }</th>
								<th scope="col" className="docent-number">
									{ __( 'Questions', 'docent' ) }
								</th>
								<th scope="col" className="docent-number">
									{ __( 'Cost', 'docent' ) }
								</th>
							</tr>
						</thead>
						<tbody>
							{ figures
								.filter(
									( { questions, costNanoUsd } ) =>
										questions > 0 || costNanoUsd > 0
								)
								.map( ( { day, questions, costNanoUsd } ) => (
									<tr key={ day }>
										<th scope="row">
											{ formatDay( day ) }
										</th>
										<td className="docent-number">
											{ formatNumber( questions ) }
										</td>
										<td className="docent-number">
											{ usd( costNanoUsd ) }
										</td>
									</tr>
								) ) }
						</tbody>
					</table>
				</TableFrame>
			</details>
		</figure>
	);
}

/**
 * Shows what the assistant was asked and what that cost, over a period and call by call.
 */
import {
	Card,
	CardBody,
	CardHeader,
	SelectControl,
	Spinner,
} from '@wordpress/components';
import { useCallback, useId, useState } from '@wordpress/element';
import { __, sprintf } from '@wordpress/i18n';
import type { ReactNode } from 'react';
import { CardError } from '../cards/step-card.tsx';
import { UsagePanel } from '../cards/usage-panel.tsx';
import { Breakdown } from './breakdown.tsx';
import { CallLog } from './call-log.tsx';
import { daysBetween, firstOfLastDays, PERIODS } from './period.ts';
import { readUsageReport } from './read-figures.ts';
import { SpendingChart } from './spending-chart.tsx';
import { Totals } from './totals.tsx';
import { useLoaded } from './use-loaded.ts';

/** Renders the view. */
export function FiguresView() {
	return (
		<>
			<Section title={ __( 'Limits', 'docent' ) }>
				<UsagePanel />
			</Section>
			<Section title={ __( 'Questions and cost', 'docent' ) }>
				<PeriodReport />
			</Section>
			<Section title={ __( 'Call log', 'docent' ) }>
				<CallLog />
			</Section>
		</>
	);
}

function PeriodReport() {
	const [ length, setLength ] = useState< number >( 30 );
	const period = useLoaded(
		useCallback( async () => {
			const from = firstOfLastDays( length );
			const [ byDay, byModel ] = await Promise.all( [
				readUsageReport( from, [ 'day' ] ),
				readUsageReport( from, [ 'model', 'tier', 'kind' ] ),
			] );
			return { byDay, byModel };
		}, [ length ] )
	);
	const report = period.value;
	return (
		<>
			<SelectControl
				__next40pxDefaultSize
				__nextHasNoMarginBottom
				className="docent-period"
				label={ __( 'Period', 'docent' ) }
				value={ String( length ) }
				options={ PERIODS.map( ( days ) => ( {
					value: String( days ),
					label: sprintf(
						/* translators: %d: number of days. */
						__( 'Last %d days', 'docent' ),
						days
					),
				} ) ) }
				onChange={ ( days ) => setLength( Number( days ) ) }
			/>
			<CardError error={ period.error } onRetry={ period.retry } />
			{ ! report && period.isLoading && <Spinner /> }
			{ report &&
				( report.byDay.totals.calls === 0 ? (
					<p className="docent-step__note" role="status">
						{ __(
							'No questions in this period. When visitors ask, the days and what they cost appear here.',
							'docent'
						) }
					</p>
				) : (
					<div
						className="docent-report"
						aria-busy={ period.isLoading }
					>
						<Totals
							totals={ report.byDay.totals }
							free={ report.byModel.rows
								.filter( ( { tier } ) => tier === 'none' )
								.reduce(
									( sum, { questions } ) => sum + questions,
									0
								) }
						/>
						<SpendingChart
							days={ daysBetween(
								report.byDay.from,
								report.byDay.to
							) }
							rows={ report.byDay.rows }
						/>
						<Breakdown rows={ report.byModel.rows } />
					</div>
				) ) }
		</>
	);
}

function Section( {
	title,
	children,
}: {
	title: string;
	children: ReactNode;
} ) {
	const id = useId();
	return (
		<section className="docent-step" aria-labelledby={ id }>
			<Card>
				<CardHeader className="docent-step__header">
					<h2 id={ id } className="docent-step__title">
						{ title }
					</h2>
				</CardHeader>
				<CardBody className="docent-section__body">
					{ children }
				</CardBody>
			</Card>
		</section>
	);
}

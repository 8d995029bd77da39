/**
 * Shows what was spent against the limits, and how visitors were answered.
 */
import { Button, Icon } from '@wordpress/components';
import { useCallback, useEffect, useId, useState } from '@wordpress/element';
import { __, sprintf } from '@wordpress/i18n';
import { info } from '@wordpress/icons';
import { readUsage } from '../api.ts';
import { errorMessage } from '../error-message.ts';
import { formatNumber, formatShare, screenLocale } from '../format.ts';
import { isSaving } from '../limits-form.ts';
import { formatUsd, usedShare } from '../money.ts';
import type { Limits, Usage } from '../types.ts';

/** Renders today's and this month's spending; reads it again when the limits change. */
export function UsagePanel( { limits }: { limits?: Limits } ) {
	const [ usage, setUsage ] = useState< Usage >();
	const [ error, setError ] = useState< string >();

	const load = useCallback( () => {
		setError( undefined );
		readUsage()
			.then( setUsage )
			.catch( ( problem ) => setError( errorMessage( problem ) ) );
	}, [] );
	useEffect( load, [ load, limits ] );

	if ( error !== undefined ) {
		return (
			<p className="docent-step__note" role="status">
				{ sprintf(
					/* translators: %s: a sentence that says why. */
					__( 'The spending cannot be shown now. %s', 'docent' ),
					error
				) }{ ' ' }
				<Button variant="link" onClick={ load }>
					{ __( 'Try again', 'docent' ) }
				</Button>
			</p>
		);
	}
	return usage ? (
		<div className="docent-usage">
			<Meter
				label={ __( 'Today', 'docent' ) }
				spentNanoUsd={ usage.day.spentNanoUsd }
				limitNanoUsd={ usage.day.limitNanoUsd }
			/>
			<Meter
				label={ __( 'This month', 'docent' ) }
				spentNanoUsd={ usage.month.spentNanoUsd }
				limitNanoUsd={ usage.month.limitNanoUsd }
			/>
			{ limits && isSaving( usage, limits.softShare ) && (
				<Saving softShare={ limits.softShare } />
			) }
			<p className="docent-step__note">
				{ answersSentence( usage.answers ) }
			</p>
		</div>
	) : (
		<p className="docent-step__note" role="status">
			{ __( 'Reading the spending…', 'docent' ) }
		</p>
	);
}

interface MeterProps {
	label: string;
	spentNanoUsd: number;
	limitNanoUsd: number;
}

function Meter( { label, spentNanoUsd, limitNanoUsd }: MeterProps ) {
	const id = useId();
	const share = usedShare( spentNanoUsd, limitNanoUsd );
	const text = sprintf(
		/* translators: 1: amount spent, 2: amount that may be spent. */
		__( '%1$s of %2$s', 'docent' ),
		formatUsd( spentNanoUsd, screenLocale() ),
		formatUsd( limitNanoUsd, screenLocale() )
	);
	return (
		<div className="docent-meter" data-full={ share === 1 }>
			<span id={ id } className="docent-meter__label">
				{ label }
			</span>
			<span className="docent-meter__value">{ text }</span>
			<div
				role="meter"
				aria-labelledby={ id }
				aria-valuemin={ 0 }
				aria-valuemax={ 100 }
				aria-valuenow={ Math.round( share * 100 ) }
				aria-valuetext={ text }
				className="docent-meter__track"
			>
				<div
					className="docent-meter__bar"
					style={ { width: `${ share * 100 }%` } }
				/>
			</div>
			{ share === 1 && (
				<p className="docent-meter__note">
					{ __(
						'The limit is reached; nothing more is spent.',
						'docent'
					) }
				</p>
			) }
		</div>
	);
}

/** Says that the soft limit is passed, by a shape and words. */
function Saving( { softShare }: { softShare: number } ) {
	return (
		<p className="docent-saving">
			<Icon icon={ info } size={ 24 } />
			<span>
				<strong>
					{ __(
						'Saving: answers come from the cheapest class.',
						'docent'
					) }
				</strong>{ ' ' }
				{ sprintf(
					/* translators: %s: a percentage, such as 80%. */
					__(
						'They are also shorter. More than %s of a limit is spent.',
						'docent'
					),
					formatShare( softShare )
				) }
			</span>
		</p>
	);
}

function answersSentence( answers: Usage[ 'answers' ] ): string {
	return answers.total === 0
		? __(
				'Nobody has asked anything yet. Answers and what they cost will appear here.',
				'docent'
			)
		: sprintf(
				/* translators: 1: answers in all, 2: answers from the cache, 3: answers quoted from the site, 4: questions without an answer. */
				__(
					'Answers so far: %1$s. From saved answers, at no cost: %2$s. Quoted from your site, at no cost: %3$s. Without an answer: %4$s.',
					'docent'
				),
				formatNumber( answers.total ),
				formatNumber( answers.cached ),
				formatNumber( answers.extractive ),
				formatNumber( answers.unanswered )
			);
}

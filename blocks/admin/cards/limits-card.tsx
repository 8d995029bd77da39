/**
 * Sets how much the assistant may spend.
 */
import { TextControl } from '@wordpress/components';
import { useRef } from '@wordpress/element';
import { __ } from '@wordpress/i18n';
import type { FormEvent } from 'react';
import { amountProblemSentence } from '../amount-problem.ts';
import { parseUsd, usdForField } from '../money.ts';
import type { SetupStep } from '../setup-steps.ts';
import type { Limits } from '../types.ts';
import { useAction } from '../use-action.ts';
import { useDraft } from '../use-draft.ts';
import type { SettingsAccess } from '../use-settings.ts';
import { CardError, SaveButtons, StepCard } from './step-card.tsx';
import { UsagePanel } from './usage-panel.tsx';

type Typed = Record< keyof Limits, string >;

const FIELDS: Array< keyof Limits > = [
	'siteDayNanoUsd',
	'siteMonthNanoUsd',
	'visitorDayNanoUsd',
];

/** Renders the fourth card. */
export function LimitsCard( {
	access,
	next,
}: {
	access: SettingsAccess;
	next: SetupStep | undefined;
} ) {
	const { limits, limitsError } = access.settings;
	return (
		<StepCard
			step={ 4 }
			title={ __( 'Limits', 'docent' ) }
			description={ __(
				'What the assistant may spend at your AI provider, in US dollars. There is always a limit.',
				'docent'
			) }
			isWaiting={ next === 'connect' }
		>
			{ limitsError === undefined ? (
				<>
					<UsagePanel limits={ limits } />
					<LimitsForm access={ access } />
				</>
			) : (
				<LimitsUnknown access={ access } error={ limitsError } />
			) }
		</StepCard>
	);
}

function LimitsForm( { access }: { access: SettingsAccess } ) {
	const { limits } = access.settings;
	const form = useRef< HTMLFormElement >( null );
	const draft = useDraft< Typed >( {
		siteDayNanoUsd: usdForField( limits.siteDayNanoUsd ),
		siteMonthNanoUsd: usdForField( limits.siteMonthNanoUsd ),
		visitorDayNanoUsd: usdForField( limits.visitorDayNanoUsd ),
	} );
	const { run, isBusy, error } = useAction();

	const submit = ( event: FormEvent ) => {
		event.preventDefault();
		if ( ! draft.isDirty || isBusy ) {
			return;
		}
		const patch = readLimits( draft.value );
		if ( ! patch ) {
			form.current
				?.querySelector< HTMLElement >( '[aria-invalid="true"]' )
				?.focus();
			return;
		}
		run( async () => {
			await access.save( {
				patch: { limits: patch },
				undo: { limits },
				message: __(
					'Limits saved. They hold from the next question on.',
					'docent'
				),
			} );
			draft.discard();
		} );
	};

	return (
		<form
			ref={ form }
			onSubmit={ submit }
			noValidate
			className="docent-step__form"
		>
			<div className="docent-step__fields">
				{ FIELDS.map( ( name ) => (
					<AmountField
						key={ name }
						name={ name }
						typed={ draft.value[ name ] }
						isDisabled={ isBusy }
						onChange={ ( typed ) =>
							draft.change( { ...draft.value, [ name ]: typed } )
						}
					/>
				) ) }
			</div>
			<p className="docent-step__note">
				{ __(
					'When a limit is reached, nothing more is spent. Visitors still get answers: saved ones, and passages quoted from your site. 0 means that nothing is ever spent.',
					'docent'
				) }
			</p>
			<Contradictions typed={ draft.value } />
			<CardError error={ error } />
			<SaveButtons
				isDirty={ draft.isDirty }
				isBusy={ isBusy }
				onDiscard={ draft.discard }
			/>
		</form>
	);
}

interface AmountFieldProps {
	name: keyof Limits;
	typed: string;
	isDisabled: boolean;
	onChange: ( typed: string ) => void;
}

function AmountField( {
	name,
	typed,
	isDisabled,
	onChange,
}: AmountFieldProps ) {
	const parsed = parseUsd( typed );
	return (
		<TextControl
			__next40pxDefaultSize
			__nextHasNoMarginBottom
			className="docent-field--amount"
			label={ label( name ) }
			help={
				parsed.isValid ? undefined : (
					<span className="docent-field__problem">
						{ amountProblemSentence( parsed.problem ) }
					</span>
				)
			}
			type="text"
			inputMode="decimal"
			autoComplete="off"
			dir="ltr"
			aria-invalid={ ! parsed.isValid }
			value={ typed }
			disabled={ isDisabled }
			onChange={ onChange }
		/>
	);
}

/** Two limits of which one can never be reached are allowed, but worth a sentence. */
function Contradictions( { typed }: { typed: Typed } ) {
	const limits = readLimits( typed );
	if ( ! limits ) {
		return null;
	}
	const { siteDayNanoUsd, siteMonthNanoUsd, visitorDayNanoUsd } = limits;
	return (
		<>
			{ siteDayNanoUsd > siteMonthNanoUsd && (
				<p className="docent-step__note">
					{ __(
						'The limit of a month is lower than that of a day, so the month decides.',
						'docent'
					) }
				</p>
			) }
			{ visitorDayNanoUsd > siteDayNanoUsd && (
				<p className="docent-step__note">
					{ __(
						'One visitor may spend more than the whole site, so one person can use up the day.',
						'docent'
					) }
				</p>
			) }
		</>
	);
}

function LimitsUnknown( {
	access,
	error,
}: {
	access: SettingsAccess;
	error: string;
} ) {
	const action = useAction();
	return (
		<>
			<CardError
				error={ error }
				onRetry={ () => action.run( access.reload ) }
			/>
			<p className="docent-step__note">
				{ __(
					'The proxy keeps the limits, and they hold although they cannot be shown now.',
					'docent'
				) }
			</p>
			<CardError error={ action.error } />
		</>
	);
}

function readLimits( typed: Typed ): Limits | undefined {
	const [ siteDay, siteMonth, visitorDay ] = [
		parseUsd( typed.siteDayNanoUsd ),
		parseUsd( typed.siteMonthNanoUsd ),
		parseUsd( typed.visitorDayNanoUsd ),
	];
	return siteDay.isValid && siteMonth.isValid && visitorDay.isValid
		? {
				siteDayNanoUsd: siteDay.nanoUsd,
				siteMonthNanoUsd: siteMonth.nanoUsd,
				visitorDayNanoUsd: visitorDay.nanoUsd,
			}
		: undefined;
}

function label( name: keyof Limits ): string {
	switch ( name ) {
		case 'siteDayNanoUsd':
			return __( 'Whole site, per day (USD)', 'docent' );
		case 'siteMonthNanoUsd':
			return __( 'Whole site, per month (USD)', 'docent' );
		case 'visitorDayNanoUsd':
			return __( 'One visitor, per day (USD)', 'docent' );
	}
}

/**
 * Sets how much the assistant may spend.
 */
import { TextControl } from '@wordpress/components';
import { useRef } from '@wordpress/element';
import { __, sprintf } from '@wordpress/i18n';
import type { FormEvent } from 'react';
import { amountProblemSentence } from '../amount-problem.ts';
import {
	limitsForm,
	MONEY_LIMITS,
	percentForField,
	readLimits,
	readPercent,
	USUAL_SOFT_SHARE,
	type LimitsForm,
} from '../limits-form.ts';
import { parseUsd } from '../money.ts';
import type { SetupStep } from '../setup-steps.ts';
import { useAction } from '../use-action.ts';
import { useDraft } from '../use-draft.ts';
import type { SettingsAccess } from '../use-settings.ts';
import { CountFields } from './count-fields.tsx';
import { ProxyAway } from './proxy-away.tsx';
import { CardError, SaveButtons, StepCard } from './step-card.tsx';
import { UsagePanel } from './usage-panel.tsx';

type MoneyLimit = ( typeof MONEY_LIMITS )[ number ];

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
					<Form access={ access } />
				</>
			) : (
				<ProxyAway
					access={ access }
					error={ limitsError }
					note={ __(
						'The proxy keeps the limits, and they hold although they cannot be shown now.',
						'docent'
					) }
				/>
			) }
		</StepCard>
	);
}

function Form( { access }: { access: SettingsAccess } ) {
	const { limits, rateLimits } = access.settings;
	const form = useRef< HTMLFormElement >( null );
	const draft = useDraft( limitsForm( { limits, rateLimits } ) );
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
				patch,
				undo: { limits, rateLimits },
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
				{ MONEY_LIMITS.map( ( name ) => (
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
			<SavingField
				typed={ draft.value.softShare }
				isDisabled={ isBusy }
				onChange={ ( softShare ) =>
					draft.change( { ...draft.value, softShare } )
				}
			/>
			<Contradictions typed={ draft.value } />
			<CountFields
				typed={ draft.value }
				isDisabled={ isBusy }
				onChange={ ( changes ) =>
					draft.change( { ...draft.value, ...changes } )
				}
			/>
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
	name: MoneyLimit;
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

/** Sets the soft limit: the share of a limit of the site at which saving begins. */
function SavingField( {
	typed,
	isDisabled,
	onChange,
}: Omit< AmountFieldProps, 'name' > ) {
	const isValid = readPercent( typed ) !== undefined;
	return (
		<TextControl
			__next40pxDefaultSize
			__nextHasNoMarginBottom
			className="docent-field--amount"
			label={ __( 'Begin to save at … % of the limit', 'docent' ) }
			help={
				isValid ? (
					sprintf(
						/* translators: %s: a number of per cent. */
						__(
							'From this share of the site’s limit of a day or a month on, answers come from the cheapest class of models and are shorter, so that the rest lasts longer. 100 never saves. Usual: %s.',
							'docent'
						),
						percentForField( USUAL_SOFT_SHARE )
					)
				) : (
					<span className="docent-field__problem">
						{ __( 'Write a number from 0 to 100.', 'docent' ) }
					</span>
				)
			}
			type="text"
			inputMode="decimal"
			autoComplete="off"
			dir="ltr"
			aria-invalid={ ! isValid }
			value={ typed }
			disabled={ isDisabled }
			onChange={ onChange }
		/>
	);
}

/** Two limits of which one can never be reached are allowed, but worth a sentence. */
function Contradictions( { typed }: { typed: LimitsForm } ) {
	const read = readLimits( typed );
	if ( ! read ) {
		return null;
	}
	const { siteDayNanoUsd, siteMonthNanoUsd, visitorDayNanoUsd } = read.limits;
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

function label( name: MoneyLimit ): string {
	switch ( name ) {
		case 'siteDayNanoUsd':
			return __( 'Whole site, per day (USD)', 'docent' );
		case 'siteMonthNanoUsd':
			return __( 'Whole site, per month (USD)', 'docent' );
		case 'visitorDayNanoUsd':
			return __( 'One visitor, per day (USD)', 'docent' );
	}
}

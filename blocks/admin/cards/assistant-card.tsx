/**
 * Says who the assistant is, where it appears and how long conversations are kept.
 */
import {
	RadioControl,
	TextareaControl,
	TextControl,
	ToggleControl,
} from '@wordpress/components';
import { __, sprintf } from '@wordpress/i18n';
import type { FormEvent } from 'react';
import {
	assistantForm,
	assistantPatch,
	CALL_DAYS,
	HOURS,
	MAX_INSTRUCTIONS_LENGTH,
	MAX_NAME_LENGTH,
} from '../assistant-form.ts';
import { formatNumber } from '../format.ts';
import type { SetupStep } from '../setup-steps.ts';
import { useAction } from '../use-action.ts';
import { useDraft } from '../use-draft.ts';
import type { SettingsAccess } from '../use-settings.ts';
import { CardError, SaveButtons, StepCard } from './step-card.tsx';
import { WholeNumberField } from './whole-number-field.tsx';

/** Renders the sixth card. */
export function AssistantCard( {
	access,
	next,
}: {
	access: SettingsAccess;
	next: SetupStep | undefined;
} ) {
	return (
		<StepCard
			step={ 6 }
			title={ __( 'Assistant', 'docent' ) }
			description={ __(
				'How the assistant presents itself, and where visitors find it. You can also place the block “Docent assistant” on any page.',
				'docent'
			) }
			isWaiting={ next === 'connect' }
		>
			<AssistantForm access={ access } />
		</StepCard>
	);
}

function AssistantForm( { access }: { access: SettingsAccess } ) {
	const saved = assistantForm( access.settings );
	const { value, isDirty, change, discard } = useDraft( saved );
	const { run, isBusy, error } = useAction();
	// What the proxy keeps cannot be changed while the proxy does not answer.
	const isProxyAway = access.settings.limitsError !== undefined;

	const submit = ( event: FormEvent ) => {
		event.preventDefault();
		const patch = assistantPatch( value, saved );
		if ( ! patch || ! isDirty || isBusy ) {
			return;
		}
		run( async () => {
			await access.save( {
				patch,
				undo: assistantPatch( saved, value ) ?? {},
				message: __( 'Assistant saved.', 'docent' ),
			} );
			discard();
		} );
	};

	return (
		<form onSubmit={ submit } noValidate className="docent-step__form">
			<TextControl
				__next40pxDefaultSize
				__nextHasNoMarginBottom
				label={ __( 'Name', 'docent' ) }
				help={ __( 'Shown at the top of the panel.', 'docent' ) }
				maxLength={ MAX_NAME_LENGTH }
				placeholder={ __( 'Assistant', 'docent' ) }
				value={ value.name }
				onChange={ ( name ) => change( { ...value, name } ) }
			/>
			<TextareaControl
				__nextHasNoMarginBottom
				label={ __( 'Instructions', 'docent' ) }
				help={ sprintf(
					/* translators: 1: characters written, 2: characters allowed. */
					__(
						'Tone and house rules, for example “Address people formally. Prices include VAT.” Facts belong on your pages. %1$s of %2$s characters.',
						'docent'
					),
					formatNumber( value.instructions.length ),
					formatNumber( MAX_INSTRUCTIONS_LENGTH )
				) }
				rows={ 4 }
				maxLength={ MAX_INSTRUCTIONS_LENGTH }
				disabled={ isProxyAway }
				value={ value.instructions }
				onChange={ ( instructions ) =>
					change( { ...value, instructions } )
				}
			/>
			<ToggleControl
				__nextHasNoMarginBottom
				label={ __( 'Show a button on every page', 'docent' ) }
				help={ __(
					'A round button at the bottom of the page opens the assistant. It never opens by itself.',
					'docent'
				) }
				checked={ value.isLauncherEnabled }
				onChange={ ( isLauncherEnabled ) =>
					change( { ...value, isLauncherEnabled } )
				}
			/>
			{ value.isLauncherEnabled && (
				<RadioControl
					label={ __( 'Side of the button', 'docent' ) }
					selected={ value.position }
					options={ [
						{
							label: __(
								'Right (left on right-to-left pages)',
								'docent'
							),
							value: 'end',
						},
						{
							label: __(
								'Left (right on right-to-left pages)',
								'docent'
							),
							value: 'start',
						},
					] }
					onChange={ ( position ) =>
						change( {
							...value,
							position: position === 'start' ? 'start' : 'end',
						} )
					}
				/>
			) }
			<div className="docent-step__fields">
				<WholeNumberField
					label={ __( 'Keep conversations for (hours)', 'docent' ) }
					help={ __(
						'After that the proxy deletes them. Visitors are told this number.',
						'docent'
					) }
					range={ HOURS }
					typed={ value.hours }
					isDisabled={ isProxyAway }
					onChange={ ( hours ) => change( { ...value, hours } ) }
				/>
				<WholeNumberField
					label={ __( 'Keep the call log for (days)', 'docent' ) }
					help={ __(
						'What each answer cost, without words. The sums of a day are kept for good.',
						'docent'
					) }
					range={ CALL_DAYS }
					typed={ value.callDays }
					isDisabled={ isProxyAway }
					onChange={ ( callDays ) =>
						change( { ...value, callDays } )
					}
				/>
			</div>
			<CardError error={ error } />
			<SaveButtons
				isDirty={ isDirty }
				isBusy={ isBusy }
				onDiscard={ discard }
			/>
		</form>
	);
}

/**
 * Sets how long one may speak and how much voice a day may have.
 */
import { ToggleControl } from '@wordpress/components';
import { __ } from '@wordpress/i18n';
import {
	DAY_MINUTES,
	LIVE_MINUTES,
	QUESTION_SECONDS,
} from '../voice/voice-form.ts';
import type { VoiceFieldsProps } from './voice-card.tsx';
import { WholeNumberField } from './whole-number-field.tsx';

/** Renders the fields, and what only a live conversation has while that is offered. */
export function VoiceLimits( { form, onChange }: VoiceFieldsProps ) {
	return (
		<fieldset className="docent-group">
			<legend className="docent-group__title">
				{ __( 'How much, at most', 'docent' ) }
			</legend>
			<div className="docent-step__fields">
				<WholeNumberField
					label={ __( 'Voice, per day (minutes)', 'docent' ) }
					help={ __(
						'Heard and spoken, all visitors together. Then the assistant goes on in text. 0 allows none.',
						'docent'
					) }
					range={ DAY_MINUTES }
					typed={ form.dayMinutes }
					onChange={ ( dayMinutes ) => onChange( { dayMinutes } ) }
				/>
				<WholeNumberField
					label={ __( 'Spoken question (seconds)', 'docent' ) }
					range={ QUESTION_SECONDS }
					typed={ form.questionSeconds }
					onChange={ ( questionSeconds ) =>
						onChange( { questionSeconds } )
					}
				/>
				{ form.realtime && (
					<WholeNumberField
						label={ __( 'Live conversation (minutes)', 'docent' ) }
						help={ __(
							'It is announced before it ends.',
							'docent'
						) }
						range={ LIVE_MINUTES }
						typed={ form.liveMinutes }
						onChange={ ( liveMinutes ) =>
							onChange( { liveMinutes } )
						}
					/>
				) }
			</div>
			<p className="docent-step__note">
				{ __(
					'The limits in US dollars hold for voice too.',
					'docent'
				) }
			</p>
			{ form.realtime && (
				<ToggleControl
					__nextHasNoMarginBottom
					label={ __( 'Show what it has cost', 'docent' ) }
					help={ __(
						'Visitors see during a live conversation what it has cost you so far. Usual: off.',
						'docent'
					) }
					checked={ form.showSpent }
					onChange={ ( showSpent ) => onChange( { showSpent } ) }
				/>
			) }
			<ToggleControl
				__nextHasNoMarginBottom
				label={ __(
					'Let browsers write down speech on the device',
					'docent'
				) }
				help={ __(
					'Where the visitor’s browser can do that without sending the voice anywhere, it does, and hearing is free. Elsewhere the model of the provider hears. Usual: off.',
					'docent'
				) }
				checked={ form.browserTranscription }
				onChange={ ( browserTranscription ) =>
					onChange( { browserTranscription } )
				}
			/>
		</fieldset>
	);
}

/**
 * Sets the limits that count: questions in a minute, and pictures in a day.
 */
import { __ } from '@wordpress/i18n';
import { IMAGES_DAY, RATE_RANGES, type LimitsForm } from '../limits-form.ts';
import { WholeNumberField } from './whole-number-field.tsx';

/** Renders the fields. */
export function CountFields( {
	typed,
	isDisabled,
	onChange,
}: {
	typed: LimitsForm;
	isDisabled: boolean;
	onChange: ( changes: Partial< LimitsForm > ) => void;
} ) {
	return (
		<fieldset className="docent-group">
			<legend className="docent-group__title">
				{ __( 'Besides money', 'docent' ) }
			</legend>
			<p className="docent-step__note">
				{ __(
					'Whoever asks faster than this is asked to wait a moment. Nothing is lost.',
					'docent'
				) }
			</p>
			<div className="docent-step__fields">
				<WholeNumberField
					label={ __( 'One visitor (questions a minute)', 'docent' ) }
					range={ RATE_RANGES.visitorPerMinute }
					typed={ typed.visitorPerMinute }
					isDisabled={ isDisabled }
					onChange={ ( visitorPerMinute ) =>
						onChange( { visitorPerMinute } )
					}
				/>
				<WholeNumberField
					label={ __(
						'One network address (questions a minute)',
						'docent'
					) }
					help={ __(
						'A school or an office may share one.',
						'docent'
					) }
					range={ RATE_RANGES.addressPerMinute }
					typed={ typed.addressPerMinute }
					isDisabled={ isDisabled }
					onChange={ ( addressPerMinute ) =>
						onChange( { addressPerMinute } )
					}
				/>
				<WholeNumberField
					label={ __( 'Whole site (questions a minute)', 'docent' ) }
					range={ RATE_RANGES.sitePerMinute }
					typed={ typed.sitePerMinute }
					isDisabled={ isDisabled }
					onChange={ ( sitePerMinute ) =>
						onChange( { sitePerMinute } )
					}
				/>
				<WholeNumberField
					label={ __( 'Pictures, per day', 'docent' ) }
					help={ __(
						'Looked at for questions, all visitors together. 0 allows none.',
						'docent'
					) }
					range={ IMAGES_DAY }
					typed={ typed.imagesDay }
					isDisabled={ isDisabled }
					onChange={ ( imagesDay ) => onChange( { imagesDay } ) }
				/>
			</div>
			<p className="docent-step__note">
				{ __(
					'How much voice a day may have is set under “Voice”.',
					'docent'
				) }
			</p>
		</fieldset>
	);
}

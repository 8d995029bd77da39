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
		<>
			<fieldset className="docent-group">
				<legend className="docent-group__title">
					{ __( 'Questions a minute', 'docent' ) }
				</legend>
				<div className="docent-step__fields">
					<WholeNumberField
						label={ __( 'One visitor', 'docent' ) }
						range={ RATE_RANGES.visitorPerMinute }
						typed={ typed.visitorPerMinute }
						isDisabled={ isDisabled }
						onChange={ ( visitorPerMinute ) =>
							onChange( { visitorPerMinute } )
						}
					/>
					<WholeNumberField
						label={ __( 'One network address', 'docent' ) }
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
						label={ __( 'Whole site', 'docent' ) }
						range={ RATE_RANGES.sitePerMinute }
						typed={ typed.sitePerMinute }
						isDisabled={ isDisabled }
						onChange={ ( sitePerMinute ) =>
							onChange( { sitePerMinute } )
						}
					/>
				</div>
				<p className="docent-step__note">
					{ __(
						'Whoever asks faster than this is asked to wait a moment.',
						'docent'
					) }
				</p>
			</fieldset>
			<WholeNumberField
				label={ __( 'Pictures, per day', 'docent' ) }
				help={ __(
					'Looked at for questions, all visitors together. 0 allows none. How much voice a day may have is set under “Voice”.',
					'docent'
				) }
				range={ IMAGES_DAY }
				typed={ typed.imagesDay }
				isDisabled={ isDisabled }
				onChange={ ( imagesDay ) => onChange( { imagesDay } ) }
			/>
		</>
	);
}

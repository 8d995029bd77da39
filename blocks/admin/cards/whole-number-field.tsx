/**
 * Takes a whole number of something, and says which numbers it takes.
 */
import { TextControl } from '@wordpress/components';
import { __, sprintf } from '@wordpress/i18n';
import { formatNumber } from '../format.ts';
import { readWhole, type NumberRange } from '../whole-number.ts';

interface WholeNumberFieldProps {
	/** With the unit. */
	label: string;
	help?: string;
	range: NumberRange;
	typed: string;
	isDisabled?: boolean;
	onChange: ( typed: string ) => void;
}

/** Renders the field. */
export function WholeNumberField( {
	label,
	help,
	range,
	typed,
	isDisabled = false,
	onChange,
}: WholeNumberFieldProps ) {
	const isValid = readWhole( typed, range ) !== undefined;
	return (
		<TextControl
			__next40pxDefaultSize
			__nextHasNoMarginBottom
			className="docent-field--amount"
			label={ label }
			help={
				isValid ? (
					help
				) : (
					<span className="docent-field__problem">
						{ sprintf(
							/* translators: 1: smallest number, 2: largest number. */
							__(
								'Write a whole number from %1$s to %2$s.',
								'docent'
							),
							formatNumber( range.min ),
							formatNumber( range.max )
						) }
					</span>
				)
			}
			type="text"
			inputMode="numeric"
			autoComplete="off"
			dir="ltr"
			aria-invalid={ ! isValid }
			disabled={ isDisabled }
			value={ typed }
			onChange={ onChange }
		/>
	);
}

/**
 * Chooses whether a model is asked which class a doubtful question needs, and what that may cost.
 */
import { TextControl, ToggleControl } from '@wordpress/components';
import { __, sprintf } from '@wordpress/i18n';
import { amountProblemSentence } from '../amount-problem.ts';
import { USUAL_ROUTING } from '../models/routing-form.ts';
import { parseUsd, usdForField } from '../money.ts';
import type { RoutingFieldsProps } from './tier-fields.tsx';

/** Renders the switch, and the price while it is on. */
export function DecisionFields( { form, onChange }: RoutingFieldsProps ) {
	const price = parseUsd( form.decisionMaxUsd );
	return (
		<>
			<ToggleControl
				__nextHasNoMarginBottom
				label={ __( 'Ask a model about doubtful questions', 'docent' ) }
				help={ __(
					'Where nothing says clearly which class a question needs, a cheap model reads the question and chooses. That costs a little each time, within your limits. Usual: off.',
					'docent'
				) }
				checked={ form.decisionModel }
				onChange={ ( decisionModel ) =>
					onChange( { ...form, decisionModel } )
				}
			/>
			{ form.decisionModel && (
				<TextControl
					__next40pxDefaultSize
					__nextHasNoMarginBottom
					className="docent-field--amount"
					label={ __( 'At most, each time (USD)', 'docent' ) }
					help={
						price.isValid ? (
							sprintf(
								/* translators: %s: an amount such as 0.0002. */
								__(
									'If asking could cost more, no model is asked. Usual: %s.',
									'docent'
								),
								usdForField( USUAL_ROUTING.decisionMaxNanoUsd )
							)
						) : (
							<span className="docent-field__problem">
								{ amountProblemSentence( price.problem ) }
							</span>
						)
					}
					type="text"
					inputMode="decimal"
					autoComplete="off"
					dir="ltr"
					aria-invalid={ ! price.isValid }
					value={ form.decisionMaxUsd }
					onChange={ ( decisionMaxUsd ) =>
						onChange( { ...form, decisionMaxUsd } )
					}
				/>
			) }
		</>
	);
}

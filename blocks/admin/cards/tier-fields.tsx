/**
 * Chooses the classes of models that may answer, and says what that comes to.
 */
import {
	CheckboxControl,
	SelectControl,
	ToggleControl,
} from '@wordpress/components';
import { __, sprintf } from '@wordpress/i18n';
import { formatList, formatNumber } from '../format.ts';
import {
	answeringTiers,
	RELATIVE_PRICE,
	standIn,
	TIERS,
	USUAL_ROUTING,
	withTier,
	type RoutingForm,
} from '../models/routing-form.ts';
import { tierName, tierOptions } from '../models/tier-name.ts';
import type { Tier } from '../types.ts';

/** What the parts of the form get. */
export interface RoutingFieldsProps {
	form: RoutingForm;
	onChange: ( form: RoutingForm ) => void;
}

/** Renders the classes, the highest of them, and whether questions may climb. */
export function TierFields( { form, onChange }: RoutingFieldsProps ) {
	const answering = answeringTiers( form );
	return (
		<>
			<fieldset className="docent-group">
				<legend className="docent-group__title">
					{ __( 'Classes that may answer', 'docent' ) }
				</legend>
				{ TIERS.map( ( tier ) => (
					<CheckboxControl
						__nextHasNoMarginBottom
						key={ tier }
						label={ tierName( tier ) }
						help={ priceSentence( tier ) }
						checked={ form.tiers.includes( tier ) }
						// Somebody has to answer. Where it was switched off elsewhere, it can be switched on.
						disabled={
							tier === 'economy' && form.tiers.includes( tier )
						}
						onChange={ ( isOn ) =>
							onChange( {
								...form,
								tiers: withTier( form.tiers, tier, isOn ),
							} )
						}
					/>
				) ) }
				<p className="docent-step__note">
					{ __(
						'The factors are those of the models that come with the proxy. Usual: all three.',
						'docent'
					) }
				</p>
			</fieldset>
			<div className="docent-group">
				<SelectControl
					className="docent-field--class"
					__next40pxDefaultSize
					__nextHasNoMarginBottom
					label={ __( 'Highest class', 'docent' ) }
					help={ sprintf(
						/* translators: %s: name of a class of models. */
						__(
							'No question goes higher, whatever asks for it. Usual: %s.',
							'docent'
						),
						tierName( USUAL_ROUTING.maxTier )
					) }
					options={ tierOptions() }
					value={ form.maxTier }
					onChange={ ( maxTier ) => onChange( { ...form, maxTier } ) }
				/>
				<p className="docent-step__note" role="status">
					{ answering.length > 0
						? sprintf(
								/* translators: %s: names of classes of models. */
								__( 'Answers come from: %s.', 'docent' ),
								formatList( answering.map( tierName ) )
							)
						: __(
								'No class is left, so every question is answered by quoting your site.',
								'docent'
							) }
				</p>
			</div>
			<ToggleControl
				__nextHasNoMarginBottom
				label={ __( 'Hand hard questions up', 'docent' ) }
				help={ __(
					'A model that finds a question too hard hands it to the next class instead of answering; both are paid. Usual: on.',
					'docent'
				) }
				checked={ form.passUp }
				onChange={ ( passUp ) => onChange( { ...form, passUp } ) }
			/>
		</>
	);
}

/** Says who answers in place of classes that are asked for and may not answer. */
export function TierStandIns( { form }: { form: RoutingForm } ) {
	const answering = answeringTiers( form );
	const missing = TIERS.filter(
		( tier ) =>
			! answering.includes( tier ) &&
			[ ...form.rules, ...form.languages ].some(
				( row ) => row.tier === tier
			)
	);
	return (
		<>
			{ missing.map( ( tier ) => {
				const instead = standIn( tier, answering );
				return (
					instead && (
						<p key={ tier } className="docent-step__note">
							{ sprintf(
								/* translators: 1: the class that was asked for, 2: the class that answers. */
								__(
									'%1$s may not answer, so %2$s takes what is sent there.',
									'docent'
								),
								tierName( tier ),
								tierName( instead )
							) }
						</p>
					)
				);
			} ) }
		</>
	);
}

function priceSentence( tier: Tier ): string {
	const factor = formatNumber( RELATIVE_PRICE[ tier ] );
	switch ( tier ) {
		case 'economy':
			return __(
				'The cheapest, and good enough for most questions. Always on.',
				'docent'
			);
		case 'standard':
			return sprintf(
				/* translators: %s: how many times. */
				__(
					'For hard questions. An answer costs about %s times as much as from Economy.',
					'docent'
				),
				factor
			);
		case 'premium':
			return sprintf(
				/* translators: %s: how many times. */
				__(
					'For the hardest questions. An answer costs about %s times as much as from Economy.',
					'docent'
				),
				factor
			);
	}
}

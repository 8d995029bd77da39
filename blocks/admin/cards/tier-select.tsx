/**
 * Lets the owner choose the class of models of a row.
 */
import { SelectControl } from '@wordpress/components';
import { __ } from '@wordpress/i18n';
import { tierOptions } from '../models/tier-name.ts';
import type { Tier } from '../types.ts';

/** Renders the choice. */
export function TierSelect( {
	tier,
	onChange,
}: {
	tier: Tier;
	onChange: ( tier: Tier ) => void;
} ) {
	return (
		<SelectControl
			__next40pxDefaultSize
			__nextHasNoMarginBottom
			className="docent-rows__tier"
			label={ __( 'Class', 'docent' ) }
			options={ tierOptions() }
			value={ tier }
			onChange={ onChange }
		/>
	);
}

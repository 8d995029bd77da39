/**
 * Names classes of models, in the same words as the figures.
 */
import { inWords, tierWords } from '../figures/words.ts';
import type { Tier } from '../types.ts';
import { TIERS } from './routing-form.ts';

/** Answers the name of a class. */
export function tierName( tier: Tier ): string {
	return inWords( tierWords(), tier );
}

/** Answers the classes as options of a select field. */
export function tierOptions(): Array< { value: Tier; label: string } > {
	return TIERS.map( ( value ) => ( { value, label: tierName( value ) } ) );
}

/**
 * Offers the two things that can be read aloud as choices in the block inserter.
 */
import type { BlockVariation } from '@wordpress/blocks';
import { __ } from '@wordpress/i18n';
import { audio } from '@wordpress/icons';
import type { Attributes } from './attributes.ts';

/** The whole article, and one section. */
export const variations: BlockVariation< Partial< Attributes > >[] = [
	{
		name: 'article',
		title: __( 'Listen to this article', 'docent' ),
		description: __( 'Reads the whole article aloud.', 'docent' ),
		icon: audio,
		isDefault: true,
		attributes: { what: 'article' },
		isActive: [ 'what' ],
		scope: [ 'inserter', 'transform' ],
	},
	{
		name: 'section',
		title: __( 'Listen to this section', 'docent' ),
		description: __(
			'Reads aloud what stands under the heading before it.',
			'docent'
		),
		icon: audio,
		attributes: { what: 'section' },
		isActive: [ 'what' ],
		scope: [ 'inserter', 'transform' ],
	},
];

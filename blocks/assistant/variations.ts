/**
 * Offers the ways to use the assistant as choices in the block inserter.
 */
import type { BlockVariation } from '@wordpress/blocks';
import { __ } from '@wordpress/i18n';
import { button, comment, page } from '@wordpress/icons';
import type { Attributes } from './edit/attributes.ts';

/** Panel, button, and a guide to one page. */
export const variations: BlockVariation< Partial< Attributes > >[] = [
	{
		name: 'panel',
		title: __( 'Docent assistant', 'docent' ),
		description: __(
			'A panel in the page where visitors ask about the site.',
			'docent'
		),
		icon: comment,
		isDefault: true,
		attributes: { display: 'inline', scope: 'site' },
		isActive: [ 'display', 'scope' ],
		scope: [ 'inserter', 'transform' ],
	},
	{
		name: 'button',
		title: __( 'Docent button', 'docent' ),
		description: __(
			'A button that opens the assistant over the page.',
			'docent'
		),
		icon: button,
		attributes: { display: 'button' },
		isActive: [ 'display' ],
		scope: [ 'inserter', 'transform' ],
	},
	{
		name: 'page-guide',
		title: __( 'Docent page guide', 'docent' ),
		description: __(
			'A panel that answers only from the page it stands on.',
			'docent'
		),
		icon: page,
		attributes: { display: 'inline', scope: 'page' },
		isActive: [ 'display', 'scope' ],
		scope: [ 'inserter', 'transform' ],
	},
];

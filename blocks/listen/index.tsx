/**
 * Registers the player block in the editor.
 */
import {
	registerBlockType,
	type BlockConfiguration,
	type BlockVariation,
} from '@wordpress/blocks';
import { audio } from '@wordpress/icons';
import type { Attributes } from './attributes.ts';
import metadata from './block.json';
import { Edit } from './edit.tsx';
import { variations } from './variations.ts';
import './style.scss';
import './editor.scss';

registerBlockType( metadata as unknown as BlockConfiguration< Attributes >, {
	icon: audio,
	edit: Edit,
	// A variation sets some attributes; the type asks for all.
	variations: variations as BlockVariation< Attributes >[],
} );

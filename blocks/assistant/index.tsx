/**
 * Registers the assistant block in the editor.
 */
import { registerBlockType, type BlockConfiguration } from '@wordpress/blocks';
import metadata from './block.json';
import { Edit } from './edit.tsx';

registerBlockType( metadata as unknown as BlockConfiguration, { edit: Edit } );

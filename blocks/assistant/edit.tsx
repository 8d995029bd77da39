/**
 * Shows the assistant block in the editor.
 */
import { useBlockProps } from '@wordpress/block-editor';
import { __ } from '@wordpress/i18n';

/** Renders the block as the editor shows it. */
export function Edit() {
	return <div { ...useBlockProps() }>{ __( 'Assistant', 'docent' ) }</div>;
}

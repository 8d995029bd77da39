/**
 * Shows the assistant block in the editor: what a visitor will see, with its words editable in place.
 */
import { useBlockProps } from '@wordpress/block-editor';
import { __ } from '@wordpress/i18n';
import type { EditProps } from './edit/attributes.ts';
import { ConnectionNotice } from './edit/connection-notice.tsx';
import { Inspector } from './edit/inspector.tsx';
import { PanelPreview } from './edit/panel-preview.tsx';
import { useSite } from './edit/use-site.ts';

/** Renders the block and its sidebar. */
export function Edit( props: EditProps ) {
	const { attributes, isSelected } = props;
	const site = useSite();
	const isFloating = attributes.display !== 'inline';
	const blockProps = useBlockProps( {
		className: `docent docent--${ isFloating ? 'button' : 'inline' }`,
		style: { '--docent-max-height': `${ attributes.maxHeight }px` },
	} );

	return (
		<div { ...blockProps }>
			<Inspector { ...props } site={ site } />
			{ site.isConnected === false && <ConnectionNotice /> }
			{ isFloating && (
				<button
					type="button"
					className="docent-launcher wp-element-button"
					tabIndex={ -1 }
				>
					<span className="docent-launcher__label">
						{ __( 'Ask a question', 'docent' ) }
					</span>
				</button>
			) }
			{ ( ! isFloating || isSelected ) && (
				<PanelPreview
					{ ...props }
					site={ site }
					isFloating={ isFloating }
				/>
			) }
		</div>
	);
}

/**
 * Shows the panel as a visitor will first see it; its words are edited in place.
 */
import { decodeEntities } from '@wordpress/html-entities';
import { __, sprintf } from '@wordpress/i18n';
import type { EditProps } from './attributes.ts';
import { PlainField } from './plain-field.tsx';
import { PreviewIcon } from './preview-icon.tsx';
import { SuggestionChips } from './suggestion-chips.tsx';
import type { Site } from './use-site.ts';

interface PanelPreviewProps extends EditProps {
	site: Site;
	/** A panel that opens over the page has a button to close it. */
	isFloating: boolean;
}

/** Renders the panel with the class names of render.php, so that the same styles reach it. */
export function PanelPreview( {
	attributes,
	setAttributes,
	isSelected,
	site,
	isFloating,
}: PanelPreviewProps ) {
	const { name, greeting, placeholder, suggestions, modalities } = attributes;
	const hasMicrophone =
		modalities.includes( 'voice' ) && site.isVoiceOffered !== false;
	const siteName = decodeEntities( site.name ?? '' );
	return (
		<section className="docent-panel">
			<div className="docent-header">
				<div className="docent-title">
					<p className="docent-name">
						{ name ||
							site.assistantName ||
							__( 'Assistant', 'docent' ) }
					</p>
					<p className="docent-about">
						{ __(
							'AI assistant, answers from this site',
							'docent'
						) }
					</p>
				</div>
				<InertButton className="docent-tool" icon="more" />
				{ isFloating && (
					<InertButton className="docent-tool" icon="close" />
				) }
			</div>
			<div className="docent-log">
				<PlainField
					tagName="p"
					className="docent-greeting"
					label={ __( 'Greeting', 'docent' ) }
					placeholder={ sprintf(
						/* translators: %s: name of the site. */
						__( 'Hello. Ask anything about %s.', 'docent' ),
						siteName || __( 'this site', 'docent' )
					) }
					value={ greeting }
					onChange={ ( text ) => setAttributes( { greeting: text } ) }
				/>
			</div>
			<SuggestionChips
				suggestions={ suggestions }
				isSelected={ isSelected }
				onChange={ ( next ) => setAttributes( { suggestions: next } ) }
			/>
			<div className="docent-foot">
				<div className="docent-composer">
					<PlainField
						tagName="div"
						className="docent-field"
						label={ __(
							'Text in the empty question field',
							'docent'
						) }
						placeholder={ __( 'Ask a question', 'docent' ) }
						value={ placeholder }
						onChange={ ( text ) =>
							setAttributes( { placeholder: text } )
						}
					/>
					{ hasMicrophone && (
						<InertButton
							className="docent-tool docent-microphone"
							icon="mic"
						/>
					) }
					<InertButton
						className="docent-send wp-element-button"
						icon="send"
					/>
				</div>
			</div>
		</section>
	);
}

/** A control of the panel that does nothing in the editor and is not in the way of the keyboard. */
function InertButton( {
	className,
	icon,
}: {
	className: string;
	icon: 'more' | 'close' | 'mic' | 'send';
} ) {
	return (
		<button
			type="button"
			className={ className }
			tabIndex={ -1 }
			aria-hidden="true"
		>
			<PreviewIcon name={ icon } />
		</button>
	);
}

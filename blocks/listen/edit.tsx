/**
 * Shows the player block in the editor as visitors find it, with the words on its button editable in place.
 */
import { InspectorControls, useBlockProps } from '@wordpress/block-editor';
import {
	RadioControl,
	ToggleControl,
	__experimentalToolsPanel as ToolsPanel,
	__experimentalToolsPanelItem as ToolsPanelItem,
} from '@wordpress/components';
import { __, _x } from '@wordpress/i18n';
import { PlainField } from '../assistant/edit/plain-field.tsx';
import { useSite } from '../assistant/edit/use-site.ts';
import { VoiceRoleSelect } from '../assistant/edit/voice-role-select.tsx';
import type { EditProps } from './attributes.ts';

/** Renders the block and its sidebar. */
export function Edit( { attributes, setAttributes }: EditProps ) {
	const { what, label } = attributes;
	const usual =
		what === 'section'
			? __( 'Listen to this section', 'docent' )
			: __( 'Listen to this article', 'docent' );
	return (
		<div { ...useBlockProps( { className: 'docent-listen' } ) }>
			<Inspector
				attributes={ attributes }
				setAttributes={ setAttributes }
			/>
			<div className="docent-listen__bar">
				<div className="docent-listen__play wp-element-button">
					<svg
						className="docent-listen__icon"
						viewBox="0 0 24 24"
						width="24"
						height="24"
						aria-hidden="true"
						focusable="false"
					>
						<path d="M7 4.5v15l12-7.5Z" />
					</svg>
					<PlainField
						tagName="span"
						className="docent-listen__label"
						label={ __( 'Words on the button', 'docent' ) }
						placeholder={ usual }
						value={ label }
						onChange={ ( value ) =>
							setAttributes( { label: value } )
						}
					/>
				</div>
			</div>
			<p className="docent-listen__note">
				{ __(
					'Read by an AI voice. Nothing that you write or say is sent.',
					'docent'
				) }
			</p>
		</div>
	);
}

function Inspector( { attributes, setAttributes }: EditProps ) {
	const { what, voiceRole, hasSpeed } = attributes;
	const { voiceRoles } = useSite();
	const resetWhat = () => setAttributes( { what: 'article' } );
	const resetVoice = () => setAttributes( { voiceRole: '' } );
	const resetSpeed = () => setAttributes( { hasSpeed: true } );
	return (
		<InspectorControls>
			<ToolsPanel
				label={ __( 'Reading aloud', 'docent' ) }
				resetAll={ () => {
					resetWhat();
					resetVoice();
					resetSpeed();
				} }
			>
				<ToolsPanelItem
					label={ __( 'What is read', 'docent' ) }
					hasValue={ () => what !== 'article' }
					onDeselect={ resetWhat }
					isShownByDefault
				>
					<RadioControl
						label={ __( 'What is read', 'docent' ) }
						selected={ what }
						options={ [
							{
								label: __( 'The whole article', 'docent' ),
								value: 'article',
							},
							{
								label: __(
									'The section under the heading before this block',
									'docent'
								),
								value: 'section',
							},
						] }
						onChange={ ( value ) =>
							setAttributes( {
								what:
									value === 'section' ? 'section' : 'article',
							} )
						}
					/>
				</ToolsPanelItem>
				<ToolsPanelItem
					label={ _x(
						'Voice',
						'what somebody sounds like',
						'docent'
					) }
					hasValue={ () => voiceRole !== '' }
					onDeselect={ resetVoice }
					isShownByDefault
				>
					<VoiceRoleSelect
						voiceRole={ voiceRole }
						roles={ voiceRoles }
						onChange={ ( value ) =>
							setAttributes( { voiceRole: value } )
						}
					/>
				</ToolsPanelItem>
				<ToolsPanelItem
					label={ __( 'Speed', 'docent' ) }
					hasValue={ () => ! hasSpeed }
					onDeselect={ resetSpeed }
					isShownByDefault
				>
					<ToggleControl
						__nextHasNoMarginBottom
						label={ __(
							'Visitors can choose the speed',
							'docent'
						) }
						checked={ hasSpeed }
						onChange={ ( value ) =>
							setAttributes( { hasSpeed: value } )
						}
					/>
				</ToolsPanelItem>
			</ToolsPanel>
		</InspectorControls>
	);
}

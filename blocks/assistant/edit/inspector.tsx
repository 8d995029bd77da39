/**
 * Puts the settings of the block into the sidebar.
 */
import { InspectorControls } from '@wordpress/block-editor';
import {
	BaseControl,
	CheckboxControl,
	RadioControl,
	RangeControl,
	TextControl,
	__experimentalToolsPanel as ToolsPanel,
	__experimentalToolsPanelItem as ToolsPanelItem,
} from '@wordpress/components';
import { __, _x } from '@wordpress/i18n';
import {
	MAX_HEIGHT,
	MIN_HEIGHT,
	USUAL_MODALITIES,
	withVoice,
	type EditProps,
} from './attributes.ts';
import { SuggestionList } from './suggestion-list.tsx';
import type { Site } from './use-site.ts';
import { VoiceRoleSelect } from './voice-role-select.tsx';

interface InspectorProps extends EditProps {
	site: Site;
}

/** Renders the panels of the sidebar. */
export function Inspector( props: InspectorProps ) {
	const { attributes, setAttributes } = props;
	return (
		<InspectorControls>
			<LayoutPanel { ...props } />
			<AnswersPanel { ...props } />
			<WordsPanel { ...props } />
			<SuggestionList
				suggestions={ attributes.suggestions }
				onChange={ ( suggestions ) => setAttributes( { suggestions } ) }
			/>
		</InspectorControls>
	);
}

const DEFAULT_HEIGHT = 560;

function LayoutPanel( { attributes, setAttributes }: InspectorProps ) {
	const { display, maxHeight } = attributes;
	const resetDisplay = () => setAttributes( { display: 'inline' } );
	const resetHeight = () => setAttributes( { maxHeight: DEFAULT_HEIGHT } );
	return (
		<ToolsPanel
			label={ __( 'Layout', 'docent' ) }
			resetAll={ () => {
				resetDisplay();
				resetHeight();
			} }
		>
			<ToolsPanelItem
				label={ __( 'Display', 'docent' ) }
				hasValue={ () => display !== 'inline' }
				onDeselect={ resetDisplay }
				isShownByDefault
			>
				<RadioControl
					label={ __( 'Display', 'docent' ) }
					selected={ display === 'inline' ? 'inline' : 'button' }
					options={ [
						{
							label: __( 'Panel in the page', 'docent' ),
							value: 'inline',
						},
						{
							label: __(
								'Button that opens the panel',
								'docent'
							),
							value: 'button',
						},
					] }
					onChange={ ( value ) =>
						setAttributes( {
							display: value === 'button' ? 'button' : 'inline',
						} )
					}
				/>
			</ToolsPanelItem>
			<ToolsPanelItem
				label={ __( 'Greatest height', 'docent' ) }
				hasValue={ () => maxHeight !== DEFAULT_HEIGHT }
				onDeselect={ resetHeight }
				isShownByDefault
			>
				<RangeControl
					__next40pxDefaultSize
					__nextHasNoMarginBottom
					label={ __( 'Greatest height (pixels)', 'docent' ) }
					help={ __(
						'The panel grows with the conversation up to this height, then the conversation scrolls.',
						'docent'
					) }
					min={ MIN_HEIGHT }
					max={ MAX_HEIGHT }
					step={ 20 }
					value={ maxHeight }
					onChange={ ( value ) =>
						setAttributes( { maxHeight: value ?? DEFAULT_HEIGHT } )
					}
				/>
			</ToolsPanelItem>
		</ToolsPanel>
	);
}

function AnswersPanel( { attributes, setAttributes, site }: InspectorProps ) {
	const { scope, modalities, voiceRole } = attributes;
	const hasVoice = modalities.includes( 'voice' );
	const resetScope = () => setAttributes( { scope: 'site' } );
	const resetModalities = () =>
		setAttributes( { modalities: [ ...USUAL_MODALITIES ] } );
	const resetVoiceRole = () => setAttributes( { voiceRole: '' } );
	return (
		<ToolsPanel
			label={ __( 'Questions and answers', 'docent' ) }
			resetAll={ () => {
				resetScope();
				resetModalities();
				resetVoiceRole();
			} }
		>
			<ToolsPanelItem
				label={ __( 'Answers from', 'docent' ) }
				hasValue={ () => scope !== 'site' }
				onDeselect={ resetScope }
				isShownByDefault
			>
				<RadioControl
					label={ __( 'Answers from', 'docent' ) }
					selected={ scope }
					options={ [
						{
							label: __( 'The whole site', 'docent' ),
							value: 'site',
						},
						{
							label: __( 'Only the page it stands on', 'docent' ),
							value: 'page',
						},
					] }
					onChange={ ( value ) =>
						setAttributes( {
							scope: value === 'page' ? 'page' : 'site',
						} )
					}
				/>
			</ToolsPanelItem>
			<ToolsPanelItem
				label={ __( 'Ways to ask', 'docent' ) }
				hasValue={ () => ! hasVoice }
				onDeselect={ resetModalities }
				isShownByDefault
			>
				<fieldset className="docent-modalities">
					<BaseControl.VisualLabel as="legend">
						{ __( 'Ways to ask', 'docent' ) }
					</BaseControl.VisualLabel>
					<CheckboxControl
						__nextHasNoMarginBottom
						label={ __( 'Text', 'docent' ) }
						help={ __( 'Always on.', 'docent' ) }
						checked
						disabled
						onChange={ () => {} }
					/>
					<CheckboxControl
						__nextHasNoMarginBottom
						label={ _x(
							'Voice',
							'what somebody sounds like',
							'docent'
						) }
						help={
							site.isVoiceOffered === false
								? __(
										'The site does not offer voice at the moment, so visitors see no microphone. See Settings → Docent.',
										'docent'
									)
								: __(
										'A microphone in the question field.',
										'docent'
									)
						}
						checked={ hasVoice }
						onChange={ ( isOn ) =>
							setAttributes( {
								modalities: withVoice( modalities, isOn ),
							} )
						}
					/>
					<UnavailableModality label={ __( 'Pictures', 'docent' ) } />
				</fieldset>
			</ToolsPanelItem>
			{ hasVoice && (
				<ToolsPanelItem
					label={ __( 'Speaks as', 'docent' ) }
					hasValue={ () => voiceRole !== '' }
					onDeselect={ resetVoiceRole }
					isShownByDefault
				>
					<VoiceRoleSelect
						voiceRole={ voiceRole }
						roles={ site.voiceRoles }
						onChange={ ( id ) =>
							setAttributes( { voiceRole: id } )
						}
					/>
				</ToolsPanelItem>
			) }
		</ToolsPanel>
	);
}

function UnavailableModality( { label }: { label: string } ) {
	return (
		<CheckboxControl
			__nextHasNoMarginBottom
			label={ label }
			help={ __( 'Not available in this version.', 'docent' ) }
			checked={ false }
			disabled
			onChange={ () => {} }
		/>
	);
}

function WordsPanel( { attributes, setAttributes, site }: InspectorProps ) {
	const fields = [
		{
			attribute: 'name',
			label: __( 'Name', 'docent' ),
			help: __( 'Empty: the name from the settings page.', 'docent' ),
			placeholder: site.assistantName ?? __( 'Assistant', 'docent' ),
		},
		{
			attribute: 'greeting',
			label: __( 'Greeting', 'docent' ),
			help: __( 'The first words in the panel.', 'docent' ),
			placeholder: '',
		},
		{
			attribute: 'placeholder',
			label: __( 'Text in the empty question field', 'docent' ),
			help: '',
			placeholder: __( 'Ask a question', 'docent' ),
		},
	] as const;
	return (
		<ToolsPanel
			label={ __( 'Words', 'docent' ) }
			resetAll={ () =>
				setAttributes( { name: '', greeting: '', placeholder: '' } )
			}
		>
			{ fields.map( ( { attribute, label, help, placeholder } ) => (
				<ToolsPanelItem
					key={ attribute }
					label={ label }
					hasValue={ () => attributes[ attribute ] !== '' }
					onDeselect={ () => setAttributes( { [ attribute ]: '' } ) }
					isShownByDefault
				>
					<TextControl
						__next40pxDefaultSize
						__nextHasNoMarginBottom
						label={ label }
						help={ help }
						placeholder={ placeholder }
						value={ attributes[ attribute ] }
						onChange={ ( value ) =>
							setAttributes( { [ attribute ]: value } )
						}
					/>
				</ToolsPanelItem>
			) ) }
		</ToolsPanel>
	);
}

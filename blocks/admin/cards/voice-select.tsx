/**
 * Chooses a voice by its name: one of those that are known, or any other that is written.
 */
import { SelectControl, TextControl } from '@wordpress/components';
import { useState } from '@wordpress/element';
import { __ } from '@wordpress/i18n';
import { KNOWN_VOICES, MAX_VOICE_NAME } from '../voice/roles.ts';

const ANOTHER = '';

/** Renders the choice, and a field while another voice is written. */
export function VoiceSelect( {
	label,
	help,
	voice,
	isRefused,
	onChange,
}: {
	label: string;
	help?: string;
	voice: string;
	/** Whether saving was tried; a field that waits for its name is a mistake only then. */
	isRefused: boolean;
	onChange: ( voice: string ) => void;
} ) {
	const isKnown = KNOWN_VOICES.includes( voice );
	const [ isWriting, setIsWriting ] = useState( ! isKnown );
	const isMissing = isRefused && voice.trim() === '';
	const options = [
		...KNOWN_VOICES.map( ( name ) => ( {
			value: name,
			label: name.charAt( 0 ).toUpperCase() + name.slice( 1 ),
		} ) ),
		{ value: ANOTHER, label: __( 'Another…', 'docent' ) },
	];
	return (
		<div className="docent-voice">
			<SelectControl
				__next40pxDefaultSize
				__nextHasNoMarginBottom
				className="docent-field--class"
				label={ label }
				help={ help }
				options={ options }
				value={ isKnown && ! isWriting ? voice : ANOTHER }
				onChange={ ( name ) => {
					setIsWriting( name === ANOTHER );
					onChange( name );
				} }
			/>
			{ ( isWriting || ! isKnown ) && (
				<TextControl
					__next40pxDefaultSize
					__nextHasNoMarginBottom
					className="docent-field--class"
					label={ __( 'Name of the voice', 'docent' ) }
					help={
						isMissing ? (
							<span className="docent-field__problem">
								{ __( 'Write the name of a voice.', 'docent' ) }
							</span>
						) : (
							__( 'As the provider calls it.', 'docent' )
						)
					}
					autoComplete="off"
					dir="ltr"
					maxLength={ MAX_VOICE_NAME }
					aria-invalid={ isMissing }
					value={ voice }
					onChange={ onChange }
				/>
			) }
		</div>
	);
}

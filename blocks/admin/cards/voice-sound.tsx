/**
 * Chooses who speaks the answers, in which voice and how.
 */
import { RadioControl, TextareaControl } from '@wordpress/components';
import { __, _x, sprintf } from '@wordpress/i18n';
import { formatNumber } from '../format.ts';
import { MAX_VOICE_INSTRUCTIONS } from '../voice/roles.ts';
import type { VoiceFieldsProps } from './voice-card.tsx';
import { VoiceSelect } from './voice-select.tsx';

/** Renders the fields. The browser's own voice has no name here and takes no instructions; expressive and live voices do. */
export function VoiceSound( {
	form,
	isRefused,
	onChange,
}: VoiceFieldsProps & { isRefused: boolean } ) {
	return (
		<>
			<RadioControl
				label={ __( 'Who speaks the answers', 'docent' ) }
				selected={ form.speech }
				options={ [
					{
						label: __( 'A model of the provider', 'docent' ),
						value: 'provider',
						description: __(
							'The same voice for everybody. Frequent answers are paid for once and stored.',
							'docent'
						),
					},
					{
						label: __( 'The visitor’s browser', 'docent' ),
						value: 'browser',
						description: __(
							'Free. Which voice that is depends on the visitor’s device.',
							'docent'
						),
					},
				] }
				onChange={ ( speech ) =>
					onChange( {
						speech: speech === 'browser' ? 'browser' : 'provider',
					} )
				}
			/>
			<VoiceSelect
				label={ _x( 'Voice', 'what somebody sounds like', 'docent' ) }
				help={ __(
					'The assistant’s own voice, wherever a model speaks.',
					'docent'
				) }
				voice={ form.voice }
				isRefused={ isRefused }
				onChange={ ( voice ) => onChange( { voice } ) }
			/>
			<TextareaControl
				__nextHasNoMarginBottom
				label={ __( 'How it speaks', 'docent' ) }
				help={ sprintf(
					/* translators: 1: characters written, 2: characters allowed. */
					__(
						'For example “Warm and unhurried, like a museum guide.” %1$s of %2$s characters.',
						'docent'
					),
					formatNumber( form.instructions.length ),
					formatNumber( MAX_VOICE_INSTRUCTIONS )
				) }
				rows={ 2 }
				maxLength={ MAX_VOICE_INSTRUCTIONS }
				value={ form.instructions }
				onChange={ ( instructions ) => onChange( { instructions } ) }
			/>
		</>
	);
}

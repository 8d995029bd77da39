/**
 * Chooses which kinds of voice visitors find, and says what a minute of each costs.
 */
import { CheckboxControl, Icon } from '@wordpress/components';
import { __ } from '@wordpress/i18n';
import { info } from '@wordpress/icons';
import { abilityPrice, cascadePrice } from '../voice/minute-price.ts';
import type { VoiceFieldsProps } from './voice-card.tsx';

/** Renders the three kinds, and what hinders them. */
export function VoiceKinds( { form, abilities, onChange }: VoiceFieldsProps ) {
	const cannotHear = abilities !== null && abilities.transcription === null;
	const noModel = __( 'The proxy has no model and key for this.', 'docent' );
	return (
		<fieldset className="docent-group">
			<legend className="docent-group__title">
				{ __( 'Kinds of voice', 'docent' ) }
			</legend>
			{ cannotHear && (
				<p className="docent-saving" role="status">
					<Icon icon={ info } />
					<span>
						{ __(
							'The proxy has no key for a model that can hear, so visitors find no microphone. Whoever runs the proxy sets OPENAI_API_KEY there, or names a model for “transcription”.',
							'docent'
						) }
					</span>
				</p>
			) }
			<CheckboxControl
				__nextHasNoMarginBottom
				label={ __( 'Spoken questions and answers', 'docent' ) }
				help={ sentences(
					__(
						'The question is written down, answered from your site like any other, and the answer is spoken. Frequent answers are spoken from store. Always part of voice.',
						'docent'
					),
					cascadePrice( { abilities, speech: form.speech } )
				) }
				checked
				disabled
				onChange={ () => {} }
			/>
			<CheckboxControl
				__nextHasNoMarginBottom
				label={ __( 'Expressive answers', 'docent' ) }
				help={ sentences(
					__(
						'One model hears the question itself, with its tone, and speaks the answer. Livelier and dearer.',
						'docent'
					),
					abilities?.audioChat === null
						? noModel
						: abilityPrice( abilities, 'audioChat' )
				) }
				checked={ form.expressive }
				onChange={ ( expressive ) => onChange( { expressive } ) }
			/>
			<CheckboxControl
				__nextHasNoMarginBottom
				label={ __( 'Live conversation', 'docent' ) }
				help={ sentences(
					__(
						'Visitor and assistant talk freely, and the visitor may interrupt. With every answer the model hears the conversation so far again, at a lower price, so long conversations cost more.',
						'docent'
					),
					abilities?.realtime === null
						? noModel
						: abilityPrice( abilities, 'realtime' )
				) }
				checked={ form.realtime }
				onChange={ ( realtime ) => onChange( { realtime } ) }
			/>
		</fieldset>
	);
}

function sentences( ...parts: Array< string | undefined > ): string {
	return parts.filter( Boolean ).join( ' ' );
}

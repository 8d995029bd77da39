/**
 * Chooses how articles are read aloud by the block “Listen to this article”.
 */
import { ToggleControl } from '@wordpress/components';
import { __ } from '@wordpress/i18n';
import type { VoiceFieldsProps } from './voice-card.tsx';

/** Renders the switches; two of them need a voice that can be stored. */
export function ReadAloudFields( {
	form,
	abilities,
	onChange,
}: VoiceFieldsProps ) {
	const canSpeak =
		form.speech === 'provider' &&
		( abilities === null || abilities.speech !== null );
	return (
		<fieldset className="docent-group">
			<legend className="docent-group__title">
				{ __( 'Reading pages aloud', 'docent' ) }
			</legend>
			<ToggleControl
				__nextHasNoMarginBottom
				label={ __( 'Have pages read by a model', 'docent' ) }
				help={ readAloudHelp( form.speech, canSpeak ) }
				checked={ form.readAloud && canSpeak }
				disabled={ ! canSpeak }
				onChange={ ( readAloud ) => onChange( { readAloud } ) }
			/>
			{ form.readAloud && canSpeak && (
				<>
					<ToggleControl
						__nextHasNoMarginBottom
						label={ __(
							'Speak pages when they are published',
							'docent'
						) }
						help={ __(
							'Every page of the chosen content types that is published or changed from now on is spoken in the background, whether or not anybody listens. Off: at the first listener.',
							'docent'
						) }
						checked={ form.isMadeAhead }
						onChange={ ( isMadeAhead ) =>
							onChange( { isMadeAhead } )
						}
					/>
					<ToggleControl
						__nextHasNoMarginBottom
						label={ __( 'Allow downloads', 'docent' ) }
						help={ __(
							'Visitors may keep what was read aloud as a file.',
							'docent'
						) }
						checked={ form.download }
						onChange={ ( download ) => onChange( { download } ) }
					/>
				</>
			) }
		</fieldset>
	);
}

function readAloudHelp(
	speech: VoiceFieldsProps[ 'form' ][ 'speech' ],
	canSpeak: boolean
): string {
	if ( canSpeak ) {
		return __(
			'For the block “Listen to this article”. A text is spoken once, paid for once and stored until it changes. Off: the visitor’s browser reads, free.',
			'docent'
		);
	}
	return speech === 'browser'
		? __(
				'The visitor’s browser speaks the answers, so it reads pages too, free.',
				'docent'
			)
		: __(
				'The proxy has no model and key that can speak, so the visitor’s browser reads, free.',
				'docent'
			);
}

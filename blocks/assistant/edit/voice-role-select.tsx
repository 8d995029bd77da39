/**
 * Chooses in which voice the assistant of this block speaks.
 */
import { SelectControl } from '@wordpress/components';
import { __, sprintf } from '@wordpress/i18n';
import type { VoiceRole } from './use-site.ts';

/** Renders the choice among the voice roles of the settings; whoever may not read those keeps what is set. */
export function VoiceRoleSelect( {
	voiceRole,
	roles = [],
	onChange,
}: {
	voiceRole: string;
	roles: VoiceRole[] | undefined;
	onChange: ( voiceRole: string ) => void;
} ) {
	const isListed =
		voiceRole === '' || roles.some( ( { id } ) => id === voiceRole );
	const options = [
		{
			value: '',
			label: __( 'Default: the assistant’s own voice', 'docent' ),
		},
		...roles.map( ( { id, name } ) => ( { value: id, label: name } ) ),
		...( isListed ? [] : [ { value: voiceRole, label: voiceRole } ] ),
	];
	return (
		<SelectControl
			__next40pxDefaultSize
			__nextHasNoMarginBottom
			label={ __( 'Speaks as', 'docent' ) }
			help={ helpSentence( roles.length > 0, isListed, voiceRole ) }
			options={ options }
			value={ voiceRole }
			onChange={ onChange }
		/>
	);
}

function helpSentence(
	hasRoles: boolean,
	isListed: boolean,
	voiceRole: string
): string {
	if ( ! isListed && hasRoles ) {
		return sprintf(
			/* translators: %s: id of a voice role. */
			__(
				'There is no voice role “%s” any more, so the assistant’s own voice speaks.',
				'docent'
			),
			voiceRole
		);
	}
	return __(
		'Voice roles are made under Settings → Docent → Voice.',
		'docent'
	);
}

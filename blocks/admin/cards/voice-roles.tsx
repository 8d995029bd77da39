/**
 * Edits the voice roles: further voices with a manner of their own, which a block can be given.
 */
import { TextareaControl, TextControl } from '@wordpress/components';
import { __, _x, sprintf } from '@wordpress/i18n';
import {
	isNameRepeated,
	MAX_ROLE_NAME,
	MAX_ROLES,
	MAX_VOICE_INSTRUCTIONS,
	NEW_ROLE,
	type RoleRow,
} from '../voice/roles.ts';
import { RowList } from './row-list.tsx';
import { VoiceSelect } from './voice-select.tsx';

/** Renders the roles. */
export function VoiceRoles( {
	roles,
	isRefused,
	onChange,
}: {
	roles: RoleRow[];
	/** Whether saving was tried; a row that waits for its name is a mistake only then. */
	isRefused: boolean;
	onChange: ( roles: RoleRow[] ) => void;
} ) {
	return (
		<RowList
			title={ __( 'Voice roles', 'docent' ) }
			description={ __(
				'Further voices, such as a storyteller for the children’s pages. A block is given one in its sidebar; the others keep the assistant’s own voice.',
				'docent'
			) }
			rows={ roles }
			onChange={ onChange }
			newRow={ roles.length < MAX_ROLES ? NEW_ROLE : undefined }
			words={ {
				add: __( 'Add a voice role', 'docent' ),
				empty: __(
					'No voice roles yet. Everything is spoken in the assistant’s own voice.',
					'docent'
				),
				remove: removeLabel,
				removed: __(
					'Voice role removed. Save to let that take effect; blocks that had it speak in the assistant’s own voice.',
					'docent'
				),
			} }
		>
			{ ( row, index, change ) => (
				<>
					<NameField
						row={ row }
						index={ index }
						isRepeated={ isNameRepeated( roles, index ) }
						isRefused={ isRefused }
						onChange={ change }
					/>
					<VoiceSelect
						label={ _x(
							'Voice',
							'what somebody sounds like',
							'docent'
						) }
						voice={ row.voice }
						isRefused={ isRefused }
						onChange={ ( voice ) => change( { ...row, voice } ) }
					/>
					<TextareaControl
						__nextHasNoMarginBottom
						className="docent-rows__wide"
						label={ __( 'How it speaks', 'docent' ) }
						rows={ 2 }
						maxLength={ MAX_VOICE_INSTRUCTIONS }
						value={ row.instructions }
						onChange={ ( instructions ) =>
							change( { ...row, instructions } )
						}
					/>
				</>
			) }
		</RowList>
	);
}

function removeLabel( { name }: RoleRow, index: number ): string {
	if ( name.trim() === '' ) {
		/* translators: %d: number of the voice role. */
		return sprintf( __( 'Remove voice role %d', 'docent' ), index + 1 );
	}
	/* translators: %s: name of a voice role. */
	return sprintf( __( 'Remove the voice role “%s”', 'docent' ), name.trim() );
}

function NameField( {
	row,
	index,
	isRepeated,
	isRefused,
	onChange,
}: {
	row: RoleRow;
	index: number;
	isRepeated: boolean;
	isRefused: boolean;
	onChange: ( row: RoleRow ) => void;
} ) {
	const isMissing = isRefused && row.name.trim() === '';
	return (
		<TextControl
			__next40pxDefaultSize
			__nextHasNoMarginBottom
			className="docent-rows__field"
			label={ sprintf(
				/* translators: %d: number of the voice role. */
				__( 'Voice role %d: name', 'docent' ),
				index + 1
			) }
			help={ <NameProblem { ...{ isMissing, isRepeated } } /> }
			dir="auto"
			autoComplete="off"
			maxLength={ MAX_ROLE_NAME }
			aria-invalid={ isMissing || isRepeated }
			value={ row.name }
			onChange={ ( name ) => onChange( { ...row, name } ) }
		/>
	);
}

function NameProblem( {
	isMissing,
	isRepeated,
}: {
	isMissing: boolean;
	isRepeated: boolean;
} ) {
	if ( ! isMissing && ! isRepeated ) {
		return null;
	}
	return (
		<span className="docent-field__problem">
			{ isMissing
				? __( 'Write a name.', 'docent' )
				: __( 'Another voice role has this name.', 'docent' ) }
		</span>
	);
}

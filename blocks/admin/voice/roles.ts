/**
 * Knows the voices that can be chosen, and turns typed voice roles into what is kept.
 */
import type { VoiceRole } from '../types.ts';

/** The voices that OpenAI's speech, audio chat and realtime models all have, November 2026. */
export const KNOWN_VOICES: readonly string[] = [
	'alloy',
	'ash',
	'ballad',
	'cedar',
	'coral',
	'echo',
	'marin',
	'sage',
	'shimmer',
	'verse',
];

/** What the proxy takes at most. */
export const MAX_ROLES = 20;
export const MAX_ROLE_NAME = 80;
export const MAX_VOICE_NAME = 40;
export const MAX_VOICE_INSTRUCTIONS = 1_000;

const MAX_ID = 40;

/** A role as typed; its id is empty until it is first saved. */
export type RoleRow = VoiceRole;

/** The row that a button adds. */
export const NEW_ROLE: RoleRow = {
	id: '',
	name: '',
	voice: 'alloy',
	instructions: '',
};

/**
 * Reads the rows; undefined when a name or a voice is missing, or a name is there twice. A role that was saved before keeps its id, whatever
 * its name is now, because blocks ask for it by id.
 */
export function readRoles( rows: readonly RoleRow[] ): VoiceRole[] | undefined {
	if (
		rows.some(
			( row, index ) =>
				row.name.trim() === '' ||
				row.voice.trim() === '' ||
				isNameRepeated( rows, index )
		)
	) {
		return undefined;
	}
	const taken = new Set( rows.map( ( { id } ) => id ) );
	return rows.map( ( { id, name, voice, instructions } ) => {
		const kept = id || newId( name, taken );
		taken.add( kept );
		return {
			id: kept,
			name: name.trim(),
			voice: voice.trim(),
			instructions: instructions.trim(),
		};
	} );
}

/** Says whether an earlier row has the same name, so that nobody could tell the two apart. */
export function isNameRepeated(
	rows: readonly RoleRow[],
	index: number
): boolean {
	const plain = ( name = '' ) => name.trim().toLowerCase();
	const name = plain( rows[ index ]?.name );
	return (
		name !== '' &&
		rows.slice( 0, index ).some( ( row ) => plain( row.name ) === name )
	);
}

/** Makes an id of Latin letters of the name; names in other scripts become `voice`. Numbered when it is taken. */
function newId( name: string, taken: ReadonlySet< string > ): string {
	const plain = name
		.normalize( 'NFKD' )
		.toLowerCase()
		.replace( /\p{M}/gu, '' )
		.replace( /[^a-z0-9]+/g, '-' )
		.replace( /^-+|-+$/g, '' );
	const base = plain || 'voice';
	for ( let number = 1; ; number++ ) {
		const end = number === 1 ? '' : `-${ number }`;
		const id = base.slice( 0, MAX_ID - end.length ) + end;
		if ( ! taken.has( id ) ) {
			return id;
		}
	}
}

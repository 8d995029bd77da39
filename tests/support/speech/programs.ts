/**
 * Knows which of the programs that speak and listen this machine has.
 */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Stands in the name of tests that need a real voice, where the machine has none. CI fails before it comes to that. */
export const SPEECH_LEFT_OUT =
	'LEFT OUT: nothing is spoken or heard for real, because flite, espeak-ng, sox or pocketsphinx is not installed.';

/** Programs that are looked for. */
export type SpeechProgram =
	| 'flite'
	| 'espeak-ng'
	| 'sox'
	| 'pocketsphinx_continuous'
	| 'pocketsphinx'
	| 'opusdec'
	| 'opusenc';

const found = new Map< SpeechProgram, boolean >();
let isSaid = false;

/** Says whether a program can be run; looked up once. */
export function hasProgram( name: SpeechProgram ): boolean {
	let isThere = found.get( name );
	if ( isThere === undefined ) {
		isThere = ( process.env.PATH ?? '' )
			.split( delimiter )
			.some( ( folder ) => isExecutable( join( folder, name ) ) );
		found.set( name, isThere );
	}
	return isThere;
}

/** Says whether text can be spoken. */
export function canSpeak(): boolean {
	return hasProgram( 'flite' ) && hasProgram( 'sox' );
}

/** Says whether speech can be written down. Versions up to 0.8 call the program otherwise. */
export function canHear(): boolean {
	return (
		hasProgram( 'sox' ) &&
		( hasProgram( 'pocketsphinx_continuous' ) ||
			hasProgram( 'pocketsphinx' ) )
	);
}

/** Says whether this machine can speak and hear for real; says aloud, once, when it cannot. */
export function hasSpeech(): boolean {
	const isThere = canSpeak() && hasProgram( 'espeak-ng' ) && canHear();
	if ( ! isThere && ! isSaid ) {
		isSaid = true;
		process.stderr.write( `${ SPEECH_LEFT_OUT }\n` );
	}
	return isThere;
}

function isExecutable( path: string ): boolean {
	try {
		accessSync( path, constants.X_OK );
		return true;
	} catch {
		return false;
	}
}

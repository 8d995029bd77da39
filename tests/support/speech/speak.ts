/**
 * Speaks a text with a real voice: what tests say into microphones, and what the simulated provider says back.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDir } from '../../../dev/project.ts';
import { inFolder, runProgram, samplesOf } from './run-program.ts';

/** Programs that speak. `flite` knows English only and is understood best by the recogniser. */
export type SpeechVoice = 'flite' | 'espeak';

/** How a text is spoken. */
export interface SpeakOptions {
	/** Default: `flite`, and `espeak` for other scripts. */
	voice?: SpeechVoice;
	/** Default 16,000. */
	sampleRate?: number;
	/** A language of espeak, for example `de`; default: by the script of the text. */
	language?: string;
	/** How fast, 1 by default. */
	speed?: number;
}

const FLITE_WORDS_SPEED = '--setf';
const ESPEAK_WORDS_A_MINUTE = 160;
const REMEMBERED = 400;

const spoken = new Map< string, Promise< Int16Array > >();

/** Speaks a text; the samples are mono, 16 bits. The same text always gives the same samples. */
export function speak(
	text: string,
	options: SpeakOptions = {}
): Promise< Int16Array > {
	const chosen = {
		voice:
			options.voice ??
			( isOtherScript( text ) ? ( 'espeak' as const ) : 'flite' ),
		sampleRate: options.sampleRate ?? 16_000,
		language: options.language ?? languageOf( text ),
		speed: options.speed ?? 1,
	};
	const key = createHash( 'sha256' )
		.update( JSON.stringify( [ text, chosen ] ) )
		.digest( 'hex' )
		.slice( 0, 32 );
	let samples = spoken.get( key );
	if ( ! samples ) {
		samples = fromCache( key, () => synthesise( text, chosen ) );
		samples.catch( () => spoken.delete( key ) );
		spoken.set( key, samples );
		forgetOldest();
	}
	return samples;
}

function forgetOldest(): void {
	const [ oldest ] = spoken.keys();
	if ( spoken.size > REMEMBERED && oldest !== undefined ) {
		spoken.delete( oldest );
	}
}

async function fromCache(
	key: string,
	make: () => Promise< Int16Array >
): Promise< Int16Array > {
	const folder = join( cacheDir, 'speech' );
	const file = join( folder, `${ key }.pcm` );
	try {
		return samplesOf( await readFile( file ) );
	} catch {
		const samples = await make();
		await mkdir( folder, { recursive: true } );
		// Moved into place, because two tests may speak the same text at the same time.
		const half = `${ file }.${ randomUUID() }`;
		await writeFile( half, new Uint8Array( samples.buffer ) );
		await rename( half, file );
		return samples;
	}
}

function synthesise(
	text: string,
	{ voice, sampleRate, language, speed }: Required< SpeakOptions >
): Promise< Int16Array > {
	if ( ! /[\p{L}\p{N}]/u.test( text ) ) {
		return Promise.resolve( new Int16Array( 0 ) );
	}
	return inFolder( async ( path ) => {
		const said = path( 'said.txt' );
		const wav = path( 'said.wav' );
		const raw = path( 'said.raw' );
		await writeFile( said, text );
		await ( voice === 'flite'
			? runProgram( 'flite', [
					'-voice',
					'slt',
					FLITE_WORDS_SPEED,
					`duration_stretch=${ 1 / speed }`,
					'-f',
					said,
					'-o',
					wav,
				] )
			: runProgram( 'espeak-ng', [
					'-v',
					language,
					'-s',
					String( Math.round( ESPEAK_WORDS_A_MINUTE * speed ) ),
					'-f',
					said,
					'-w',
					wav,
				] ) );
		// Without dither, so that the samples are the same every time.
		await runProgram( 'sox', [
			'-D',
			wav,
			...[ '-r', String( sampleRate ), '-c', '1', '-b', '16' ],
			...[ '-e', 'signed-integer', '-L', '-t', 'raw', raw ],
		] );
		return samplesOf( await readFile( raw ) );
	} );
}

function isOtherScript( text: string ): boolean {
	return /\p{L}/u.test( text ) && ! /\p{Script=Latin}/u.test( text );
}

function languageOf( text: string ): string {
	if ( /\p{Script=Han}/u.test( text ) ) {
		return 'cmn';
	}
	if ( /\p{Script=Arabic}/u.test( text ) ) {
		return 'ar';
	}
	return /\p{Script=Cyrillic}/u.test( text ) ? 'ru' : 'en';
}

/**
 * Tells the language of a text from its script, and from its commonest words where several languages share a script.
 */
import { LRUCache } from 'lru-cache';
import { fold } from './fold.ts';
import { STOP_WORDS } from './stop-words.ts';

/** How much of a long text is looked at, in characters. */
const SAMPLE_LENGTH = 2_000;

/** Scripts that only one widespread language uses, with their language. */
const SCRIPTS: ReadonlyArray< readonly [ language: string, script: RegExp ] > =
	[
		[ 'ko', /\p{Script=Hangul}/gu ],
		[ 'zh', /\p{Script=Han}/gu ],
		[ 'ar', /\p{Script=Arabic}/gu ],
		[ 'he', /\p{Script=Hebrew}/gu ],
		[ 'ru', /\p{Script=Cyrillic}/gu ],
		[ 'el', /\p{Script=Greek}/gu ],
		[ 'th', /\p{Script=Thai}/gu ],
		[ 'lo', /\p{Script=Lao}/gu ],
		[ 'km', /\p{Script=Khmer}/gu ],
		[ 'my', /\p{Script=Myanmar}/gu ],
		[ 'hi', /\p{Script=Devanagari}/gu ],
		[ 'bn', /\p{Script=Bengali}/gu ],
		[ 'ta', /\p{Script=Tamil}/gu ],
		[ 'te', /\p{Script=Telugu}/gu ],
		[ 'gu', /\p{Script=Gujarati}/gu ],
		[ 'pa', /\p{Script=Gurmukhi}/gu ],
		[ 'kn', /\p{Script=Kannada}/gu ],
		[ 'ml', /\p{Script=Malayalam}/gu ],
		[ 'ka', /\p{Script=Georgian}/gu ],
		[ 'hy', /\p{Script=Armenian}/gu ],
		[ 'am', /\p{Script=Ethiopic}/gu ],
	];

const LATIN_LANGUAGES = [ 'en', 'de', 'fr', 'es', 'it', 'pt', 'nl' ] as const;

/** Signs and letters that give a Latin language away; each counts like a function word. */
const TELLING_SIGNS: ReadonlyArray<
	readonly [ language: string, signs: RegExp ]
> = [
	[ 'es', /[¿¡ñ]/giu ],
	[ 'de', /[ßäöü]/giu ],
	[ 'pt', /[ãõ]/giu ],
	[ 'fr', /[œêèùîô]|\b[ldjcsnm]['’](?=\p{L}{2})| [?!]/giu ],
];

const ASCII_ONLY = /^[\0-\x7f]*$/;

/** Returns the base of a BCP 47 tag in lower case, `zh` for `zh-CN` and `zh_Hans`; empty when it does not start with a language. */
export function baseLanguage( tag: string ): string {
	return (
		/^[A-Za-z]{2,3}(?![A-Za-z])/.exec( tag )?.[ 0 ] ?? ''
	).toLowerCase();
}

/** Several steps of one question ask for its language; so many short texts are remembered, up to this length in characters. */
const MAX_REMEMBERED = 500;
const MAX_REMEMBERED_LENGTH = 400;

const remembered = new LRUCache< string, { language: string | undefined } >( {
	max: MAX_REMEMBERED,
} );

/**
 * Returns the base tag of the language that `text` is written in, or undefined when the text does not show it (a product
 * code, a single word, a language that is not known here).
 */
export function detectLanguage( text: string ): string | undefined {
	if ( text.length > MAX_REMEMBERED_LENGTH ) {
		return detect( text );
	}
	let known = remembered.get( text );
	if ( ! known ) {
		known = { language: detect( text ) };
		remembered.set( text, known );
	}
	return known.language;
}

function detect( text: string ): string | undefined {
	const sample = text.slice( 0, SAMPLE_LENGTH );
	if ( ! ASCII_ONLY.test( sample ) ) {
		const byScript = languageOfScript( sample );
		if ( byScript ) {
			return byScript;
		}
	}
	return languageOfWords( sample );
}

function languageOfScript( sample: string ): string | undefined {
	const letters = count( sample, /\p{L}/gu );
	const latin = count( sample, /\p{Script=Latin}/gu );
	// One foreign name does not make a text foreign; but a few Chinese characters say as much as many Latin letters.
	if ( letters === 0 || letters - latin < latin / 4 ) {
		return undefined;
	}
	const kana = count( sample, /[\p{Script=Hiragana}\p{Script=Katakana}]/gu );
	if ( kana > 0 && kana * 8 >= count( sample, /\p{Script=Han}/gu ) ) {
		return 'ja';
	}
	let best: string | undefined;
	let most = 0;
	for ( const [ language, script ] of SCRIPTS ) {
		const found = count( sample, script );
		if ( found > most ) {
			best = language;
			most = found;
		}
	}
	if ( best === 'ru' && /[іїєґ]/iu.test( sample ) ) {
		return 'uk';
	}
	if ( best === 'ar' && /[پچژگ]/u.test( sample ) ) {
		return 'fa';
	}
	return best;
}

/** Lets the function words vote. The winner has to be well ahead, because short questions share words across languages. */
function languageOfWords( sample: string ): string | undefined {
	const votes = new Map< string, number >();
	let total = 0;
	for ( const word of fold( sample ).split( /[^\p{L}\p{M}]+/u ) ) {
		if ( word === '' ) {
			continue;
		}
		total++;
		for ( const language of LATIN_LANGUAGES ) {
			if ( STOP_WORDS[ language ]?.has( word ) ) {
				votes.set(
					language,
					( votes.get( language ) ?? 0 ) +
						( word.length > 1 ? 1 : 0.5 )
				);
			}
		}
	}
	if ( votes.size > 1 || total < 8 ) {
		for ( const [ language, signs ] of TELLING_SIGNS ) {
			const found = count( sample, signs );
			if ( found > 0 ) {
				votes.set( language, ( votes.get( language ) ?? 0 ) + found );
			}
		}
	}
	const ranked = [ ...votes ].sort( ( a, b ) => b[ 1 ] - a[ 1 ] );
	const [ first, second ] = ranked;
	if ( ! first || first[ 1 ] < 2 || first[ 1 ] < total / 8 ) {
		return undefined;
	}
	return second && second[ 1 ] > first[ 1 ] * 0.75 ? undefined : first[ 0 ];
}

function count( text: string, pattern: RegExp ): number {
	return text.match( pattern )?.length ?? 0;
}

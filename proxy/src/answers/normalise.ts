/**
 * Brings questions that differ only in how they are typed to one form, and keeps apart what means something else.
 */

/** Superscripts mean something else than the digits they would become. */
const SUPERSCRIPT = /[⁰¹²³⁴-⁹]/g;

/** Invisible characters without meaning: soft hyphen, zero-width space, marks of direction, byte order mark, variation selectors. */
const INVISIBLE =
	/[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufe0e\ufe0f\ufeff]/g;

const APOSTROPHE = /[’‘ʼ`´′]/g;
/** Feet and inches, minutes and seconds: the sign after a number is a unit. Anywhere else it says nothing. */
const DOUBLE_PRIME = /[″”]/g;
const LOOSE_APOSTROPHE = /(?<!\p{Nd} ?)'/gu;
const DASH = /[‐‑‒–—−]/g;
/** Between numbers it means from … to, as the tilde does. */
const WAVE_DASH = /〜/g;

/** Written in capitals these mean a country, a state, a trade; in small letters they are function words. */
const CAPITALS_MATTER: ReadonlySet< string > = new Set( [
	'AL',
	'AM',
	'AN',
	'AS',
	'AT',
	'BE',
	'BY',
	'DE',
	'DO',
	'HE',
	'HI',
	'ID',
	'IN',
	'IS',
	'IT',
	'LA',
	'MA',
	'ME',
	'NO',
	'OH',
	'OK',
	'ON',
	'OR',
	'PA',
	'SO',
	'TO',
	'UP',
	'US',
	'WHO',
] );

/** A short word after a number is a unit, and `Mb` is not `MB`. */
const UNIT = /(\p{Nd}\s?)(\p{L}{1,3})(?!\p{L})/gu;

/** A capital that has to stay one, hidden from lower-casing. */
const KEPT = '\ue000';
const KEPT_LETTER = new RegExp( `${ KEPT }(.)`, 'gu' );

const SENTENCE_END = /[.!?…。！？،؟;:,]+$/u;

/**
 * What is punctuation and says nothing: all of it except signs that are part of a word, number or code. `@ # % ‰ & * / \ _ [ ] { } ()`,
 * an exclamation mark that negates, and symbols (currency, mathematics, pictures) stay.
 */
const PUNCTUATION =
	/(?![-.,+'@#%‰‱&*/\\_:[\]{}]|\(\)|(?<=\()\)|(?<=\p{Nd} ?)"|!(?=[\p{L}=(]))\p{P}/gu;

/** Comma and colon only inside a number or code; a full stop before one as well (`.5`, `.NET`). */
const LOOSE_POINT =
	/\.{2,}|(?<![\p{L}\p{Nd}])(?:,(?!\p{Nd})|:)|[.,:](?![\p{L}\p{Nd}])/gu;

/** A hyphen that neither joins two parts nor begins one, as in `-5` and `-g`. */
const LOOSE_HYPHEN =
	/(?<=\S)-{2,}|(?<!\p{Nd} )-(?![-\p{L}\p{Nd}]|[.,]\p{Nd})|-{2,}(?![-\p{L}\p{Nd}])/gu;

const DENSE = '\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}';

const DENSE_SPACE = new RegExp( `(?<=[${ DENSE }])\\s+(?=[${ DENSE }])`, 'gu' );

/** Returns the form under which a question is cached. Empty when the question holds nothing but punctuation. */
export function normaliseQuestion( question: string ): string {
	const composed = question
		.toWellFormed()
		.replace( SUPERSCRIPT, ( sign ) => `^${ sign }` )
		.replace( DOUBLE_PRIME, '"' )
		.normalize( 'NFKC' )
		.replace( INVISIBLE, '' )
		.replace( APOSTROPHE, "'" )
		.replace( DASH, '-' )
		.replace( WAVE_DASH, '~' );
	return keepCapitals( composed )
		.toLowerCase()
		.replace( KEPT_LETTER, ( _, letter: string ) => letter.toUpperCase() )
		.replace( /[\0-\x1f\x7f]+/g, ' ' )
		.replace( LOOSE_APOSTROPHE, '' )
		.replace( PUNCTUATION, ' ' )
		.replace( LOOSE_POINT, ' ' )
		.replace( LOOSE_HYPHEN, ' ' )
		.replace( DENSE_SPACE, '' )
		.replace( /\s+/g, ' ' )
		.trim()
		.replace( SENTENCE_END, '' )
		.trim();
}

/** Marks the capitals that tell things apart, unless the whole question is shouted. */
function keepCapitals( question: string ): string {
	const isShouted =
		! /\p{Ll}/u.test( question ) && /\p{Lu}.*\p{Lu}.*\s/u.test( question );
	const mark = ( word: string ): string =>
		word.replace( /\p{Lu}/gu, ( letter ) => `${ KEPT }${ letter }` );
	const withUnits = question.replace(
		UNIT,
		( _, number: string, unit: string ) => number + mark( unit )
	);
	return isShouted
		? withUnits
		: withUnits.replace(
				/(?<![\p{L}\ue000])\p{Lu}{2,3}(?!\p{L})/gu,
				( word ) =>
					CAPITALS_MATTER.has( word ) ? mark( word ) : word
			);
}

/**
 * Recognises questions that carry somebody's own data, which must not be kept for others.
 */

const EMAIL = /[^\s@]+@[^\s@]+\.[^\s@]+/;
/** Phone, order, card and account numbers: six digits or more, with the usual separators. */
const LONG_NUMBER = /\d(?:[\s./-]?\d){5,}/;
/** The same as they are said, and written down by models that hear them: "anna at example dot com". */
const SPOKEN_EMAIL =
	/\S\s+(?:at|ät|klammeraffe|arobase|arroba|chiocciola)\s+[\p{L}\p{N}-]+(?:(?:\.|\s+(?:dot|punkt|point|punto|ponto)\s+)\p{L}{2,})+/iu;
const DIGIT_WORDS = [
	...[ 'zero', 'oh', 'one', 'two', 'three', 'four', 'five', 'six' ],
	...[ 'seven', 'eight', 'nine', 'double', 'triple', 'null', 'eins', 'zwei' ],
	...[ 'zwo', 'drei', 'vier', 'fünf', 'sechs', 'sieben', 'acht', 'neun' ],
	...[ 'zéro', 'un', 'deux', 'trois', 'quatre', 'cinq', 'sept', 'huit' ],
	...[ 'neuf', 'cero', 'uno', 'dos', 'tres', 'cuatro', 'cinco', 'seis' ],
	...[ 'siete', 'ocho', 'nueve' ],
].join( '|' );
const SPOKEN_NUMBER = new RegExp(
	`(?<!\\p{L})(?:(?:${ DIGIT_WORDS }|\\d)[\\s,、-]*){6}`,
	'iu'
);
const SPOKEN_CHINESE_NUMBER = /(?:[零〇一二三四五六七八九幺][\s,、-]*){6}/u;

/** Tells whether a question holds an e-mail address or a long number, written or said. */
export function isPersonal( question: string ): boolean {
	return [
		EMAIL,
		LONG_NUMBER,
		SPOKEN_EMAIL,
		SPOKEN_NUMBER,
		SPOKEN_CHINESE_NUMBER,
	].some( ( pattern ) => pattern.test( question ) );
}

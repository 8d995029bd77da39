/**
 * Guesses the language of a message from its script, so that a screen reader picks the right voice.
 */

const SCRIPTS: Array< [ RegExp, string ] > = [
	[ /[\p{Script=Hiragana}\p{Script=Katakana}]/gu, 'ja' ],
	[ /\p{Script=Hangul}/gu, 'ko' ],
	[ /\p{Script=Han}/gu, 'zh' ],
	[ /\p{Script=Arabic}/gu, 'ar' ],
	[ /\p{Script=Hebrew}/gu, 'he' ],
	[ /\p{Script=Cyrillic}/gu, 'ru' ],
	[ /\p{Script=Greek}/gu, 'el' ],
	[ /\p{Script=Thai}/gu, 'th' ],
	[ /\p{Script=Devanagari}/gu, 'hi' ],
];

/** Languages written in the same script as the guess: the page's own language then is the better guess. */
const SAME_SCRIPT: Record< string, string[] | undefined > = {
	ar: [ 'ar', 'fa', 'ur', 'ps', 'ckb', 'ug', 'sd' ],
	he: [ 'he', 'yi' ],
	ru: [ 'ru', 'uk', 'bg', 'sr', 'mk', 'be', 'kk', 'ky', 'mn', 'tg', 'tt' ],
	hi: [ 'hi', 'mr', 'ne', 'sa' ],
	zh: [ 'zh', 'ja', 'yue' ],
};

/** Returns the language of a text when its script says so and it is not the page's; `undefined` leaves the page's. */
export function messageLanguage(
	text: string,
	pageLanguage: string
): string | undefined {
	const letters = text.match( /\p{L}/gu )?.length ?? 0;
	const page = pageLanguage.split( '-' )[ 0 ]?.toLowerCase() ?? '';
	for ( const [ pattern, language ] of SCRIPTS ) {
		const share = ( text.match( pattern )?.length ?? 0 ) / letters;
		if ( share >= ( language === 'ja' ? 0.15 : 0.4 ) ) {
			const family = SAME_SCRIPT[ language ] ?? [ language ];
			return family.includes( page ) ? undefined : language;
		}
	}
	return undefined;
}

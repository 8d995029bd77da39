/**
 * Lists the languages an owner can choose from, by their names in the language of the screen.
 */

/** Languages that questions are told apart by, and others in which pages are often written; ISO 639-1. */
const CODES = (
	'af am ar az be bg bn bs ca cs cy da de el en es et eu fa fi fr ga gl gu he hi hr hu hy id is it ja ' +
	'ka kk km kn ko ky lo lt lv mk ml mn mr ms mt my nb ne nl nn pa pl ps pt ro ru si sk sl sq sr sv sw ' +
	'ta te tg th tl tr uk ur uz vi zh zu'
).split( ' ' );

/** One language to choose. */
export interface LanguageOption {
	value: string;
	label: string;
}

/** Answers all languages sorted by name; `more` are codes that are in use and have to be in it. */
export function languageOptions(
	more: readonly string[],
	locale?: string
): LanguageOption[] {
	const name = nameIn( locale );
	return [ ...new Set( [ ...CODES, ...more ] ) ]
		.filter( ( code ) => code !== '' )
		.map( ( value ) => ( { value, label: name( value ) } ) )
		.sort( ( one, other ) =>
			one.label.localeCompare( other.label, locale )
		);
}

/** Gives a function that names a language; what the browser has no name for keeps its code. */
export function nameIn( locale?: string ): ( code: string ) => string {
	const names = new Intl.DisplayNames( locale, { type: 'language' } );
	return ( code ) => names.of( code ) ?? code;
}

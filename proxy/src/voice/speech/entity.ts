/**
 * Reads the names of characters in HTML that models write now and then.
 */
import type { Token } from './inline-words.ts';

const ENTITIES: Readonly< Record< string, string > > = {
	'&amp;': '&',
	'&lt;': '<',
	'&gt;': '>',
	'&quot;': '"',
	'&#39;': '’',
	'&apos;': '’',
	'&nbsp;': ' ',
};

/** Reads `&…;` at the beginning of a text; `canWait` says whether more of it may come. */
export function entity( text: string, canWait: boolean ): Token {
	const name = Object.keys( ENTITIES ).find( ( one ) =>
		text.startsWith( one )
	);
	if ( name ) {
		return { length: name.length, words: ENTITIES[ name ] ?? '' };
	}
	const mayBecome = Object.keys( ENTITIES ).some( ( one ) =>
		one.startsWith( text )
	);
	return mayBecome && canWait ? undefined : { length: 1, words: '&' };
}

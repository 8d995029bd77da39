/**
 * Reads one line of Markdown as words: links by their text, without marks, citations, addresses and emoji.
 */
import { entity } from './entity.ts';

/** The words of a line that is still being written. */
export interface InlineReader {
	push( text: string ): string;
	/** The line is over: returns its rest. */
	finish(): string;
}

/** No link, address or tag is waited for longer than this, in characters. */
const MAX_WAIT = 600;

/** What a token at the beginning of the rest comes to; undefined: more must be seen. */
export type Token = { length: number; words: string } | undefined;

const CITATION = /^\s*(?:\^?\d{1,3}(?:\s*[,;–-]\s*\d{1,3})*)\s*$/;

/** Citations of some models stand in brackets of their own, 【1†source】. */
const OWN_CITATION = /^【[^】]*】/u;

const ADDRESS =
	/^(?:https?:\/\/|www\.)[^\s<>"'`*|()\u3000-\u303f\uff00-\uffef\p{Script=Han}]*/iu;
const ADDRESS_BEGINS =
	/^(?:h|ht|htt|https?|https?:|https?:\/|https?:\/\/|w|ww|www|www\.)$/iu;

const TAG = /^<\/?[a-z][^<>]*>/i;
const BLOCK_TAG = /^<\/?(?:br|p|div|li|ul|ol|tr|td|th|hr|h\d)\b/i;
const AUTOLINK = /^<(https?:\/\/[^<>\s]*|[^<>\s@]+@[^<>\s@]+)>/i;

/** Pictures, flags, keycaps' rings, skin tones, and what joins them. Signs that are words to somebody (© ® ™ aside) are letters or punctuation. */
const PICTURE =
	/[\p{Extended_Pictographic}\p{Emoji_Modifier}\p{Regional_Indicator}\u{20e3}\u{fe0e}\u{fe0f}\u{200d}\u{e0020}-\u{e007f}]/u;

const ARROW = /[→⇒➔➜⟶]/u;
const MARK = /[*_~`]/;
const WORD = /[\p{L}\p{N}]/u;
/** A character of a word that an address cannot begin inside of; Chinese has no spaces to tell by. */
const LETTER =
	/(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}])[\p{L}\p{N}]/u;

/** Makes a reader at the beginning of a line. */
export function createInlineReader(): InlineReader {
	let rest = '';
	let before = '';

	const read = ( isOver: boolean ): string => {
		let out = '';
		while ( rest !== '' ) {
			const token = next( rest, before, isOver );
			if ( ! token ) {
				break;
			}
			before = rest.slice( 0, token.length ).at( -1 ) ?? '';
			rest = rest.slice( token.length );
			out += token.words;
		}
		return out;
	};
	return {
		push( text ) {
			rest += text;
			return read( false );
		},
		finish() {
			const out = read( true );
			rest = before = '';
			return out;
		},
	};
}

function next( text: string, before: string, isOver: boolean ): Token {
	const first = String.fromCodePoint( text.codePointAt( 0 ) ?? 0 );
	const canWait = ! isOver && text.length < MAX_WAIT;
	switch ( first ) {
		case '\\':
			return escaped( text, canWait );
		case '!':
			if ( text.length < 2 && canWait ) {
				return undefined;
			}
			// The picture is seen, not heard.
			return text[ 1 ] === '['
				? bracket( text.slice( 1 ), canWait, 1, () => '' )
				: { length: 1, words: '!' };
		case '[':
			return bracket( text, canWait, 0, wordsOf );
		case '【':
			return ownCitation( text, canWait );
		case '<':
			return tag( text, canWait );
		case '&':
			return entity( text, canWait );
		case ' ':
		case '\t':
			return space( text, canWait );
	}
	if ( MARK.test( first ) ) {
		return mark( text, before, canWait );
	}
	if ( ! LETTER.test( before ) && /[hw]/i.test( first ) ) {
		return address( text, canWait );
	}
	if ( PICTURE.test( first ) ) {
		return { length: first.length, words: '' };
	}
	// A digit before a keycap's ring is a picture as well, and nobody misses it less for being read.
	return { length: first.length, words: ARROW.test( first ) ? ', ' : first };
}

function escaped( text: string, canWait: boolean ): Token {
	if ( text.length < 2 && canWait ) {
		return undefined;
	}
	return /^\\[!-/:-@[-`{-~]/.test( text )
		? { length: 2, words: text.charAt( 1 ) }
		: { length: 1, words: '\\' };
}

/** Reads `[…]` and the address behind it. */
function bracket(
	text: string,
	canWait: boolean,
	skipped: number,
	words: ( label: string ) => string
): Token {
	const end = closingOf( text, 0, '[', ']' );
	if ( end < 0 ) {
		return canWait ? undefined : { length: skipped + 1, words: '' };
	}
	const label = text.slice( 1, end );
	if ( text.length === end + 1 && canWait ) {
		return undefined;
	}
	if ( text[ end + 1 ] === '(' ) {
		const close = closingOf( text, end + 1, '(', ')' );
		if ( close < 0 && canWait ) {
			return undefined;
		}
		if ( close >= 0 ) {
			return { length: skipped + close + 1, words: words( label ) };
		}
	}
	return {
		length: skipped + end + 1,
		words: CITATION.test( label ) ? '' : words( label ),
	};
}

/** Finds what closes the bracket at `from`; -1 where nothing near does. */
function closingOf(
	text: string,
	from: number,
	open: string,
	close: string
): number {
	let depth = 0;
	for ( let at = from; at < text.length && at < MAX_WAIT; at++ ) {
		const character = text[ at ];
		if ( character === '\\' ) {
			at++;
		} else if ( character === open ) {
			depth++;
		} else if ( character === close && --depth === 0 ) {
			return at;
		}
	}
	return -1;
}

function wordsOf( label: string ): string {
	const reader = createInlineReader();
	return reader.push( label ) + reader.finish();
}

function ownCitation( text: string, canWait: boolean ): Token {
	const found = OWN_CITATION.exec( text );
	if ( ! found ) {
		return canWait ? undefined : { length: 1, words: '' };
	}
	const label = found[ 0 ].slice( 1, -1 );
	return {
		length: found[ 0 ].length,
		words: /^\d|†/.test( label ) ? '' : label,
	};
}

function tag( text: string, canWait: boolean ): Token {
	if ( text.length < 2 ) {
		return canWait ? undefined : { length: 1, words: '<' };
	}
	if ( ! /^<[/a-z]/i.test( text ) ) {
		return { length: 1, words: '<' };
	}
	if ( ! text.includes( '>' ) ) {
		return canWait && ! /\s{2}|[.!?。] /.test( text )
			? undefined
			: { length: 1, words: '<' };
	}
	const link = AUTOLINK.exec( text );
	if ( link ) {
		return {
			length: link[ 0 ].length,
			words: hostOf( link[ 1 ] ?? '' ),
		};
	}
	const found = TAG.exec( text );
	return found
		? {
				length: found[ 0 ].length,
				words: BLOCK_TAG.test( found[ 0 ] ) ? ' ' : '',
			}
		: { length: 1, words: '<' };
}

/** A space before a citation goes with it: "in 60 days [2]." has none before its full stop. */
function space( text: string, canWait: boolean ): Token {
	const after = text.trimStart();
	const length = text.length - after.length;
	if ( after === '' ) {
		return canWait ? undefined : { length, words: ' ' };
	}
	if ( after.startsWith( '[' ) || after.startsWith( '【' ) ) {
		const token = next( after, ' ', ! canWait );
		if ( ! token ) {
			return undefined;
		}
		// A bracket that nothing closes is no citation.
		return token.words === '' && token.length > 1
			? { length: length + token.length, words: '' }
			: { length, words: ' ' };
	}
	return { length, words: ' ' };
}

function mark( text: string, before: string, canWait: boolean ): Token {
	const run = /^([*_~`])\1*/.exec( text )?.[ 0 ] ?? '';
	const after = text[ run.length ];
	if ( after === undefined && canWait ) {
		return undefined;
	}
	const isAlone = /^\s?$/.test( before ) && /^\s?$/.test( after ?? '' );
	if ( run === '*' && isAlone && before !== '' && after !== undefined ) {
		return { length: 1, words: '×' };
	}
	if ( run === '~' && /\d/.test( after ?? '' ) ) {
		return { length: 1, words: '~' };
	}
	// Names such as `max_size` are read as the words they are made of.
	const isInside =
		run.startsWith( '_' ) &&
		WORD.test( before ) &&
		WORD.test( after ?? '' );
	return { length: run.length, words: isInside ? ' ' : '' };
}

function address( text: string, canWait: boolean ): Token {
	if ( ADDRESS_BEGINS.test( text ) && canWait ) {
		return undefined;
	}
	const found = ADDRESS.exec( text )?.[ 0 ].replace( /[.,;:!?\]]+$/, '' );
	if ( found === undefined || hostOf( found ) === '' ) {
		return { length: 1, words: text.charAt( 0 ) };
	}
	// What may still belong to it is waited for.
	if ( ADDRESS.exec( text )?.[ 0 ].length === text.length && canWait ) {
		return undefined;
	}
	return { length: found.length, words: hostOf( found ) };
}

function hostOf( link: string ): string {
	return link
		.replace( /^https?:\/\//i, '' )
		.replace( /^www\./i, '' )
		.replace( /[/?#:].*$/su, '' );
}

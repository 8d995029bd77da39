/**
 * Finds the sentences of a text, in scripts with and without spaces between them.
 */

/** A stretch of a text: `start` inclusive, `end` exclusive, in UTF-16 units. */
export interface Span {
	start: number;
	end: number;
}

/**
 * Where a sentence may end: full stops of Chinese and Japanese anywhere; Latin ones only before a space, with the quotation
 * marks and brackets that close after them.
 */
const END = /[。！？｡]+[」』”’）〉》"')\]]*|[.!?…؟۔।]+["'”’»)\]]*(?=\s|$)/gu;

/** Abbreviations after which the sentence goes on. */
const ABBREVIATION =
	/(?:^|[\s(])(?:\p{Lu}|e\.g|i\.e|etc|approx|max|min|incl|excl|no|nr|vs|mr|mrs|ms|dr|prof|st|ca|bzw|z\.\s?b|d\.\s?h|u\.\s?a|usw|cf|fig|tel)\.$/iu;

/** Returns the sentences between `start` and `end`, in order, without the white space around them. */
export function sentenceSpans(
	text: string,
	start = 0,
	end = text.length
): Span[] {
	const part = text.slice( start, end );
	const spans: Span[] = [];
	let from = 0;
	for ( const match of part.matchAll( END ) ) {
		const to = match.index + match[ 0 ].length;
		if ( isSentenceEnd( part, from, to ) ) {
			pushTrimmed( spans, part, from, to, start );
			from = to;
		}
	}
	pushTrimmed( spans, part, from, part.length, start );
	return spans;
}

function isSentenceEnd( text: string, from: number, to: number ): boolean {
	if ( text[ to - 1 ] !== '.' ) {
		return true;
	}
	if ( ABBREVIATION.test( text.slice( Math.max( from, to - 12 ), to ) ) ) {
		return false;
	}
	// "1." at the start of a line counts items; a small letter after the full stop goes on with the sentence.
	return (
		! /^\s*\d{1,2}\.$/.test( text.slice( from, to ) ) &&
		! /^\s+\p{Ll}/u.test( text.slice( to, to + 4 ) )
	);
}

function pushTrimmed(
	spans: Span[],
	text: string,
	from: number,
	to: number,
	offset: number
): void {
	const piece = text.slice( from, to );
	const start = from + piece.length - piece.trimStart().length;
	const end = from + piece.trimEnd().length;
	if ( end > start ) {
		spans.push( { start: offset + start, end: offset + end } );
	}
}

/**
 * Cuts a document's text into passages: at its headings first, then between sentences, list items and table rows.
 */
import { type Span, sentenceSpans } from './sentences.ts';

/** A piece of a document, with the headings above it, outermost first. */
export interface Chunk {
	headingPath: string[];
	text: string;
}

/** A passage is closed once it is this wide, or before the sentence that would make it wider than `MAX_WIDTH`. */
const GOOD_WIDTH = 700;
const MAX_WIDTH = 1_000;

/** A character of a script without spaces says about as much as two of an alphabet. */
const DENSE_CHARACTER =
	/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}]/gu;

const HEADING = /^ {0,3}(#{1,6})[ \t]+(.*?)[ \t#]*$/;

/** List items and table rows stand on a line of their own; they are not sentences, but must not be cut either. */
const LINE_OF_ITS_OWN = /^\s*(?:[-*+•]\s|\d{1,3}[.)]\s)|\|/;

interface Section {
	headingPath: string[];
	start: number;
	end: number;
}

/**
 * Returns the passages of `text`, whose headings are Markdown lines. Every passage is a stretch of the text as it stands.
 * A first heading that only repeats `title` is left out of the heading paths. A text without words gives no passage.
 */
export function chunkDocument( title: string, text: string ): Chunk[] {
	return sections( title, text ).flatMap( ( section ) =>
		pack( text, units( text, section ) ).map( ( { start, end } ) => ( {
			headingPath: section.headingPath,
			text: text.slice( start, end ),
		} ) )
	);
}

/** Finds the stretches between headings, each with its heading path. */
function sections( title: string, text: string ): Section[] {
	const found: Section[] = [];
	const open: Array< { level: number; heading: string } > = [];
	let current: Section = { headingPath: [], start: 0, end: 0 };
	for ( const line of lines( text, 0, text.length ) ) {
		const match = HEADING.exec( text.slice( line.start, line.end ) );
		const heading = match?.[ 2 ]?.trim();
		if ( ! match || ! heading ) {
			current.end = line.end;
			continue;
		}
		found.push( current );
		const level = match[ 1 ]?.length ?? 1;
		while ( ( open.at( -1 )?.level ?? 0 ) >= level ) {
			open.pop();
		}
		if ( open.length > 0 || heading !== title.trim() ) {
			open.push( { level, heading } );
		}
		current = {
			headingPath: open.map( ( above ) => above.heading ),
			start: line.end,
			end: line.end,
		};
	}
	found.push( current );
	return found;
}

/** Finds the pieces of a section that stay whole: sentences, list items, table rows; a huge one is cut between words. */
function units( text: string, section: Section ): Span[] {
	const found: Span[] = [];
	let paragraph: Span | undefined;
	const closeParagraph = (): void => {
		if ( paragraph ) {
			found.push(
				...sentenceSpans( text, paragraph.start, paragraph.end )
			);
			paragraph = undefined;
		}
	};
	for ( const line of lines( text, section.start, section.end ) ) {
		const content = text.slice( line.start, line.end );
		if ( content.trim() === '' ) {
			closeParagraph();
		} else if ( LINE_OF_ITS_OWN.test( content ) ) {
			closeParagraph();
			found.push( line );
		} else if ( paragraph ) {
			paragraph.end = line.end;
		} else {
			paragraph = { ...line };
		}
	}
	closeParagraph();
	return found.flatMap( ( unit ) => cutHuge( text, unit ) );
}

/** Puts neighbouring pieces together until they are wide enough. */
function pack( text: string, pieces: Span[] ): Span[] {
	const packed: Span[] = [];
	let current: Span | undefined;
	let currentWidth = 0;
	for ( const piece of pieces ) {
		const pieceWidth = width( text, piece );
		if (
			current &&
			( currentWidth >= GOOD_WIDTH ||
				currentWidth + pieceWidth > MAX_WIDTH )
		) {
			packed.push( current );
			current = undefined;
		}
		if ( current ) {
			current.end = piece.end;
			currentWidth += pieceWidth;
		} else {
			current = { ...piece };
			currentWidth = pieceWidth;
		}
	}
	if ( current ) {
		packed.push( current );
	}
	return packed;
}

function cutHuge( text: string, unit: Span ): Span[] {
	if ( width( text, unit ) <= MAX_WIDTH * 1.5 ) {
		return [ unit ];
	}
	const isDense = width( text, unit ) > ( unit.end - unit.start ) * 1.5;
	const length = isDense ? MAX_WIDTH / 2 : MAX_WIDTH;
	const cut: Span[] = [];
	let start = unit.start;
	while ( unit.end - start > length ) {
		let end = start + length;
		const space = text.lastIndexOf( ' ', end );
		if ( space > start + length / 2 ) {
			end = space;
		} else if ( /[\udc00-\udfff]/.test( text.charAt( end ) ) ) {
			end--;
		}
		cut.push( { start, end } );
		start = end;
	}
	cut.push( { start, end: unit.end } );
	return cut;
}

function width( text: string, { start, end }: Span ): number {
	const piece = text.slice( start, end );
	return piece.length + ( piece.match( DENSE_CHARACTER )?.length ?? 0 );
}

/** Yields the lines between `start` and `end` without their line ends. */
function* lines( text: string, start: number, end: number ): Generator< Span > {
	let from = start;
	while ( from < end ) {
		const newline = text.indexOf( '\n', from );
		const to = newline < 0 || newline >= end ? end : newline;
		yield { start: from, end: to };
		from = to + 1;
	}
}

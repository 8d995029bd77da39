/**
 * Cuts spoken text into sentences while it is written, each as soon as it is surely complete.
 */
import { sentenceSpans } from '../../knowledge/sentences.ts';

/** Text being cut. The pieces joined are the text, to the last character, however it was handed over. */
export interface SentenceSplitter {
	/** Takes more text and returns the sentences that are sure now, with the white space behind them. */
	push( text: string ): string[];
	/** No more comes: returns the rest. */
	finish(): string[];
}

/** The longest piece, in characters; no model loses its breath before. */
const MAX_LENGTH = 300;

/** A first sentence wider than this is cut at a comma behind the least width, so that speech begins early. */
const LONG_FIRST = 90;
const LEAST_FIRST = 30;

/** A sentence narrower than this is spoken together with the next: each call costs its instructions anew. */
const LEAST_WIDTH = 16;

const DENSE =
	/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}]/gu;

/** Where a clause ends: a comma between digits is none. */
const CLAUSE = /[,;:](?=\s)|\s[—–-](?=\s)|[，、；：—]/gu;

/** More abbreviations than the passages' rules know, and counting words: "on 3. May", "approx. 5 Mio. Euro". */
const GOES_ON =
	/(?:^|[\s(])(?:\d{1,2}|inc|ltd|co|corp|jr|sr|mt|ave|blvd|rd|dept|est|vol|pp?|jan|feb|apr|aug|sept|oct|nov|str|std|mio|mrd|evtl|ggf|inkl|exkl|sog|abs|av|sra?|ud|pág|núm|mme|mlle|env)\.$/iu;

/** Makes a splitter at the beginning of a text. */
export function createSentenceSplitter(): SentenceSplitter {
	let buffer = '';
	let isFirst = true;

	const take = ( isOver: boolean ): string[] => {
		const pieces: string[] = [];
		for (;;) {
			const end = endOfPiece( buffer, isFirst, isOver );
			if ( end === undefined ) {
				return pieces;
			}
			pieces.push( buffer.slice( 0, end ) );
			buffer = buffer.slice( end );
			isFirst = false;
		}
	};
	return {
		push( text ) {
			buffer += text;
			return take( false );
		},
		finish: () => take( true ),
	};
}

/** Returns the sentences of a whole spoken text. */
export function splitSentences( text: string ): string[] {
	const splitter = createSentenceSplitter();
	return [ ...splitter.push( text ), ...splitter.finish() ];
}

/** Returns where the first piece of a text ends, with the white space behind it; undefined when that is not sure yet. */
function endOfPiece(
	text: string,
	isFirst: boolean,
	isOver: boolean
): number | undefined {
	if ( text === '' ) {
		return undefined;
	}
	const newline = text.search( /\S[^\n]*\n/u ) < 0 ? -1 : lineEnd( text );
	const isLineOver = newline >= 0;
	const line = isLineOver ? text.slice( 0, newline ) : text;
	const sentence = sentenceEnd( line );
	const content = line.slice( 0, sentence ?? line.length ).trimEnd();
	if ( isFirst && width( content ) > LONG_FIRST ) {
		const clause = clauseEnd( content );
		if ( clause !== undefined ) {
			return clause;
		}
	}
	if ( content.length > MAX_LENGTH ) {
		return cutLong( content );
	}
	if ( sentence !== undefined ) {
		return sentence;
	}
	return isLineOver || isOver ? line.length : undefined;
}

/** Finds the end of the first line with words, line breaks included. */
function lineEnd( text: string ): number {
	return ( /^\s*[^\n]*\n\s*/u.exec( text )?.[ 0 ] ?? '' ).length;
}

/** Returns where the first sentence ends, with the space behind it; undefined when no other one has begun. */
function sentenceEnd( line: string ): number | undefined {
	const spans = sentenceSpans( line );
	const first = spans[ 0 ]?.start ?? 0;
	for ( const [ index, span ] of spans.entries() ) {
		const next = spans[ index + 1 ];
		if ( ! next ) {
			return undefined;
		}
		const sentence = line.slice( first, span.end );
		if (
			width( sentence ) >= LEAST_WIDTH &&
			! GOES_ON.test( sentence.slice( -12 ) ) &&
			! /^[\p{Ll}\p{Pe}\p{Pf}]/u.test( line.slice( next.start ) )
		) {
			return next.start;
		}
	}
	return undefined;
}

/** Returns where the first clause ends that is wide enough to begin with. */
function clauseEnd( sentence: string ): number | undefined {
	for ( const match of sentence.matchAll( CLAUSE ) ) {
		const end = match.index + match[ 0 ].length;
		const clause = sentence.slice( 0, end );
		if ( width( clause ) > LONG_FIRST ) {
			return undefined;
		}
		if ( width( clause ) >= LEAST_FIRST ) {
			return withSpace( sentence, end );
		}
	}
	return undefined;
}

/** Cuts what is too long: after the last clause, else between words, else between characters. */
function cutLong( sentence: string ): number {
	const part = sentence.slice( 0, MAX_LENGTH );
	const clause = [ ...part.matchAll( CLAUSE ) ].at( -1 );
	if ( clause && clause.index > MAX_LENGTH / 3 ) {
		return withSpace( sentence, clause.index + clause[ 0 ].length );
	}
	const space = part.lastIndexOf( ' ' );
	if ( space > MAX_LENGTH / 3 ) {
		return space + 1;
	}
	return /[\udc00-\udfff]/.test( sentence.charAt( MAX_LENGTH ) )
		? MAX_LENGTH - 1
		: MAX_LENGTH;
}

function withSpace( text: string, end: number ): number {
	return text[ end ] === ' ' ? end + 1 : end;
}

/** Counts a character of a script without spaces as two: it takes about as long to say. */
function width( text: string ): number {
	return text.length + ( text.match( DENSE )?.length ?? 0 );
}

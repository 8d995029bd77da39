/**
 * Turns an answer's Markdown into the words that are spoken, while it is written.
 */
import { createInlineReader } from './inline-words.ts';

/** Markdown on its way to be spoken. However the text is cut into pieces, the words that come out are the same. */
export interface SpokenText {
	/** Takes more Markdown and returns the words that are sure now. */
	push( delta: string ): string;
	/** No more comes: returns the rest. */
	finish(): string;
}

/** How a line begins that is more than a line of a paragraph. */
const HEADING = /^ {0,3}#{1,6}[ \t]+/;
const ITEM = /^[ \t]*(?:[-*+•·][ \t]+|(\d{1,3})[.)][ \t]+)/;
const QUOTE = /^[ \t]*(?:>[ \t]?)+/;
const FENCE = /^[ \t]*(?:`{3,}|~{3,})/;
const TABLE_ROW = /^[ \t]*\|/;
const TABLE_RULE = /^[\s|:-]*$/;
const RULE = /^[ \t]*(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,}|=+)$/;

/** The beginning of a line that may still become any of them. */
const UNDECIDED = /^[ \t>]*(?:#{0,6}[ \t]*|[-*+•·_=~`\s]*|\d{1,3}[.)]?[ \t]*)$/;

/** What ends a sentence, a clause or an announcement; after anything else the end of a block gets a full stop. */
const ENDS = /[.!?…:;。！？：；؟۔।,，、—–][\p{Pe}\p{Pf}"'»]*$/u;
const DENSE_END = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]$/u;

/** How what is being read goes on from the line before. */
type Break = 'none' | 'line' | 'block';

/** Begins to read Markdown. A line break stands at the end of every heading, item and paragraph, and nowhere else. */
export function createSpokenText(): SpokenText {
	const words = createInlineReader();
	let line = '';
	let isBegun = false;
	let isFenced = false;
	let gap: Break = 'none';
	let isBlock = false;
	let last = '';
	/** The first half of a character that was cut in two. */
	let half = '';

	/** Puts words after those before: collapses white space and keeps the end in mind. */
	const add = ( text: string ): string => {
		let out = '';
		for ( const character of text ) {
			const isSpace = /\s/u.test( character );
			if ( isSpace && ( last === '' || /\s$/u.test( last ) ) ) {
				continue;
			}
			const next = isSpace ? ' ' : character;
			out += next;
			last = ( last + next ).slice( -8 );
		}
		return out;
	};
	const close = (): string => {
		const said = last.trimEnd();
		if ( said === '' || last.endsWith( '\n' ) ) {
			return '';
		}
		let end = '';
		if ( ! ENDS.test( said ) ) {
			end = DENSE_END.test( said ) ? '。' : '.';
		}
		last = '\n';
		return `${ end }\n`;
	};
	/** Says what stands between the lines before and the words that come now. */
	const bridge = (): string => {
		const was = gap;
		gap = 'none';
		switch ( was ) {
			case 'block':
				return close();
			case 'line':
				return DENSE_END.test( last ) ? '' : add( ' ' );
			case 'none':
				return '';
		}
	};
	const endLine = ( isOver: boolean ): string => {
		const rest = isBegun ? add( words.finish() ) : '';
		if ( isBlock || isOver ) {
			gap = 'block';
		} else if ( gap !== 'block' ) {
			gap = 'line';
		}
		isBegun = false;
		isBlock = false;
		line = '';
		return rest;
	};
	/** Reads a whole line that has not begun to be spoken. */
	const readLine = (): string => {
		if ( FENCE.test( line ) ) {
			isFenced = ! isFenced;
			gap = 'block';
			line = '';
			return '';
		}
		if ( isFenced || line.trim() === '' || RULE.test( line ) ) {
			gap = 'block';
			line = '';
			return '';
		}
		if ( TABLE_ROW.test( line ) ) {
			const row = TABLE_RULE.test( line ) ? '' : rowWords( line );
			line = '';
			gap = 'block';
			const spoken = row === '' ? '' : bridge() + add( row );
			gap = 'block';
			return spoken;
		}
		const begun = begin();
		return begun + endLine( false );
	};
	/** Begins to speak a line whose kind is known. */
	const begin = (): string => {
		let text = line.replace( QUOTE, '' );
		let start = '';
		if ( HEADING.test( text ) ) {
			text = text.replace( HEADING, '' ).replace( /[ \t]+#+[ \t]*$/, '' );
			gap = 'block';
			isBlock = true;
		} else {
			const item = ITEM.exec( text );
			if ( item ) {
				text = text.slice( item[ 0 ].length );
				start = item[ 1 ] === undefined ? '' : `${ item[ 1 ] }. `;
				gap = 'block';
			}
		}
		isBegun = true;
		line = '';
		return bridge() + add( start ) + add( words.push( text ) );
	};

	const take = ( character: string ): string => {
		if ( character === '\n' ) {
			return isBegun ? endLine( false ) : readLine();
		}
		if ( isBegun ) {
			return add( words.push( character ) );
		}
		line += character;
		// Headings may close with number signs, tables and code are read by the line; everything else may begin at once.
		return isFenced ||
			UNDECIDED.test( line ) ||
			HEADING.test( line.replace( QUOTE, '' ) ) ||
			TABLE_ROW.test( line ) ||
			FENCE.test( line )
			? ''
			: begin();
	};

	return {
		push( delta ) {
			let out = '';
			const all = half + delta.replaceAll( '\r', '' );
			half = /[\ud800-\udbff]$/.exec( all )?.[ 0 ] ?? '';
			for ( const character of all.slice(
				0,
				all.length - half.length
			) ) {
				out += take( character );
			}
			return out;
		},
		finish() {
			const rest = isBegun ? endLine( true ) : readLine();
			return rest + close();
		},
	};
}

/** Returns the words of a whole text. */
export function spokenText( markdown: string ): string {
	const text = createSpokenText();
	return text.push( markdown ) + text.finish();
}

function rowWords( row: string ): string {
	const cells = row
		.trim()
		.replace( /^\||\|$/g, '' )
		.split( '|' )
		.map( ( cell ) => {
			const words = createInlineReader();
			return ( words.push( cell.trim() ) + words.finish() ).trim();
		} )
		.filter( ( cell ) => cell !== '' );
	return cells.join( cells.some( isDense ) ? '，' : ', ' );
}

function isDense( text: string ): boolean {
	return /\p{Script=Han}/u.test( text );
}

/**
 * Turns an answer's small Markdown subset into a tree of plain descriptions. What it does not know stays text, HTML included.
 */
import { parseInline } from './markup-inline.ts';

/** Everything an answer can consist of. */
export type MarkupTag =
	'p' | 'ul' | 'ol' | 'li' | 'pre' | 'strong' | 'em' | 'code' | 'a' | 'br';

export interface MarkupElement {
	tag: MarkupTag;
	/** Only on `a`: an address that was allowed. */
	href?: string;
	/** Only on `ol`, when it does not begin at 1. */
	start?: number;
	children: MarkupNode[];
}

export type MarkupNode = string | MarkupElement;

export interface MarkupOptions {
	/** Returns the address a link may lead to, or `null` when it must stay text. */
	resolveLink: ( href: string ) => string | null;
	/** Whether more text follows: the last, unfinished piece is then held back or read as it will most likely end. */
	isStreaming: boolean;
}

const FENCE = /^\s{0,3}(`{3,}|~{3,})\s*[\w+#.-]*\s*$/;
const HEADING = /^\s{0,3}#{1,6}\s+(.*?)\s*#*$/;
const RULE = /^\s{0,3}([-*_])(\s*\1){2,}\s*$/;
const ITEM = /^(\s*)(?:[-*+•]|(\d{1,9})[.)])\s+(.*)$/;
const QUOTE = /^\s{0,3}>\s?/;
/** A last line that may still become a heading, an item, a rule or a fence. */
const UNDECIDED_LINE =
	/^\s*(#{1,6}|[-*+•_>]+|\d{1,9}[.)]?|`{1,3}[\w+#.-]*|~{1,3})?\s*$/;
/** A word longer than this (or a script without spaces) is shown before it is complete. */
const MAX_HELD_WORD = 24;

/** Parses an answer, complete or still growing. */
export function parseMarkup(
	text: string,
	options: MarkupOptions
): MarkupElement[] {
	const lines = text.replace( /\r\n?/g, '\n' ).split( '\n' );
	if ( options.isStreaming ) {
		holdBackUnfinished( lines );
	}
	const inline = ( source: string ) => parseInline( source, options );
	const blocks: MarkupElement[] = [];
	let paragraph: string[] = [];
	const endParagraph = () => {
		if ( paragraph.length > 0 ) {
			blocks.push( {
				tag: 'p',
				children: inline( paragraph.join( '\n' ) ),
			} );
			paragraph = [];
		}
	};

	// A quoted line reads like any other; only code keeps its signs.
	const unquoted = lines.map( ( line ) => line.replace( QUOTE, '' ) );
	for ( let index = 0; index < lines.length; index++ ) {
		const line = unquoted[ index ] ?? '';
		const fence = FENCE.exec( line )?.[ 1 ];
		const heading = HEADING.exec( line )?.[ 1 ];
		if ( fence ) {
			endParagraph();
			const code: string[] = [];
			while (
				++index < lines.length &&
				! ( lines[ index ] ?? '' ).trim().startsWith( fence )
			) {
				code.push( lines[ index ] ?? '' );
			}
			blocks.push( {
				tag: 'pre',
				children: [ { tag: 'code', children: [ code.join( '\n' ) ] } ],
			} );
		} else if ( line.trim() === '' || RULE.test( line ) ) {
			endParagraph();
		} else if ( heading !== undefined ) {
			endParagraph();
			blocks.push( {
				tag: 'p',
				children: [ { tag: 'strong', children: inline( heading ) } ],
			} );
		} else if ( ITEM.test( line ) ) {
			endParagraph();
			const end = endOfList( unquoted, index );
			blocks.push(
				...buildLists( unquoted.slice( index, end ), inline )
			);
			index = end - 1;
		} else {
			paragraph.push( line.trim() );
		}
	}
	endParagraph();
	return blocks;
}

/** Returns the text a reader hears or copies: no markers, one line a block or item. */
export function plainText( nodes: MarkupNode[] ): string {
	return nodes.map( plainNode ).join( '' ).trim();
}

function plainNode( node: MarkupNode ): string {
	if ( typeof node === 'string' ) {
		return node;
	}
	const inner = node.children.map( plainNode ).join( '' );
	switch ( node.tag ) {
		case 'br':
			return '\n';
		case 'p':
		case 'pre':
		case 'li':
			return inner.trimEnd() + '\n';
		default:
			return inner;
	}
}

/** Finds the line after the list that begins at `start`: items, their indented lines, and blank lines between items. */
function endOfList( lines: string[], start: number ): number {
	let end = start + 1;
	for ( let index = end; index < lines.length; index++ ) {
		const line = lines[ index ] ?? '';
		if ( ITEM.test( line ) || /^\s{2,}\S/.test( line ) ) {
			end = index + 1;
		} else if ( line.trim() !== '' ) {
			break;
		}
	}
	return end;
}

function buildLists(
	lines: string[],
	inline: ( source: string ) => MarkupNode[]
): MarkupElement[] {
	const lists: MarkupElement[] = [];
	/** The open lists, outermost first, with the indentation of their markers. */
	let open: Array< { indent: number; list: MarkupElement } > = [];
	for ( const line of lines ) {
		const match = ITEM.exec( line );
		const innermost = open.at( -1 )?.list.children.at( -1 );
		if ( ! match ) {
			if ( line.trim() && innermost && typeof innermost !== 'string' ) {
				innermost.children.push(
					{ tag: 'br', children: [] },
					...inline( line.trim() )
				);
			}
			continue;
		}
		const [ , space = '', number, content = '' ] = match;
		const indent = space.length;
		const tag = number === undefined ? 'ul' : 'ol';
		open = open.filter( ( level ) => level.indent <= indent );
		const level = open.at( -1 );
		const item: MarkupElement = { tag: 'li', children: inline( content ) };
		if ( level && indent - level.indent < 2 && level.list.tag === tag ) {
			level.list.children.push( item );
			continue;
		}
		const list: MarkupElement = {
			tag,
			children: [ item ],
			...( number !== undefined &&
				Number( number ) !== 1 && { start: Number( number ) } ),
		};
		const parent = level?.list.children.at( -1 );
		if (
			level &&
			indent - level.indent >= 2 &&
			parent &&
			typeof parent !== 'string'
		) {
			parent.children.push( list );
		} else {
			open = [];
			lists.push( list );
		}
		open.push( { indent, list } );
	}
	return lists;
}

/** Takes away from the end what could still change its meaning, so that nothing on screen ever has to. */
function holdBackUnfinished( lines: string[] ): void {
	const last = lines.pop() ?? '';
	if ( UNDECIDED_LINE.test( last ) ) {
		return;
	}
	const held = /\S+$/.exec( last )?.[ 0 ] ?? '';
	const isLongOrUnspaced =
		held.length > MAX_HELD_WORD ||
		/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u.test(
			held
		);
	lines.push(
		isLongOrUnspaced ? last : last.slice( 0, last.length - held.length )
	);
}

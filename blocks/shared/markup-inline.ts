/**
 * Reads the marks inside a line of an answer: bold, italic, code, links, line breaks.
 */
import type { MarkupElement, MarkupNode, MarkupOptions } from './markup.ts';

const ESCAPABLE = /[\\`*_{}[\]()#+\-.!|<>~]/;
const LINK =
	/!?\[([^[\]\n]{0,300})\]\(\s*<?([^\s()<>]{1,2000}(?:\([^\s()<>]{0,200}\))?)>?(?:\s+"[^"\n]{0,300}")?\s*\)/y;
const ADDRESS =
	/<?(https?:\/\/[^\s<>"'`*\u3000-\u303F\uFF00-\uFFEF]{1,2000})>?/iy;
/** The beginning of a link whose end has not arrived. */
const UNFINISHED_LINK =
	/!?\[[^[\]\n]{0,300}(\](\([^\s()]{0,2000}(\s[^)]{0,300})?)?)?$/;
const WORD = /[\p{L}\p{N}]/u;
/** Deeper nesting than anyone writes; past it marks stay text. */
const MAX_DEPTH = 4;

/** Parses the inside of one block. */
export function parseInline(
	source: string,
	options: MarkupOptions,
	depth = 0
): MarkupNode[] {
	const nodes: MarkupNode[] = [];
	let plain = '';
	/** Marks that have no end in the rest of this text: looking again would only cost time. */
	const endless = new Set< string >();
	const text =
		options.isStreaming && depth === 0
			? source.replace( UNFINISHED_LINK, '' )
			: source;

	const add = ( node: MarkupElement ) => {
		if ( plain ) {
			nodes.push( plain );
			plain = '';
		}
		nodes.push( node );
	};
	const inner = ( from: number, to: number ) =>
		parseInline( text.slice( from, to ), options, depth + 1 );

	for ( let index = 0; index < text.length; ) {
		const char = text[ index ] ?? '';
		const next = text[ index + 1 ] ?? '';
		if ( char === '\\' && ESCAPABLE.test( next ) ) {
			plain += next;
			index += 2;
			continue;
		}
		if ( char === '\n' ) {
			plain = plain.trimEnd();
			add( { tag: 'br', children: [] } );
			index++;
			continue;
		}
		const found =
			takeCode( text, index, endless, options ) ??
			takeLink( text, index, options, inner ) ??
			( depth < MAX_DEPTH
				? takeEmphasis( text, index, endless, options, inner )
				: null );
		if ( found ) {
			for ( const node of found.nodes ) {
				if ( typeof node === 'string' ) {
					plain += node;
				} else {
					add( node );
				}
			}
			index = found.end;
		} else {
			plain += char;
			index++;
		}
	}
	if ( plain ) {
		nodes.push( plain );
	}
	return nodes;
}

interface Found {
	nodes: MarkupNode[];
	end: number;
}

function takeCode(
	text: string,
	index: number,
	endless: Set< string >,
	{ isStreaming }: MarkupOptions
): Found | null {
	if ( text[ index ] !== '`' ) {
		return null;
	}
	let width = 1;
	while ( text[ index + width ] === '`' ) {
		width++;
	}
	const mark = '`'.repeat( width );
	const close = endless.has( mark )
		? -1
		: text.indexOf( mark, index + width );
	if ( close === -1 ) {
		endless.add( mark );
	}
	if ( close === -1 && ! isStreaming ) {
		return { nodes: [ mark ], end: index + width };
	}
	const to = close === -1 ? text.length : close;
	const code = text.slice( index + width, to ).replace( /\n/g, ' ' );
	return {
		nodes: [ { tag: 'code', children: [ code.trim() || code ] } ],
		end: close === -1 ? to : close + width,
	};
}

function takeLink(
	text: string,
	index: number,
	{ resolveLink }: MarkupOptions,
	inner: ( from: number, to: number ) => MarkupNode[]
): Found | null {
	const char = text[ index ];
	if ( char === '[' || ( char === '!' && text[ index + 1 ] === '[' ) ) {
		LINK.lastIndex = index;
		const match = LINK.exec( text );
		if ( ! match ) {
			return null;
		}
		const end = index + match[ 0 ].length;
		const labelAt = index + ( char === '!' ? 2 : 1 );
		const label = inner( labelAt, labelAt + ( match[ 1 ] ?? '' ).length );
		// A picture in an answer would be a request to wherever it points: only its description stays.
		const href = char === '!' ? null : resolveLink( match[ 2 ] ?? '' );
		return href === null || label.length === 0
			? { nodes: label, end }
			: {
					nodes: [
						{ tag: 'a', href, children: withoutLinks( label ) },
					],
					end,
				};
	}
	if ( char !== '<' && char !== 'h' && char !== 'H' ) {
		return null;
	}
	if ( /[a-z0-9]/i.test( text[ index - 1 ] ?? '' ) ) {
		return null;
	}
	ADDRESS.lastIndex = index;
	const match = ADDRESS.exec( text );
	if ( ! match ) {
		return null;
	}
	// A sentence's full stop or closing bracket is not part of the address it ends with.
	const address = ( match[ 1 ] ?? '' ).replace( /[.,;:!?)\]]+$/, '' );
	const isBracketed = char === '<' && match[ 0 ].endsWith( '>' );
	const end =
		index +
		( isBracketed
			? match[ 0 ].length
			: address.length + ( char === '<' ? 1 : 0 ) );
	const href = resolveLink( address );
	return {
		nodes:
			href === null
				? [ address ]
				: [ { tag: 'a', href, children: [ address ] } ],
		end,
	};
}

function takeEmphasis(
	text: string,
	index: number,
	endless: Set< string >,
	{ isStreaming }: MarkupOptions,
	inner: ( from: number, to: number ) => MarkupNode[]
): Found | null {
	const char = text[ index ] ?? '';
	if ( char !== '*' && char !== '_' ) {
		return null;
	}
	let width = 1;
	while ( width < 3 && text[ index + width ] === char ) {
		width++;
	}
	const mark = char.repeat( width );
	const from = index + width;
	// Inside a word only double stars count: `2*3*4` and `a_b_c` are what they are, and Chinese has no spaces around bold.
	const isInWord = ( at: number ) =>
		mark !== '**' && WORD.test( text[ at ] ?? '' );
	const opens =
		! /[\s*_]|^$/.test( text[ from ] ?? '' ) && ! isInWord( index - 1 );
	if ( ! opens || endless.has( mark ) ) {
		return null;
	}
	const closes = ( at: number ) =>
		! /[\s\\]/.test( text[ at - 1 ] ?? '' ) &&
		! isInWord( at + width ) &&
		// A single mark must not be half of a double one.
		( width > 1 || ( text[ at + 1 ] !== char && text[ at - 1 ] !== char ) );
	let close = text.indexOf( mark, from );
	while ( close !== -1 && ! closes( close ) ) {
		close = text.indexOf( mark, close + 1 );
	}
	if ( close === -1 ) {
		endless.add( mark );
		if ( ! isStreaming ) {
			return null;
		}
	}
	const to = close === -1 ? text.length : close;
	const children = inner( from, to );
	const end = to + ( close === -1 ? 0 : width );
	return {
		nodes: [
			width === 1
				? { tag: 'em', children }
				: {
						tag: 'strong',
						children:
							width === 2
								? children
								: [ { tag: 'em', children } ],
					},
		],
		end,
	};
}

/** A link cannot hold another one. */
function withoutLinks( nodes: MarkupNode[] ): MarkupNode[] {
	return nodes.flatMap( ( node ) => {
		if ( typeof node === 'string' ) {
			return [ node ];
		}
		const children = withoutLinks( node.children );
		return node.tag === 'a' ? children : [ { ...node, children } ];
	} );
}

/**
 * Finds sentences in the text of the page, as it stands there, and reads the page's own text where there is no other.
 */

/** What is no text of the article, as the plugin leaves it out of what the proxy knows. */
const LEFT_OUT =
	'audio,button,canvas,dialog,form,iframe,math,nav,noscript,object,script,select,style,svg,template,textarea,video,[hidden],[aria-hidden="true"],.screen-reader-text,.docent,.docent-listen';

/** What a sentence does not reach across. */
const BLOCKS =
	'address,article,aside,blockquote,caption,dd,div,dt,figcaption,figure,footer,h1,h2,h3,h4,h5,h6,header,li,main,p,pre,section,summary,td,th';

const HEADINGS = 'h1,h2,h3,h4,h5,h6';

/** Where the article of a page stands, seen from the block. */
export function articleAround( block: Element ): Element {
	const wide = '.wp-block-post-content, .entry-content';
	return (
		block.closest( wide ) ??
		document.querySelector( wide ) ??
		block.closest( 'article, main' ) ??
		document.querySelector( 'main' ) ??
		document.body
	);
}

/** The part of an article under the heading that stands before the block. */
export interface Section {
	/** Its own heading and those inside it, in their order. */
	headings: string[];
	has( node: Node ): boolean;
}

/** Finds the section that a block stands in, `undefined` when no heading stands before it. */
export function sectionOf(
	article: Element,
	block: Element
): Section | undefined {
	const all = [ ...article.querySelectorAll( HEADINGS ) ];
	const start = all.findLastIndex( ( heading ) =>
		isBefore( heading, block )
	);
	const own = all[ start ];
	if ( ! own ) {
		return undefined;
	}
	const rest = all.slice( start + 1 );
	const stop = rest.findIndex(
		( heading ) => heading.localName <= own.localName
	);
	const after = stop < 0 ? undefined : rest[ stop ];
	return {
		headings: [ own, ...rest.slice( 0, stop < 0 ? undefined : stop ) ].map(
			( heading ) => heading.textContent ?? ''
		),
		has: ( node ) =>
			( own.contains( node ) || isBefore( own, node ) ) &&
			( ! after || isBefore( node, after ) ),
	};
}

function isBefore( first: Node, second: Node ): boolean {
	return Boolean(
		// The answer is a set of bits.
		// eslint-disable-next-line no-bitwise
		first.compareDocumentPosition( second ) &
		Node.DOCUMENT_POSITION_FOLLOWING
	);
}

/** Reads the paragraphs of an article, or of a section of it. */
export function paragraphsOf( article: Element, section?: Section ): string[] {
	const paragraphs: string[] = [];
	let last: Element | null | undefined;
	for ( const node of textNodes( article ) ) {
		if ( section && ! section.has( node ) ) {
			continue;
		}
		const block = node.parentElement?.closest( BLOCKS );
		if ( block !== last || paragraphs.length === 0 ) {
			paragraphs.push( '' );
			last = block;
		}
		paragraphs.push( ( paragraphs.pop() ?? '' ) + node.data );
	}
	return paragraphs
		.map( ( text ) => text.replace( /\s+/g, ' ' ).trim() )
		.filter( ( text ) => /[\p{L}\p{N}]/u.test( text ) );
}

function* textNodes( article: Element ): Generator< Text > {
	const walker = document.createTreeWalker(
		article,
		NodeFilter.SHOW_ELEMENT + NodeFilter.SHOW_TEXT,
		( node ) => {
			if ( node instanceof Text ) {
				return NodeFilter.FILTER_ACCEPT;
			}
			return ( node as Element ).matches( LEFT_OUT )
				? NodeFilter.FILTER_REJECT
				: NodeFilter.FILTER_SKIP;
		}
	);
	while ( walker.nextNode() ) {
		yield walker.currentNode as Text;
	}
}

/** Finds sentences on the page, each behind the one found before it if it stands there. */
export interface SentenceFinder {
	/** The range of a sentence, `undefined` when the page does not show it. */
	find( sentence: string ): Range | undefined;
}

/** Makes a finder of the text as it is now. Only letters and digits count: WordPress sets quotes, dashes and spaces of its own. */
export function createSentenceFinder( article: Element ): SentenceFinder {
	let letters = '';
	const nodes: Text[] = [];
	/** For each letter its node and its place in it. */
	const nodeOf: number[] = [];
	const placeOf: number[] = [];
	for ( const node of textNodes( article ) ) {
		nodes.push( node );
		for ( const { 0: letter, index } of node.data.matchAll( LETTER ) ) {
			// One letter may become two when it is made small.
			const small = letter.toLowerCase();
			letters += small;
			for ( let unit = 0; unit < small.length; unit++ ) {
				nodeOf.push( nodes.length - 1 );
				placeOf.push( index );
			}
		}
	}
	let cursor = 0;

	return {
		find( sentence ) {
			const wanted = lettersOf( sentence );
			if ( wanted === '' ) {
				return undefined;
			}
			let at = letters.indexOf( wanted, cursor );
			at = at < 0 ? letters.indexOf( wanted ) : at;
			if ( at < 0 ) {
				return undefined;
			}
			cursor = at + wanted.length;
			const first = nodes[ nodeOf[ at ] ?? 0 ];
			const last = nodes[ nodeOf[ cursor - 1 ] ?? 0 ];
			if ( ! first?.isConnected || ! last?.isConnected ) {
				return undefined;
			}
			const range = document.createRange();
			range.setStart( first, placeOf[ at ] ?? 0 );
			const end = placeOf[ cursor - 1 ] ?? 0;
			// The full stop belongs to the sentence.
			const rest = /^.[^\s\p{L}\p{N}]*/su.exec( last.data.slice( end ) );
			range.setEnd( last, end + ( rest?.[ 0 ].length ?? 1 ) );
			return range;
		},
	};
}

const LETTER = /[\p{L}\p{N}]/gu;

function lettersOf( text: string ): string {
	return ( text.match( LETTER ) ?? [] ).join( '' ).toLowerCase();
}

/** Says whether two texts are the same but for spaces, signs and capitals. */
export function isSameText( first: string, second: string ): boolean {
	return lettersOf( first ) === lettersOf( second );
}

/**
 * Shows an answer's markup as elements and text nodes, and changes only what changed: what is already read never moves.
 */
import { isBeingWritten } from '../../shared/conversation.ts';
import type { Turn } from '../../shared/conversation.ts';
import { parseMarkup, plainText } from '../../shared/markup.ts';
import type { MarkupElement, MarkupNode } from '../../shared/markup.ts';
import { keepEmoji } from './elements.ts';

/** Returns an answer as text without marks, as far as it is settled. */
export function answerText( turn: Turn ): string {
	return plainText(
		parseMarkup( turn.text, {
			isStreaming: isBeingWritten( turn ),
			resolveLink: () => null,
		} )
	);
}

/** Makes the children of `parent` equal to the description. Text that only grew is appended to, so a selection stays. */
export function showMarkup( parent: Element, nodes: MarkupNode[] ): void {
	nodes.forEach( ( node, index ) => {
		const current = parent.childNodes[ index ];
		if ( typeof node === 'string' ) {
			if ( current?.nodeType !== Node.TEXT_NODE ) {
				put( parent, current, document.createTextNode( node ) );
			} else if ( current.nodeValue !== node ) {
				const shown = current.nodeValue ?? '';
				if ( node.startsWith( shown ) ) {
					( current as Text ).appendData(
						node.slice( shown.length )
					);
				} else {
					current.nodeValue = node;
				}
			}
			return;
		}
		let element = current as Element | undefined;
		if ( element?.localName !== node.tag ) {
			element = document.createElement( node.tag );
			keepEmoji( element );
			put( parent, current, element );
		}
		describe( element, node );
		showMarkup( element, node.children );
	} );
	while ( parent.childNodes.length > nodes.length ) {
		parent.lastChild?.remove();
	}
}

function put(
	parent: Element,
	current: ChildNode | undefined,
	next: Node
): void {
	if ( current ) {
		current.replaceWith( next );
	} else {
		parent.append( next );
	}
}

function describe(
	element: Element,
	{ tag, href, start }: MarkupElement
): void {
	if (
		tag === 'a' &&
		href !== undefined &&
		element.getAttribute( 'href' ) !== href
	) {
		element.setAttribute( 'href', href );
		element.setAttribute( 'rel', 'noopener' );
	}
	if ( tag === 'ol' && start !== undefined ) {
		element.setAttribute( 'start', String( start ) );
	}
	// Not on items: a list's markers stand on one side.
	if ( tag === 'p' || tag === 'ul' || tag === 'ol' ) {
		element.setAttribute( 'dir', 'auto' );
	}
}

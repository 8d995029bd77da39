/**
 * The answer's markup: what it understands, what it leaves alone, and that growing text never moves what is read.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLinkResolver } from '../../../blocks/shared/links.ts';
import { parseMarkup, plainText } from '../../../blocks/shared/markup.ts';
import type { MarkupNode } from '../../../blocks/shared/markup.ts';

const PAGE = 'https://shop.example/faq/?page=1';
const SOURCES = [
	{ id: 1, title: 'Care', url: 'https://care.example/wax?a=1' },
	{ id: 2, title: 'Bad', url: 'javascript:alert(1)' },
];
const resolveLink = createLinkResolver( PAGE, SOURCES );

const parse = ( text: string, isStreaming = false ) =>
	parseMarkup( text, { resolveLink, isStreaming } );

/** Writes a tree the way HTML would, for reading in an assertion only. */
function outline( nodes: MarkupNode[] ): string {
	return nodes
		.map( ( node ) => {
			if ( typeof node === 'string' ) {
				return node;
			}
			const href = node.href === undefined ? '' : ` ${ node.href }`;
			const start = node.start === undefined ? '' : ` ${ node.start }`;
			return `<${ node.tag }${ href }${ start }>${ outline( node.children ) }</>`;
		} )
		.join( '' );
}

const show = ( text: string, isStreaming = false ) =>
	outline( parse( text, isStreaming ) );

describe( 'a complete answer', () => {
	it.each( [
		[ 'paragraphs and line breaks', 'a\nb\n\nc', '<p>a<br></>b</><p>c</>' ],
		[
			'bold and italic',
			'**a** *b* __c__ _d_ ***e***',
			'<p><strong>a</> <em>b</> <strong>c</> <em>d</> <strong><em>e</></></>',
		],
		[
			'bold in the middle of a word, as Chinese needs it',
			'在**六十天**内',
			'<p>在<strong>六十天</>内</>',
		],
		[
			'code with marks inside',
			'`a **b** <i>`',
			'<p><code>a **b** <i></></>',
		],
		[ 'code in double marks', '``a ` b``', '<p><code>a ` b</></>' ],
		[
			'a heading as bold',
			'## How *it* works ##',
			'<p><strong>How <em>it</> works</></>',
		],
		[
			'a list',
			'- a\n- **b**\n\n* c',
			'<ul><li>a</><li><strong>b</></><li>c</></>',
		],
		[
			'a list right under its sentence',
			'So:\n1. a\n2. b\nEnd.',
			'<p>So:</><ol><li>a</><li>b</></><p>End.</>',
		],
		[
			'a list that begins at 3',
			'3) a\n4) b',
			'<ol 3><li>a</><li>b</></>',
		],
		[
			'a list in a list',
			'- a\n  - b\n    - c\n- d',
			'<ul><li>a<ul><li>b<ul><li>c</></></></></><li>d</></>',
		],
		[
			'points under a numbered item',
			'1. a\n   - b\n2. c',
			'<ol><li>a<ul><li>b</></></><li>c</></>',
		],
		[ 'the second line of an item', '- a\n  b', '<ul><li>a<br></>b</></>' ],
		[
			'a block of code',
			'```js\n<b>\n**x**\n```\nafter',
			'<pre><code><b>\n**x**</></><p>after</>',
		],
		[ 'a block of code without end', '```\na', '<pre><code>a</></>' ],
		[ 'a quotation as a paragraph', '> a\n> b', '<p>a<br></>b</>' ],
		[ 'a rule as nothing', 'a\n\n---\n\nb', '<p>a</><p>b</>' ],
		[ 'escaped marks', '\\*a\\* \\[b\\](c)', '<p>*a* [b](c)</>' ],
	] )( 'shows %s', ( _, text, expected ) => {
		expect( show( text ) ).toBe( expected );
	} );

	it.each( [
		'5 * 3 * 2',
		'a_b_c and __init__ed',
		'2*3*4',
		'**open',
		'*open',
		'`open',
		'** a **',
		'[label] (not a link)',
		'[open](/returns',
		'<b>bold</b> <img src=x onerror=alert(1)> <script>alert(1)</script>',
		'&lt;b&gt; &amp;',
		'€ 3.50 | 2 pieces',
		'C# and C++ #5',
	] )( 'leaves %s as it is', ( text ) => {
		expect( show( text ) ).toBe( `<p>${ text }</>` );
	} );
} );

describe( 'a link', () => {
	it.each( [
		[
			'[a](https://shop.example/returns)',
			'<p><a https://shop.example/returns>a</></>',
		],
		[
			'[a](/returns "Title")',
			'<p><a https://shop.example/returns>a</></>',
		],
		[
			'[**a**](?page=2)',
			'<p><a https://shop.example/faq/?page=2><strong>a</></></>',
		],
		[ '[a](</w_(x)>)', '<p><a https://shop.example/w_(x)>a</></>' ],
		[
			'[a](https://care.example/wax?a=1)',
			'<p><a https://care.example/wax?a=1>a</></>',
		],
		[
			'See https://shop.example/a, or <https://shop.example/b>.',
			'<p>See <a https://shop.example/a>https://shop.example/a</>, or <a https://shop.example/b>https://shop.example/b</>.</>',
		],
		[
			'见https://shop.example/a。好',
			'<p>见<a https://shop.example/a>https://shop.example/a</>。好</>',
		],
	] )( 'of the site or a source is made from %s', ( text, expected ) => {
		expect( show( text ) ).toBe( expected );
	} );

	it.each( [
		'javascript:alert(1)',
		'JaVaScRiPt:alert(1)',
		'java\tscript:alert(1)',
		'data:text/html,<script>alert(1)</script>',
		'vbscript:x',
		'file:///etc/passwd',
		'blob:https://shop.example/x',
		'//elsewhere.example/x',
		'https://elsewhere.example/x',
		'https://shop.example@elsewhere.example/x',
		'https://user:pass@shop.example/x',
		'https://shop.example.elsewhere.example/',
		'https://care.example/wax?a=2',
		'https:\\\\elsewhere.example/x',
		'http://[::1',
		'mailto:a@shop.example',
	] )( 'to %s stays text', ( href ) => {
		const tree = parse( `[click](${ href }) ${ href } <${ href }>` );
		const hrefs: string[] = [];
		walk( tree, ( node ) => node.href && hrefs.push( node.href ) );
		// What remains of an address after a character that ends it may be an address of the site itself.
		expect(
			hrefs.filter(
				( found ) => new URL( found ).host !== 'shop.example'
			)
		).toEqual( [] );
		expect( hrefs.some( ( found ) => /script|etc|@/.test( found ) ) ).toBe(
			false
		);
	} );

	it( 'inside a link is only its text', () => {
		expect(
			show( '[see https://shop.example/a](https://shop.example/b)' )
		).toBe(
			'<p><a https://shop.example/b>see https://shop.example/a</></>'
		);
	} );

	it( 'to a picture is only its description', () => {
		expect( show( '![a boot](https://shop.example/boot.png)' ) ).toBe(
			'<p>a boot</>'
		);
	} );
} );

describe( 'a growing answer', () => {
	const ANSWER =
		'Yes. You can return **unworn boots** within _60 days_ of delivery.\n\n## How it works\n1. Print the [label](/account) now.\n2. Pack the `boots` with **the tag**.\n\n- one\n- two\n\nSee https://shop.example/returns for more. 靴子可以退货。\n\n```\ncode here\n```\nEnd.';

	it( 'never changes what it showed before', () => {
		let before = '';
		for ( let length = 0; length <= ANSWER.length; length++ ) {
			const now = plainText( parse( ANSWER.slice( 0, length ), true ) );
			expect(
				now.startsWith( before.trimEnd() ),
				`${ before }\n→\n${ now }`
			).toBe( true );
			before = now;
		}
		expect( plainText( parse( ANSWER ) ).startsWith( before ) ).toBe(
			true
		);
	} );

	it( 'shows whole words only', () => {
		expect( show( 'Returns are fr', true ) ).toBe( '<p>Returns are</>' );
		expect( show( 'Returns are free ', true ) ).toBe(
			'<p>Returns are free</>'
		);
	} );

	it( 'shows a word that never ends, and scripts without spaces', () => {
		expect( show( 'x'.repeat( 40 ), true ) ).toBe(
			`<p>${ 'x'.repeat( 40 ) }</>`
		);
		expect( show( '靴子可以', true ) ).toBe( '<p>靴子可以</>' );
	} );

	it.each( [
		[ 'a **bold beginning ', '<p>a <strong>bold beginning</></>' ],
		[ 'a `code beginning ', '<p>a <code>code beginning</></>' ],
		[ 'a [label](https://shop.ex', '<p>a</>' ],
		[ 'a\n- ', '<p>a</>' ],
		[ 'a\n##', '<p>a</>' ],
		[ 'a\n12', '<p>a</>' ],
		[ 'a\n``', '<p>a</>' ],
	] )( 'reads %j the way it will most likely end', ( text, expected ) => {
		expect( show( text, true ) ).toBe( expected );
	} );
} );

describe( 'a quoted list', () => {
	it.each( [ '> - boots', '>1. boots', 'He wrote:\n> - tents\n> - boots' ] )(
		'is a list with all its items: %s',
		( text ) => {
			expect( plainText( parse( text ) ) ).toContain( 'boots' );
		}
	);
} );

describe( 'any text', () => {
	const TAGS = new Set( [
		'p',
		'ul',
		'ol',
		'li',
		'pre',
		'strong',
		'em',
		'code',
		'a',
		'br',
	] );
	const pieces = fc.array(
		fc.oneof(
			fc.constantFrom(
				'*',
				'**',
				'_',
				'`',
				'```\n',
				'[',
				']',
				'(',
				')',
				'](',
				'!',
				'<',
				'>',
				'\\',
				'\n',
				'\n\n',
				'- ',
				'  - ',
				'1. ',
				'# ',
				'> ',
				'https://shop.example/',
				'javascript:',
				' ',
				'word',
				'靴',
				'😀',
				'\u202E',
				'\0'
			),
			fc.string( { maxLength: 5 } )
		),
		{ maxLength: 60 }
	);

	it( 'becomes known elements, allowed addresses and text, and none of its letters is lost', () => {
		fc.assert(
			fc.property( pieces, fc.boolean(), ( parts, isStreaming ) => {
				const text = parts.join( '' );
				const tree = parse( text, isStreaming );
				walk( tree, ( node ) => {
					expect( TAGS.has( node.tag ) ).toBe( true );
					expect(
						Object.keys( node ).filter(
							( key ) =>
								! [
									'tag',
									'children',
									'href',
									'start',
								].includes( key )
						)
					).toEqual( [] );
					if ( node.href !== undefined ) {
						expect( new URL( node.href ).host ).toBe(
							'shop.example'
						);
					}
				} );
				if ( ! isStreaming ) {
					const count = ( value: string ) =>
						value.split( '靴' ).length;
					const hasAddress = /https?:|\]\(/i.test( text );
					expect(
						hasAddress ||
							text.includes( '```' ) ||
							count( plainText( tree ) ) === count( text )
					).toBe( true );
				}
			} ),
			{ numRuns: 2_000 }
		);
	} );

	it.each( [
		'*',
		'**',
		'_',
		'`',
		'[',
		'](',
		'![',
		'<',
		'\\',
		'- ',
		'> ',
		'# ',
		'*a',
		'[a](',
		'https://',
		'\n',
		'  ',
	] )( 'made of 20,000 characters of %j is read in good time', ( piece ) => {
		const startedAt = performance.now();
		parse( piece.repeat( 20_000 / piece.length ) );
		parse( piece.repeat( 20_000 / piece.length ), true );
		expect( performance.now() - startedAt ).toBeLessThan( 1_500 );
	} );
} );

function walk(
	nodes: MarkupNode[],
	visit: ( node: Exclude< MarkupNode, string > ) => void
): void {
	for ( const node of nodes ) {
		if ( typeof node !== 'string' ) {
			visit( node );
			walk( node.children, visit );
		}
	}
}

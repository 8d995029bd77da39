/**
 * Looks at what becomes of Markdown before it is spoken, whole and in pieces.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
	createSpokenText,
	spokenText,
} from '../../../../proxy/src/voice/speech/spoken-text.ts';

describe( 'the words of an answer', () => {
	it.each( [
		[ 'a citation', 'Within 60 days [1].', 'Within 60 days.\n' ],
		[ 'several citations', 'Yes [1][2, 3] [^4]. And [5]', 'Yes. And.\n' ],
		[ 'a citation of other models', 'Sure【4†source】.', 'Sure.\n' ],
		[
			'a link by its text',
			'See [our **policy**](https://e.example/a_(b)?x=1) now.',
			'See our policy now.\n',
		],
		[
			'a bare address by its host',
			'Look at https://www.shop.example/a/b?c=1.',
			'Look at shop.example.\n',
		],
		[
			'an address in brackets',
			'<https://e.example/x> it is',
			'e.example it is.\n',
		],
		[
			'a picture',
			'Look: ![a tent](https://e.example/t.png) nice',
			'Look: nice.\n',
		],
		[
			'emphasis',
			'It **is** _really_ ~~not~~ `good`',
			'It is really not good.\n',
		],
		[
			'a name with an underscore',
			'Set `max_size` to 5 * 3',
			'Set max size to 5 × 3.\n',
		],
		[ 'an emoji of several parts', 'Hi 👩🏽‍🚀🇩🇪 there ❤️!', 'Hi there !\n' ],
		[
			'a heading',
			'## Returns ##\nSixty days.',
			'Returns.\nSixty days.\n',
		],
		[
			'a list',
			'You can:\n- pack it\n- send it!\n\nDone',
			'You can:\npack it.\nsend it!\nDone.\n',
		],
		[ 'a numbered list', '1. First\n2) Then', '1. First.\n2. Then.\n' ],
		[
			'a table',
			'| Size | Price |\n|---|---:|\n| S | 4 € |',
			'Size, Price.\nS, 4 €.\n',
		],
		[ 'code', 'So:\n```js\nlet a = 1;\n```\nDone', 'So:\nDone.\n' ],
		[ 'a soft line break', 'One\ntwo', 'One two.\n' ],
		[ 'a quotation', '> He said so\n> twice', 'He said so twice.\n' ],
		[ 'entities', 'A &amp; B &lt; C', 'A & B < C.\n' ],
		[ 'tags', 'A<br>B <b>c</b>', 'A B c.\n' ],
		[ 'an escaped star', 'a \\* b', 'a * b.\n' ],
		[ 'an arrow', 'Settings → Voice', 'Settings , Voice.\n' ],
		[ 'a rule', 'One\n\n---\n\nTwo', 'One.\nTwo.\n' ],
		[
			'Chinese with all of it',
			'## 退货\n您可以在**60天**内退货[1]。请看[政策](https://e.example)\n- 包装\n- 寄出！',
			'退货。\n您可以在60天内退货。请看政策。\n包装。\n寄出！\n',
		],
		[ 'Chinese over two lines', '您可以\n退货', '您可以退货。\n' ],
		[
			'an address in Chinese',
			'请看https://e.example/退货。谢谢',
			'请看e.example退货。谢谢。\n',
		],
		[ 'nothing', ' \n\n', '' ],
		[ 'an open bracket', 'It is [not closed', 'It is not closed.\n' ],
		[
			'a price and a comparison',
			'a < b, 3 > 2 & more',
			'a < b, 3 > 2 & more.\n',
		],
	] )( 'leave of %s what is said', ( _, markdown, spoken ) => {
		expect( spokenText( markdown ) ).toBe( spoken );
	} );

	it( 'are the same however the answer was cut into pieces', () => {
		const part = fc.constantFrom(
			'# ',
			'- ',
			'1. ',
			'**',
			'_',
			'`',
			'```\n',
			'[',
			']',
			'(',
			')',
			'https://e.example/a',
			'www.',
			'!',
			'.',
			' ',
			'\n',
			'\n\n',
			'|',
			'[1]',
			'【1†a】',
			'【',
			'<b>',
			'<',
			'&amp;',
			'&',
			'word',
			'Wörter',
			'退货',
			'。',
			'😀',
			'👩🏽‍🚀',
			'4.90 €',
			'\\',
			'* ',
			'~',
			'>',
			'---',
			'h',
			'\r\n'
		);
		fc.assert(
			fc.property(
				fc.array( part, { maxLength: 40 } ),
				fc.array( fc.integer( { min: 1, max: 9 } ), { minLength: 1 } ),
				( parts, sizes ) => {
					const markdown = parts.join( '' );
					const pieces = createSpokenText();
					let out = '';
					for ( let at = 0, turn = 0; at < markdown.length; turn++ ) {
						const size = sizes[ turn % sizes.length ] ?? 1;
						out += pieces.push( markdown.slice( at, at + size ) );
						at += size;
					}
					expect( out + pieces.finish() ).toBe(
						spokenText( markdown )
					);
				}
			),
			{ numRuns: 2_000 }
		);
	} );

	it( 'hold nothing that a voice could stumble over, whatever was written', () => {
		fc.assert(
			fc.property(
				fc.string( { unit: 'grapheme', maxLength: 80 } ),
				( text ) => {
					const spoken = spokenText( text );
					expect( spoken ).not.toMatch( / {2}|\n\n|^\s/ );
					expect( spoken === '' || spoken.endsWith( '\n' ) ).toBe(
						true
					);
				}
			)
		);
	} );

	it( 'take a long answer in no time', () => {
		const startedAt = performance.now();
		spokenText( `${ '['.repeat( 500 ) }${ ']'.repeat( 500 ) }` );
		spokenText( `${ '[a '.repeat( 3_000 ) }${ '**x '.repeat( 3_000 ) }` );
		expect( performance.now() - startedAt ).toBeLessThan( 1_000 );
	} );
} );

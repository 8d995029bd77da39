/**
 * Checks that words typed in the preview arrive as the plain text that was typed.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
	htmlToText,
	textToHtml,
} from '../../../../blocks/assistant/edit/plain-text.ts';

describe( 'plain text in RichText', () => {
	it.each( [
		'Shoes & boots',
		'1 < 2 > 0',
		'<b>not bold</b>',
		'&amp; stays',
		'你好 🙂 שלום',
	] )( 'keeps %j', ( text ) => {
		expect( htmlToText( textToHtml( text ) ) ).toBe( text );
	} );

	it( 'keeps every single line', () => {
		fc.assert(
			fc.property( fc.string( { unit: 'binary' } ), ( text ) => {
				const line = text.replaceAll( '\n', ' ' );
				expect( htmlToText( textToHtml( line ) ) ).toBe( line );
			} )
		);
	} );

	it( 'drops markup that was pasted', () => {
		expect(
			htmlToText(
				'a<br>b <strong>c</strong>&nbsp;d<img src=x onerror=y>'
			)
		).toBe( 'a b c d' );
	} );
} );

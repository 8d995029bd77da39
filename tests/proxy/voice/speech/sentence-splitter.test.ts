/**
 * Looks at where spoken text is cut, and how early.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
	createSentenceSplitter,
	splitSentences,
} from '../../../../proxy/src/voice/speech/sentence-splitter.ts';

const trimmed = ( text: string ) =>
	splitSentences( text ).map( ( piece ) => piece.trim() );

describe( 'sentences', () => {
	it.each( [
		[
			'at full stops',
			'You can return it. It takes some days. Then we pay.',
			[ 'You can return it.', 'It takes some days.', 'Then we pay.' ],
		],
		[
			'but not at abbreviations and decimals',
			'Dr. Smith paid 4.90 euros, e.g. for tents. He left at 3 p.m. on foot.',
			[
				'Dr. Smith paid 4.90 euros, e.g. for tents.',
				'He left at 3 p.m. on foot.',
			],
		],
		[
			'but not at ordinals',
			'Wir öffnen am 3. Mai um zehn Uhr. Kommen Sie bitte vorbei.',
			[ 'Wir öffnen am 3. Mai um zehn Uhr.', 'Kommen Sie bitte vorbei.' ],
		],
		[
			'but not inside a quotation that goes on',
			'He said "Stop it now!" and left the shop. She stayed there.',
			[
				'He said "Stop it now!" and left the shop.',
				'She stayed there.',
			],
		],
		[
			'but not at an ellipsis in the middle',
			'We were waiting ... and waited. Nobody came to us.',
			[ 'We were waiting ... and waited.', 'Nobody came to us.' ],
		],
		[
			'but not inside an address',
			'Look at shop.example for tents. It is all there.',
			[ 'Look at shop.example for tents.', 'It is all there.' ],
		],
		[
			'at Chinese full stops',
			'您可以在六十天内退货。运费是多少钱呢？我们付！',
			[ '您可以在六十天内退货。', '运费是多少钱呢？我们付！' ],
		],
		[
			'with the quotation marks that close',
			'他说：“我们明天就会发货。”然后他就离开了商店。',
			[ '他说：“我们明天就会发货。”', '然后他就离开了商店。' ],
		],
		[
			'never between a short one and the next',
			'Yes. You can return it within sixty days. OK?',
			[ 'Yes. You can return it within sixty days.', 'OK?' ],
		],
		[
			'at the end of every line',
			'Returns.\nUnused gear goes back.\n',
			[ 'Returns.', 'Unused gear goes back.' ],
		],
		[
			'and a long first one at a comma',
			'If you are not happy with the tent that you bought from us, you can send it back within sixty days of its delivery. Bye now, dear friend.',
			[
				'If you are not happy with the tent that you bought from us,',
				'you can send it back within sixty days of its delivery.',
				'Bye now, dear friend.',
			],
		],
	] )( 'are cut %s', ( _, text, sentences ) => {
		expect( trimmed( text ) ).toEqual( sentences );
	} );

	it( 'come as soon as they are surely complete', () => {
		const splitter = createSentenceSplitter();
		expect( splitter.push( 'You can return it' ) ).toEqual( [] );
		expect( splitter.push( '.' ) ).toEqual( [] );
		expect( splitter.push( ' I' ) ).toEqual( [ 'You can return it. ' ] );
		expect( splitter.push( 't takes three days\n' ) ).toEqual( [
			'It takes three days\n',
		] );
		expect( splitter.finish() ).toEqual( [] );
	} );

	it( 'begin with a clause of a Chinese sentence without end', () => {
		const splitter = createSentenceSplitter();
		const [ first ] = splitter.push(
			'如果您对在我们商店购买的帐篷不满意，您可以在收到货物之后的六十天之内把它寄回给我们的仓库，我们收到以后'
		);
		expect( first ).toBe( '如果您对在我们商店购买的帐篷不满意，' );
	} );

	it.each( [
		[ 'without commas', 'word '.repeat( 200 ) ],
		[ 'without spaces', 'x'.repeat( 1_000 ) ],
		[ 'of emoji-like pairs', '𠮷'.repeat( 500 ) ],
		[ 'with commas', 'some words, and '.repeat( 60 ) ],
	] )( 'are never longer than 300 characters: one %s', ( _, text ) => {
		for ( const piece of splitSentences( text ) ) {
			expect( piece.length ).toBeLessThanOrEqual( 301 );
			expect( piece.isWellFormed() ).toBe( true );
		}
	} );

	it( 'joined are the text, the same however it was handed over', () => {
		const part = fc.constantFrom(
			'word',
			'Word',
			' ',
			'. ',
			'.',
			', ',
			'\n',
			'? ',
			'! ',
			'…',
			'"',
			'。',
			'，',
			'退货了',
			'3',
			'4.90',
			'e.g. ',
			'Dr. ',
			'z. B. ',
			') ',
			'(',
			'a rather long run of words that goes on for a while ',
			'; ',
			' — ',
			'！”',
			'pp. '
		);
		fc.assert(
			fc.property(
				fc.array( part, { maxLength: 60 } ),
				fc.array( fc.integer( { min: 1, max: 30 } ), { minLength: 1 } ),
				( parts, sizes ) => {
					const text = parts
						.join( '' )
						.replace( /\s*\n\s*/g, '\n' )
						.replace( / +/g, ' ' )
						.trimStart();
					const splitter = createSentenceSplitter();
					const pieces: string[] = [];
					for ( let at = 0, turn = 0; at < text.length; turn++ ) {
						const size = sizes[ turn % sizes.length ] ?? 1;
						pieces.push(
							...splitter.push( text.slice( at, at + size ) )
						);
						at += size;
					}
					pieces.push( ...splitter.finish() );
					expect( pieces.join( '' ) ).toBe( text );
					expect( pieces ).toEqual( splitSentences( text ) );
				}
			),
			{ numRuns: 3_000 }
		);
	} );
} );

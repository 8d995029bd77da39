/**
 * What a screen reader hears: the beginning, whole sentences, the end, and nothing twice.
 */
import { describe, expect, it } from 'vitest';
import {
	createNarration,
	wholeSentences,
} from '../../../blocks/shared/narration.ts';

const create = ( told = 0 ) =>
	createNarration( {
		begin: 'Answering.',
		end: () => 'Complete.',
		language: 'en',
		told,
	} );

describe( 'a narration', () => {
	const ANSWER =
		'Yes, for 60 days. Worn boots fall under the warranty.\nSeams are free.';

	it( 'of an answer growing letter by letter says at most its sentences and two more, each whole', () => {
		const narration = create();
		const said: string[] = [];
		for ( let length = 0; length <= ANSWER.length; length++ ) {
			said.push(
				...narration.follow( {
					text: ANSWER.slice( 0, length ),
					isRunning: true,
				} )
			);
		}
		said.push( ...narration.follow( { text: ANSWER, isRunning: false } ) );
		said.push( ...narration.follow( { text: ANSWER, isRunning: false } ) );
		expect( said ).toEqual( [
			'Answering.',
			'Yes, for 60 days.',
			'Worn boots fall under the warranty.',
			'Seams are free.',
			'Complete.',
		] );
	} );

	it( 'of an answer that comes at once says it in one piece', () => {
		const narration = create();
		expect( narration.follow( { text: '', isRunning: true } ) ).toEqual( [
			'Answering.',
		] );
		expect(
			narration.follow( { text: ANSWER, isRunning: false } )
		).toEqual( [ ANSWER.replace( '\n', ' ' ), 'Complete.' ] );
	} );

	it( 'of headings and list items ends each like a sentence', () => {
		const narration = create();
		const text = 'How it works\nPrint the label\nCosts €45 (about)\nDone.';
		narration.follow( { text: '', isRunning: true } );
		expect( narration.follow( { text, isRunning: false } )[ 0 ] ).toBe(
			'How it works. Print the label. Costs €45 (about). Done.'
		);
	} );

	it( 'of an answer taken up on another page leaves out what was told there', () => {
		const narration = create( 'Yes, for 60 days. '.length );
		const said = narration.follow( { text: ANSWER, isRunning: true } );
		expect( said ).toEqual( [
			'Answering.',
			'Worn boots fall under the warranty.',
		] );
	} );

	it( 'of an answer that was complete from the start says nothing but what is new', () => {
		expect(
			create( ANSWER.length ).follow( { text: ANSWER, isRunning: false } )
		).toEqual( [] );
	} );
} );

describe( 'wholeSentences', () => {
	it.each( [
		[ 'One. Two', 'en', 'One. ' ],
		[ 'It costs 3.50', 'en', '' ],
		[ '可以退货。运费', 'zh', '可以退货。' ],
		[ 'A line\n', 'en', 'A line\n' ],
		[ 'One. Two', 'not a language', 'One. ' ],
		[ '', '', '' ],
	] )( 'of %j in %s is %j', ( text, language, expected ) => {
		expect( wholeSentences( text, language ) ).toBe( expected );
	} );
} );

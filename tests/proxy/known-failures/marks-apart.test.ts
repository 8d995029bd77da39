/**
 * Signs that look like punctuation and carry the meaning of a question: whoever asks with another sign asks something else (T20, T21).
 */
import { describe, expect, it } from 'vitest';
import { normaliseQuestion } from '../../../proxy/src/answers/normalise.ts';

describe( 'T20: two questions are not one', () => {
	it.each( [
		[ 'feet and inches', `Is the mast 6' long?`, `Is the mast 6" long?` ],
		[ 'minutes and seconds', 'Is it 5′ long?', 'Is it 5″ long?' ],
		[ 'feet with inches', `Is he 6'2" tall?`, 'Is he 62 tall?' ],
		[ 'a half and five', 'Is it .5 mm thick?', 'Is it 5 mm thick?' ],
		[ 'per mille', 'Is the fee 5 ‰?', 'Is the fee 5?' ],
		[ 'brackets', 'What does [] mean?', 'What does {} mean?' ],
		[ 'a name with a point', 'Courses on .NET?', 'Courses on net?' ],
		[ 'a minus before a point', 'Is it -.5 degrees?', 'Is it .5 degrees?' ],
		[ 'a comma before a digit', 'Ist es ,5 mm dick?', 'Ist es 5 mm dick?' ],
		[ 'inches after a blank', 'Is it 5 " long?', `Is it 5 ' long?` ],
		[ 'a subtraction', 'What is 10 - 5?', 'What is 10 5?' ],
		[ 'from to', '5〜10個ですか', '5、10個ですか' ],
		[ 'an option', 'What does npm i -g do?', 'What does npm i g do?' ],
	] )( 'because of %s', ( _sign, one, other ) => {
		expect( normaliseQuestion( one ) ).not.toBe(
			normaliseQuestion( other )
		);
	} );
} );

describe( 'T21: a negation is not lost', () => {
	it.each( [
		[ 'When is a != b true?', 'When is a = b true?' ],
		[ 'When is !ready true?', 'When is ready true?' ],
	] )( 'in %s', ( one, other ) => {
		expect( normaliseQuestion( one ) ).not.toBe(
			normaliseQuestion( other )
		);
	} );
} );

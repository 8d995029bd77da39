/**
 * Brings together what is only typed differently, and keeps apart what is not the same question.
 */
import { describe, expect, it } from 'vitest';
import { normaliseQuestion } from '../../../proxy/src/answers/normalise.ts';

describe( 'normaliseQuestion', () => {
	it.each( [
		[ 'Do you ship to Norway?', 'do you ship to norway' ],
		[ 'Do you ship to Norway?', '  Do   you ship\nto Norway ?!' ],
		[ 'Do you ship to Norway?', 'DO YOU SHIP TO NORWAY' ],
		[ "What's the price?", 'What’s the price' ],
		[ 'Is it waterproof?', 'Is it “waterproof”?' ],
		[ 'How heavy is the Serra 3?', 'How heavy is the Ｓｅｒｒａ ３？' ],
		[ 'X-200 price', 'x‑200 price' ],
		[ '帐篷有多重', '帐篷有多重？' ],
		[ '帐篷有多重', '帐篷 有 多重。' ],
		[ 'Is it warm, soft and light?', 'is it warm soft and light' ],
		[ 'café', 'cafe\u0301' ],
	] )( 'takes %j and %j for one', ( a, b ) => {
		expect( normaliseQuestion( a ) ).toBe( normaliseQuestion( b ) );
		expect( normaliseQuestion( a ) ).not.toBe( '' );
	} );

	it.each( [
		[ 'Which book on C?', 'Which book on C++?' ],
		[ 'Which book on C++?', 'Which book on C#?' ],
		[ 'price of X-200', 'price of X-300' ],
		[ 'price of X-200', 'price of X 200' ],
		[ 'Is it 2.5 kg?', 'Is it 25 kg?' ],
		[ 'Is it 1,5 m?', 'Is it 15 m?' ],
		[ 'Is it 5 kg?', 'Is it 5 g?' ],
		[ 'Is it 5 MB?', 'Is it 5 Mb?' ],
		[ 'Does it work at -5 °C?', 'Does it work at 5 °C?' ],
		[ 'Does it work at −5 °C?', 'Does it work at 5 °C?' ],
		[ '10 % off?', '10 off?' ],
		[ '10 € shipping?', '10 $ shipping?' ],
		[ 'Is it 10 m²?', 'Is it 10 m2?' ],
		[ 'Is 5 < 6?', 'Is 5 > 6?' ],
		[ 'Do you ship to the US?', 'Do you ship to us?' ],
		[ 'Is there a job in IT?', 'Is there a job in it?' ],
		[ 'Please tell me the price', 'Tell me the price' ],
		[ 'Is it open?', 'Is it not open?' ],
		[ '帐篷', '帐蓬' ],
		[ 'résumé', 'resume' ],
		[ 'Is 👍 fine?', 'Is 👎 fine?' ],
		[ 'open 9-10', 'open 910' ],
		[ 'a/b', 'ab' ],
		[ 'version 1.2.3', 'version 1.23' ],
	] )( 'keeps %j and %j apart', ( a, b ) => {
		expect( normaliseQuestion( a ) ).not.toBe( normaliseQuestion( b ) );
	} );

	it.each( [ '', '???', ' … ', '。！？', '"\'"', '- - -' ] )(
		'leaves nothing of %j',
		( question ) => {
			expect( normaliseQuestion( question ) ).toBe( '' );
		}
	);
} );

import { describe, expect, it } from 'vitest';
import {
	findSigns,
	SIGNS,
	weighSigns,
	type Sign,
} from '../../../proxy/src/models/signs.ts';

const HARD: Array< [ Sign, string ] > = [
	[
		'comparison',
		'What is the difference between the Ridgeline and the Summit tent?',
	],
	[ 'comparison', 'Is the blue one better than the red one?' ],
	[ 'comparison', 'Should I take the down jacket or the fleece?' ],
	[ 'comparison', 'Was ist der Unterschied zwischen den beiden Zelten?' ],
	[ 'comparison', 'Ist das Zelt leichter als das andere?' ],
	[ 'comparison', '这两款帐篷有什么区别？' ],
	[ 'comparison', '我应该买羽绒服还是抓绒衣？' ],
	[ 'several', 'How much is shipping? And how long does it take?' ],
	[ 'several', 'Do you ship to Norway and how much does it cost' ],
	[ 'several', 'Was kostet der Versand und wie lange dauert er?' ],
	[ 'several', '运费多少？几天到？' ],
	[ 'calculation', 'How much would 3 tents and 2 mats cost altogether?' ],
	[ 'calculation', 'What is the total price with shipping?' ],
	[ 'calculation', 'Was kosten drei Zelte insgesamt?' ],
	[ 'calculation', '买三个帐篷一共多少钱？' ],
	[ 'calculation', 'Is 12 kg below the 20 kg you allow?' ],
	[ 'reasoning', 'Why is my parcel late?' ],
	[ 'reasoning', 'Explain step by step how I wax the jacket.' ],
	[ 'reasoning', 'Warum ist die Jacke nicht wasserdicht?' ],
	[ 'reasoning', 'Erkläre mir Schritt für Schritt die Rückgabe.' ],
	[ 'reasoning', '为什么我的包裹还没到？' ],
	[ 'condition', 'Can I return it if I have opened the box?' ],
	[ 'condition', 'Kann ich es zurückgeben, wenn ich es benutzt habe?' ],
	[ 'condition', '如果拆封了还可以退吗？' ],
	[ 'negation', 'Which tents are sold without poles?' ],
	[ 'negation', 'Which countries don’t you deliver to?' ],
	[ 'negation', 'In welche Länder liefern Sie nicht?' ],
	[ 'negation', '哪些国家不能配送？' ],
];

describe( 'a sign of difficulty', () => {
	it.each( HARD )( '%s is found in: %s', ( sign, question ) => {
		expect( findSigns( question ) ).toContain( sign );
	} );
} );

describe( 'a question that looks one thing up', () => {
	it.each( [
		'How much is shipping?',
		'What are your opening hours?',
		'Do you ship to Norway?',
		'How do I return a parcel?',
		'How long can I return unused gear?',
		'Where is your shop',
		'What does the Ridgeline 2 tent weigh?',
		'Is shipping 4.90 euros?',
		'Are orders above 10,000.00 delivered free of charge?',
		'Wie lange dauert der Versand?',
		'Wann haben Sie geöffnet?',
		'Wo finde ich Ihr Geschäft?',
		'你们几点开门？',
		'运费多少钱？',
		'可以退货吗？',
		'Quels sont vos horaires ?',
		'¿Cuánto cuesta el envío?',
		'',
		'?',
	] )( 'has no sign: %s', ( question ) => {
		expect( findSigns( question ) ).toEqual( [] );
	} );
} );

describe( 'finding signs', () => {
	it( 'takes a moment for the longest question, however it is made', () => {
		const questions = [
			'which of '.repeat( 500 ),
			'?'.repeat( 4_000 ),
			'1 '.repeat( 2_000 ),
			'how can i '.repeat( 400 ),
			'比较'.repeat( 2_000 ),
			'ne a '.repeat( 800 ),
			'a'.repeat( 4_000 ),
		];
		for ( const question of questions ) {
			findSigns( question );
			const startedAt = performance.now();
			findSigns( question );
			expect( performance.now() - startedAt ).toBeLessThan( 50 );
		}
	} );

	it( 'weighs every sign', () => {
		for ( const sign of SIGNS ) {
			expect( weighSigns( [ sign ] ) ).toBeGreaterThan( 0 );
		}
		expect( weighSigns( [] ) ).toBe( 0 );
	} );
} );

/**
 * Questions that resemble each other and mean something else, asked of real proxies: nobody gets the answer to another question.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { page } from '../../support/proxy/shop.ts';
import { askAnew, fromCache, repeatQuestion } from './own-words.ts';
import { setStage, type Stage } from './stage.ts';

const DOCUMENTS = [
	page(
		21,
		'Books',
		'A book teaches C, another book teaches C++, a third book teaches C#. The price of the edition of 2014 and the price of the edition of 2016 differ.'
	),
	page(
		22,
		'Gear',
		'The price of the lamp X-200 and of the lamp X-300 is on its page. The rope is 5 m long, or 15 m, or 1.5 m; its diameter is 5 mm. Does it work below 5 °C? It works in frost.'
	),
	page(
		23,
		'Opening hours',
		'The shop is open on Sunday in summer. It is not open on Sunday in winter. We answer before noon and after lunch.'
	),
	page(
		24,
		'Settings',
		'Turn on dark mode in the menu, or turn off dark mode there. Enable notifications and disable notifications under sound.'
	),
	page(
		25,
		'Branches and trains',
		'Merge develop into main when the tests pass; merge main into develop after a release. Trains run from Berlin to Munich and from Munich to Berlin. Can I exchange a tent for a bag or a bag for a tent? Yes.'
	),
];

const APART: Array< [ string, string, string[] ] > = [
	[
		'T20',
		'another sign',
		[
			'Which book teaches C?',
			'Which book teaches C++?',
			'Which book teaches C#?',
		],
	],
	[
		'T20',
		'another number',
		[
			'What is the price of the edition of 2014?',
			'What is the price of the edition of 2016?',
		],
	],
	[
		'T20',
		'another model',
		[
			'What is the price of the lamp X-200?',
			'What is the price of the lamp X-300?',
		],
	],
	[
		'T20',
		'another size or unit',
		[
			'Is the rope 5 m long?',
			'Is the rope 15 m long?',
			'Is the rope 1.5 m long?',
			'Is the rope 5 mm long?',
		],
	],
	[
		'T20',
		'another side of zero',
		[ 'Does it work below 5 °C?', 'Does it work below -5 °C?' ],
	],
	[
		'T21',
		'a negation',
		[
			'Is the shop open on Sunday?',
			'Is the shop not open on Sunday?',
			"Isn't the shop open on Sunday?",
		],
	],
	[
		'T21',
		'an opposite',
		[ 'How do I turn on dark mode?', 'How do I turn off dark mode?' ],
	],
	[
		'T21',
		'an opposite with a common stem',
		[ 'How do I enable notifications?', 'How do I disable notifications?' ],
	],
	[
		'T21',
		'another time of day',
		[ 'Do you answer before noon?', 'Do you answer after noon?' ],
	],
	[
		'T22',
		'another direction',
		[
			'How do I merge develop into main?',
			'How do I merge main into develop?',
		],
	],
	[
		'T22',
		'another way round',
		[
			'Do trains run from Berlin to Munich?',
			'Do trains run from Munich to Berlin?',
		],
	],
	[
		'T22',
		'another exchange',
		[
			'Can I exchange a tent for a bag?',
			'Can I exchange a bag for a tent?',
		],
	],
];

describe.each( [ 'SQLite', 'Redis' ] as const )(
	'questions that differ only in one thing, with answers kept in %s,',
	( store ) => {
		let stage: Stage;
		beforeAll( async () => {
			stage = await setStage( {
				store,
				documents: DOCUMENTS,
				behaviour: repeatQuestion,
			} );
		} );
		afterAll( () => stage.close() );

		it.each( APART )(
			'%s: %s: each has an answer of its own, asked at once and later from the cache',
			async ( _number, _difference, questions ) => {
				const paid = stage.provider.bill.entries.length;
				const first = await Promise.all(
					questions.map( ( question ) =>
						askAnew( stage.proxy, question )
					)
				);
				for ( const [ index, answer ] of first.entries() ) {
					expect( answer ).toMatchObject( {
						cache: 'miss',
						finishReason: 'stop',
					} );
					expect( answer.text ).toContain(
						`You asked: ${ questions[ index ] }`
					);
				}
				const later = [];
				for ( const question of questions ) {
					later.push( await askAnew( stage.proxy, question ) );
				}
				expect( later ).toEqual( first.map( fromCache ) );
				expect( stage.provider.bill.entries.length - paid ).toBe(
					questions.length
				);
			}
		);
	}
);

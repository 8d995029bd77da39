/**
 * Changes a site at random, hundreds of times, and looks for a cached answer that a visitor would no longer get from the site. A new store
 * is put through it with one call of `describeNeverStale`.
 */
import { describe, expect, it } from 'vitest';
import { extractAnswer } from '../../../proxy/src/knowledge/extractive.ts';
import type { SiteDocument } from '../../../proxy/src/types.ts';
import { seeded } from '../knowledge/knowledge-contract.ts';
import { document } from '../knowledge/outdoor-shop.ts';
import type { OpenRooms } from '../knowledge/rooms.ts';

const SITE = 'shop';

const THINGS = [
	'lamp',
	'rope',
	'stove',
	'tent',
	'boot',
	'knife',
	'帐篷',
	'睡袋',
];
const COLOURS = [ 'amber', 'violet', 'olive', 'copper' ];
const CHINESE_COLOURS = [ '红色', '蓝色', '绿色', '黑色' ];

const isChinese = ( thing: string ) => /\p{Script=Han}/u.test( thing );

/** Two questions for every thing: what a wrong answer would be is plain. */
const QUESTIONS = THINGS.flatMap( ( thing ) =>
	isChinese( thing )
		? [ `${ thing }是什么颜色？`, `${ thing }的重量是多少？` ]
		: [
				`Which colour does the ${ thing } have?`,
				`How heavy is the ${ thing }?`,
			]
);

function write( id: string, random: () => number ): SiteDocument {
	const pick = < T >( list: readonly T[] ): T =>
		list[ Math.floor( random() * list.length ) ] as T;
	const facts = Array.from(
		{ length: 1 + Math.floor( random() * 3 ) },
		() => {
			const thing = pick( THINGS );
			const grams = 100 + Math.floor( random() * 900 );
			if ( isChinese( thing ) ) {
				return random() < 0.5
					? `${ thing }的颜色是${ pick( CHINESE_COLOURS ) }。`
					: `${ thing }的重量是${ grams }克。`;
			}
			return random() < 0.5
				? `The ${ thing } has the colour ${ pick( COLOURS ) }.`
				: `The ${ thing } weighs ${ grams } grams; its weight is small.`;
		}
	);
	return document(
		id,
		random() < 0.3 ? pick( THINGS ) : `Page ${ id }`,
		facts
			.map( ( fact, at ) => `## Part ${ at }\n${ fact }` )
			.join( '\n\n' ),
		{ language: facts.some( isChinese ) ? 'zh-CN' : 'en' }
	);
}

/** Describes answers over the store that `open` opens; a site is edited once a seed. */
export function describeNeverStale(
	name: string,
	open: OpenRooms,
	{ seeds, edits }: { seeds: number[]; edits: number }
): void {
	describe.each( seeds )( `a site in ${ name } edited %i`, ( seed ) => {
		it(
			`serves no stale answer in ${ edits } random edits`,
			{ timeout: 90_000 },
			async () => {
				const rooms = await open();
				const random = seeded( seed );
				const live = new Map< string, SiteDocument >();
				const key = ( question: string ) => ( {
					siteId: SITE,
					language: 'en',
					scopeKey: 'site',
					assistantVersion: '1',
					question,
				} );
				const answerNow = async ( question: string ) => {
					const found = await rooms.knowledge.search( SITE, {
						query: question,
						language: 'en',
					} );
					return {
						...found,
						text: found.isConfident
							? extractAnswer( question, found.passages )?.text
							: undefined,
					};
				};
				let hits = 0;
				let same = 0;
				let misses = 0;

				for ( let edit = 0; edit < edits; edit++ ) {
					const id = `d${ Math.floor( random() * 25 ) }`;
					const isRemoved = random() < 0.25 && live.has( id );
					if ( isRemoved ) {
						await rooms.knowledge.removeDocument( SITE, id );
						live.delete( id );
					} else {
						const written = write( id, random );
						await rooms.knowledge.putDocuments( SITE, [ written ] );
						live.set( id, written );
					}
					const pages = [ ...live.values() ]
						.map( ( { title, text } ) => `${ title }\n${ text }` )
						.join( '\n' );

					for ( const question of QUESTIONS ) {
						const cached = await rooms.answers.find(
							key( question )
						);
						const now = await answerNow( question );
						if ( cached.kind === 'hit' ) {
							hits++;
							same += cached.answer.text === now.text ? 1 : 0;
							// Every sentence that is served stands on the site at this moment …
							for ( const sentence of cached.answer.text.split(
								/\n|(?<=\.) /
							) ) {
								for ( const part of sentence.split( ' › ' ) ) {
									expect( pages ).toContain( part.trim() );
								}
							}
							// … and what the site has just changed would not be found for the question.
							expect(
								now.passages.map(
									( { documentId } ) => documentId
								)
							).not.toContain( id );
						} else if ( now.text !== undefined && random() < 0.5 ) {
							misses++;
							expect(
								await rooms.answers.remember( {
									...key( question ),
									text: now.text,
									sources: [],
									restsOn: now.passages.map(
										( { documentId, documentHash } ) => ( {
											documentId,
											hash: documentHash,
										} )
									),
									knowledgeVersion: now.knowledgeVersion,
									costNanoUsd: 1,
									ttlSeconds: 1e6,
								} )
							).toBe( true );
						}
					}
				}
				// The test means something only when answers were served, and served again after edits that did not touch them.
				expect( hits ).toBeGreaterThan( edits * 0.75 );
				expect( misses ).toBeGreaterThan( edits * 0.75 );
				expect( same / hits ).toBeGreaterThan( 0.95 );
				await rooms.close();
			}
		);
	} );

	describe( `an answer in ${ name } that is computed while the site changes`, () => {
		it( 'is stored only when nothing changed, whatever the order', async () => {
			const rooms = await open();
			const random = seeded( 11 );
			const question = 'How heavy is the lamp?';
			for ( let round = 0; round < 200; round++ ) {
				const grams = 100 + round;
				const current = document(
					'lamp',
					'Lamp',
					`The lamp weighs ${ grams } grams.`
				);
				const [ , stored ] = await Promise.all( [
					rooms.knowledge.putDocuments( SITE, [ current ] ),
					( async () => {
						for (
							let wait = Math.floor( random() * 4 );
							wait > 0;
							wait--
						) {
							await new Promise( setImmediate );
						}
						const found = await rooms.knowledge.search( SITE, {
							query: question,
							language: 'en',
						} );
						const text = found.passages[ 0 ]?.text ?? 'nothing';
						for (
							let wait = Math.floor( random() * 4 );
							wait > 0;
							wait--
						) {
							await new Promise( setImmediate );
						}
						return rooms.answers.remember( {
							siteId: SITE,
							language: 'en',
							scopeKey: 'site',
							assistantVersion: '1',
							question,
							text,
							sources: [],
							restsOn: [],
							knowledgeVersion: found.knowledgeVersion,
							costNanoUsd: 1,
							ttlSeconds: 1e6,
						} );
					} )(),
				] );
				const found = await rooms.answers.find( {
					siteId: SITE,
					language: 'en',
					scopeKey: 'site',
					assistantVersion: '1',
					question,
				} );
				if ( found.kind === 'hit' ) {
					expect( found.answer.text ).toBe( current.text );
				}
				expect( found.kind === 'hit' && ! stored ).toBe( false );
			}
			await rooms.close();
		} );
	} );
}

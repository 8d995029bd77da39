/**
 * Lists words that visitors and sites use for the same thing. Search treats them as weaker forms of the word asked for.
 */
import { stem } from './stem.ts';

/** Words of one line stand for one another. Each line is one idea that shops, clubs and practices write about. */
const GROUPS: Readonly< Record< string, readonly string[] > > = {
	en: [
		'ship shipping deliver delivery dispatch postage',
		'price cost fee charge rate',
		'refund reimburse reimbursement',
		'return exchange',
		'warranty guarantee',
		'weigh weight heavy',
		'size dimension measurement',
		'tall height high',
		'wide width',
		'long length',
		'deep depth',
		'hour open close opening closing',
		'phone telephone call',
		'email mail contact',
		'address location located directions',
		'buy purchase order',
		'pay payment',
		'repair fix mend',
		'broken damaged defective faulty',
		'colour color',
		'material fabric made',
		'staff team employee',
		'job career vacancy',
		'shop store',
		'cancel cancellation',
		'waterproof watertight rainproof',
		'wash clean care',
		'hire rent rental',
		'discount sale voucher coupon',
	],
};

/** The stems that stand for a stem, by language. */
export const SYNONYMS: Readonly<
	Record< string, ReadonlyMap< string, readonly string[] > >
> = Object.fromEntries(
	Object.entries( GROUPS ).map( ( [ language, groups ] ) => [
		language,
		readGroups( groups, language ),
	] )
);

function readGroups(
	groups: readonly string[],
	language: string
): Map< string, string[] > {
	const synonyms = new Map< string, string[] >();
	for ( const group of groups ) {
		const stems = [
			...new Set(
				group.split( ' ' ).map( ( word ) => stem( word, language ) )
			),
		];
		for ( const own of stems ) {
			const others = stems.filter( ( other ) => other !== own );
			synonyms.set( own, [
				...new Set( [ ...( synonyms.get( own ) ?? [] ), ...others ] ),
			] );
		}
	}
	return synonyms;
}

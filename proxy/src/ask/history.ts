/**
 * Understands a question in the light of what was said before.
 */
import type { PastTurn } from '../stores/conversation-store.ts';

/** How many earlier turns a model is shown. */
export const MAX_PAST_TURNS = 4;

/** Words that point back to something said before, at the start of a question or standing for its subject. */
const POINTS_BACK =
	/^(and|but|so|what about|how about|und|aber|et|mais|y|pero|那|那么|还有|如果)(?=\s|\p{Script=Han}|$)|\b(it|its|they|them|their|that|those|these|this one|the other|the first|the second|same|diese[rs]?|celui|celle|ceux|cela|eso|esto|ese|esa)\b|(它|他们|她们|这个|那个|这些|那些|其中)/iu;

/** A question with so few words rarely stands alone after another one. */
const FEW_WORDS = 3;

/** Tells whether a question leans on what was said before; without a past, none does. */
export function leansOnHistory(
	question: string,
	history: PastTurn[]
): boolean {
	return (
		history.length > 0 &&
		( POINTS_BACK.test( question.trim() ) ||
			countWords( question ) <= FEW_WORDS )
	);
}

/** Lists the queries to search with, best first: a question that leans on the past is searched together with the last one. */
export function searchQueries(
	question: string,
	history: PastTurn[]
): string[] {
	const last = history.at( -1 );
	return last && leansOnHistory( question, history )
		? [ `${ last.question } ${ question }`, question ]
		: [ question ];
}

/** Scripts whose words stand without spaces between them; finding those takes a dictionary. */
const WITHOUT_SPACES =
	/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

/** Made at the first question that needs it: its dictionaries take a megabyte. */
let segmenter: Intl.Segmenter | undefined;

function countWords( text: string ): number {
	if ( ! WITHOUT_SPACES.test( text ) ) {
		return text.trim().split( /\s+/ ).length;
	}
	segmenter ??= new Intl.Segmenter( undefined, { granularity: 'word' } );
	let count = 0;
	for ( const { isWordLike } of segmenter.segment( text.slice( 0, 400 ) ) ) {
		count += isWordLike ? 1 : 0;
	}
	return count;
}

/**
 * Searches a site for what answers a question, in the light of what was said before.
 */
import type { Knowledge } from '../knowledge/knowledge.ts';
import type { PastTurn } from '../stores/conversation-store.ts';
import type { PageScope } from '../types.ts';
import { searchQueries } from './history.ts';
import type { Found } from './question.ts';

/**
 * A model can tell from passages that cover so much of a question whether they answer it ("Do you ship to Australia?" beside a list of
 * countries); a quotation needs more.
 */
const MODEL_COVERAGE = 0.3;

/** Tells whether a model may try to answer from what was found. */
export function isWorthAsking( { isConfident, coverage }: Found ): boolean {
	return isConfident || coverage >= MODEL_COVERAGE;
}

/** Searches with the best query first, and with the other one when nothing fits. */
export async function searchSite(
	knowledge: Pick< Knowledge, 'search' >,
	{
		siteId,
		text,
		history,
		language,
		scope,
	}: {
		siteId: string;
		text: string;
		history: PastTurn[];
		language: string;
		scope: PageScope | undefined;
	}
): Promise< Found > {
	const [ first = text, ...others ] = searchQueries( text, history );
	const searchWith = async ( query: string ): Promise< Found > => ( {
		...( await knowledge.search( siteId, { query, language, scope } ) ),
		query,
	} );
	let best = await searchWith( first );
	for ( const query of others ) {
		if ( best.isConfident ) {
			break;
		}
		const next = await searchWith( query );
		best = next.coverage > best.coverage ? next : best;
	}
	return best;
}

/**
 * Answers from a copy of a site what a knowledge store answers from Redis.
 */
import type {
	DocumentSelection,
	SiteIndex,
	Snapshot,
	StoredPassage,
} from '../knowledge-store.ts';
import { blockOf, type Postings } from '../postings.ts';
import type { SiteCopy } from './redis-knowledge-copy.ts';
import {
	decodeDocument,
	decodePassage,
	decodePostings,
	decodeSite,
	documentOfPassage,
} from './redis-knowledge-decode.ts';
import { wordsName } from './redis-knowledge-words.ts';

/** Reads what there is of the site. */
export function recallSite( { state }: SiteCopy ): SiteIndex {
	return decodeSite( state );
}

/** Returns the postings of each word, in the order of `words`. */
export async function recallPostings(
	{ state, part }: SiteCopy,
	words: readonly string[]
): Promise< Snapshot< Postings[][] > > {
	const value = words.map( (): Postings[] => [] );
	for ( const language of Object.keys( state.languages ) ) {
		for ( let block = 0; block <= blockOf( state.next ); block++ ) {
			const stored = await part( wordsName( language, block ) );
			for ( const [ at, word ] of words.entries() ) {
				const bytes = stored.get( word );
				if ( bytes ) {
					value[ at ]?.push(
						decodePostings( language, block, bytes )
					);
				}
			}
		}
	}
	return { version: state.version, value };
}

/** Returns passages by number; numbers that are not there are left out. */
export async function recallPassages(
	{ state, part }: SiteCopy,
	numbers: readonly number[]
): Promise< Snapshot< StoredPassage[] > > {
	const passages = await part( 'passages' );
	const documents = await part( 'documents' );
	const value = numbers.flatMap( ( number ) => {
		const stored = passages.get( String( number ) )?.toString();
		const id = documentOfPassage( stored ?? '' );
		const document = documents.get( id )?.toString();
		return stored && document
			? [
					decodePassage(
						number,
						stored,
						decodeDocument( id, document )
					),
				]
			: [];
	} );
	return { version: state.version, value };
}

/** Returns the numbers of the passages of the selected documents, in the order of the text. */
export async function recallNumbers(
	{ state, part }: SiteCopy,
	{ ids, urls }: DocumentSelection
): Promise< Snapshot< number[] > > {
	const idsByUrl = await part( 'urls' );
	const numbers = await part( 'documents:numbers' );
	const parse = ( stored: Buffer | undefined ) =>
		stored ? JSON.parse( stored.toString() ) : [];
	const selected = new Set< string >( [
		...ids,
		...urls.flatMap( ( url ): string[] => parse( idsByUrl.get( url ) ) ),
	] );
	return {
		version: state.version,
		value: [ ...selected ].flatMap( ( id ): number[] =>
			parse( numbers.get( id ) )
		),
	};
}

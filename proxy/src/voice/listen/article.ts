/**
 * Puts an article together from the passages that are known of it, and cuts it into segments that are spoken one by one.
 */
import type {
	KnowledgeStore,
	StoredPassage,
} from '../../stores/knowledge-store.ts';
import { splitSentences } from '../speech/sentence-splitter.ts';
import { spokenText } from '../speech/spoken-text.ts';

/** A segment is closed once it is so long, or before the paragraph that would make it longer than the most; in characters. */
const GOOD_LENGTH = 400;
const MAX_LENGTH = 800;

/** No article has more segments; the rest is there to read. */
const MAX_SEGMENTS = 400;

/** A part of an article that is spoken as one. */
export interface Segment {
	/** The heading that it begins with. */
	heading?: string;
	/** Markdown, heading included. */
	text: string;
	/** As they are spoken. */
	sentences: string[];
}

/** An article to be read aloud. */
export interface Article {
	documentId: string;
	title: string;
	/** BCP 47 tag. */
	language: string;
	segments: Segment[];
}

/** Reads an article of a site; undefined when there is none of that id, or one without words. */
export async function readArticle(
	store: Pick< KnowledgeStore, 'passageNumbers' | 'passages' >,
	siteId: string,
	documentId: string
): Promise< Article | undefined > {
	const { value: numbers } = await store.passageNumbers( siteId, {
		ids: [ documentId ],
		urls: [],
	} );
	if ( numbers.length === 0 ) {
		return undefined;
	}
	const { value: found } = await store.passages( siteId, numbers );
	const byNumber = new Map(
		found.map( ( passage ) => [ passage.number, passage ] )
	);
	const passages = numbers.flatMap(
		( number ) => byNumber.get( number ) ?? []
	);
	const [ first ] = passages;
	if ( ! first ) {
		return undefined;
	}
	return {
		documentId,
		title: first.title,
		language: first.language,
		segments: segmentsOf( first.title, passages ),
	};
}

/** Cuts passages, which never overlap, into segments: at each heading, and between paragraphs. */
export function segmentsOf(
	title: string,
	passages: ReadonlyArray< Pick< StoredPassage, 'headingPath' | 'text' > >
): Segment[] {
	const segments: Segment[] = [];
	let path: readonly string[] = [];
	/** Headings that stand above the text to come. */
	let headings: string[] = title === '' ? [] : [ title ];
	let paragraphs: string[] = [];
	let length = 0;

	const close = (): void => {
		const text = [
			...headings.map( ( one ) => `# ${ one }` ),
			...paragraphs,
		].join( '\n\n' );
		const sentences = splitSentences( spokenText( text ) )
			.map( ( sentence ) => sentence.trim() )
			.filter( ( sentence ) => /[\p{L}\p{N}]/u.test( sentence ) );
		const [ heading ] = headings;
		if ( sentences.length > 0 && segments.length < MAX_SEGMENTS ) {
			segments.push( {
				...( heading === undefined ? {} : { heading } ),
				text,
				sentences,
			} );
		}
		headings = [];
		paragraphs = [];
		length = 0;
	};

	for ( const { headingPath, text } of passages ) {
		if ( ! isSame( headingPath, path ) ) {
			for ( const above of newHeadings( path, headingPath ) ) {
				if ( paragraphs.length > 0 ) {
					close();
				}
				headings.push( above );
			}
			path = headingPath;
		}
		for ( const paragraph of paragraphsOf( text ) ) {
			if (
				length >= GOOD_LENGTH ||
				( length > 0 && length + paragraph.length > MAX_LENGTH )
			) {
				close();
			}
			paragraphs.push( paragraph );
			length += paragraph.length;
		}
	}
	close();
	return segments;
}

/** Lists the headings that begin between two paths, outermost first. */
function newHeadings(
	before: readonly string[],
	after: readonly string[]
): readonly string[] {
	let same = 0;
	while ( same < after.length && after[ same ] === before[ same ] ) {
		same++;
	}
	return after.slice( same );
}

/** Cuts a passage between paragraphs, and a long paragraph between its sentences. */
function paragraphsOf( text: string ): string[] {
	return text
		.split( /\n[ \t]*\n/ )
		.flatMap( ( paragraph ) => {
			if (
				paragraph.length <= MAX_LENGTH ||
				paragraph.includes( '\n' )
			) {
				return [ paragraph ];
			}
			const parts: string[] = [];
			let part = '';
			for ( const sentence of splitSentences( paragraph ) ) {
				if (
					part !== '' &&
					part.length + sentence.length > MAX_LENGTH
				) {
					parts.push( part );
					part = '';
				}
				part += sentence;
			}
			return [ ...parts, part ];
		} )
		.map( ( paragraph ) => paragraph.trim() )
		.filter( ( paragraph ) => paragraph !== '' );
}

function isSame( one: readonly string[], other: readonly string[] ): boolean {
	return (
		one.length === other.length &&
		one.every( ( heading, at ) => heading === other[ at ] )
	);
}

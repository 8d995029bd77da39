/**
 * Splits text into the words that search works with. Scripts that write without spaces give characters and pairs of
 * characters when a document is read, and the pairs inside each word when a question is read.
 */
import { fold } from './fold.ts';
import { stem } from './stem.ts';
import { ASKING_WORDS, STOP_WORDS } from './stop-words.ts';
import { ANSWERING, SYNONYMS } from './synonyms.ts';

/** Changes whenever the words of a text come out differently, so that sites send their documents again. */
export const WORDS_VERSION = 3;

/** How many different words of one question are looked at. */
export const MAX_QUESTION_WORDS = 40;

/** A run of letters and digits with what may stand inside it: `X-200`, `2.5`, `women's`, `c++`. */
const RUN =
	/[\p{L}\p{M}\p{Nd}](?:[\p{L}\p{M}\p{Nd}'’_]|[-‐‑.,/](?=[\p{L}\p{Nd}])|[+#]+)*/gu;

/** Scripts that write without spaces between words. Hangul is with them because its endings stick to the word. */
const DENSE =
	'\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Hangul}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}ー';

/** The parts of a run: dense text, a number, or a word with its apostrophes and a trailing `++` or `#`. */
const PART = new RegExp(
	`([${ DENSE }]+)|(\\p{Nd}+(?:[.,]\\p{Nd}+)*)|((?:(?![${ DENSE }])[\\p{L}\\p{M}])+(?:['’](?:(?![${ DENSE }])[\\p{L}\\p{M}])+)*(?:\\+\\+|#)?)`,
	'gu'
);

const SIMPLE_WORD = /^[a-z]{1,60}$/;

/** A longer word is cut: what fills a line without a space is no word of any language, but somebody may look for its start. */
const MAX_WORD_LENGTH = 60;

const HAS_DENSE = new RegExp( `[${ DENSE }]`, 'u' );

/** Endings that Korean sets on a noun. */
const KOREAN_PARTICLE =
	/(?:입니까|인가요|이에요|예요|까지|부터|에서|으로|에게|하고|은|는|이|가|을|를|의|에|로|와|과|도|만|요)$/u;

/** What a text is read for: a document keeps every possible match, a question only what it asks about. */
type Reading = 'document' | 'question';

/** A word and whether it only repeats its neighbours in one piece (`x200` beside `x` and `200`). */
interface Token {
	word: string;
	isJoined: boolean;
}

/** Lists of dense words that carry no subject; a question may be too short to tell Chinese from Japanese. */
const NO_SUBJECT = [
	STOP_WORDS.zh,
	STOP_WORDS.ja,
	ASKING_WORDS.zh,
	ASKING_WORDS.ja,
];

let segmenter: Intl.Segmenter | undefined;

/** Function words that say something when they stand in a heading: "Where we are". */
const HEADING_WORDS: ReadonlySet< string > = new Set( [ 'where' ] );

/**
 * Returns the words of a document's text, or of a heading in it, with repeats, stemmed for its language, without its function
 * words.
 */
export function documentWords(
	text: string,
	language: string,
	{ isHeading = false } = {}
): string[] {
	const stopWords = STOP_WORDS[ language ];
	const words: string[] = [];
	for ( const { word } of tokens( fold( text ), 'document' ) ) {
		if (
			! stopWords?.has( word ) ||
			( isHeading && HEADING_WORDS.has( word ) )
		) {
			words.push( stem( word, language ) );
		}
	}
	return words;
}

/** A word that a question asks about, not stemmed. */
export interface QuestionWord {
	word: string;
	/** Says that the word asks rather than names a subject. */
	isAsking: boolean;
	/** Says that the word helps to rank, but that no passage has to hold it. */
	isOptional: boolean;
}

/** Returns the different words that a question asks about, in its order; `language` is a base tag. */
export function questionWords(
	question: string,
	language: string
): QuestionWord[] {
	const stopWords = STOP_WORDS[ language ];
	const askingWords = ASKING_WORDS[ language ];
	const wanted = new Map< string, boolean >();
	const asking = new Map< string, boolean >();
	for ( const { word, isJoined } of tokens( fold( question ), 'question' ) ) {
		const isHeadingWord = HEADING_WORDS.has( word );
		if ( stopWords?.has( word ) && ! isHeadingWord ) {
			continue;
		}
		const kind =
			isHeadingWord || askingWords?.has( word ) ? asking : wanted;
		kind.set( word, ( kind.get( word ) ?? true ) && isJoined );
		if ( wanted.size >= MAX_QUESTION_WORDS ) {
			break;
		}
	}
	// "How long does a repair take?" is about repairs; a passage that also says what takes long is the better one.
	const isRequired = wanted.size > 0 ? wanted : asking;
	return Array.from(
		new Map( [ ...asking, ...wanted ] ),
		( [ word, isOptional ] ) => ( {
			word,
			isAsking: ! wanted.has( word ),
			isOptional: isOptional || ! isRequired.has( word ),
		} )
	);
}

/** The forms under which documents of a language may hold a question's word. */
export interface WordForms {
	/** The word's stem, or the stems that answer a question word. */
	own: readonly string[];
	/** Stems of words that mean the same. */
	synonyms: readonly string[];
}

/** Returns the forms of a question's word, not stemmed, in a language. */
export function wordForms( word: string, language: string ): WordForms {
	const own = stem( word, language );
	return {
		own: [ own, ...( ANSWERING[ language ]?.get( own ) ?? [] ) ],
		synonyms: SYNONYMS[ language ]?.get( own ) ?? [],
	};
}

/** Returns every form of a question's word in a language. */
export function allForms( word: string, language: string ): string[] {
	const { own, synonyms } = wordForms( word, language );
	return [ ...own, ...synonyms ];
}

/** Whether a word only asks for a kind of answer: "how long", "how much". */
export function isQuestionWord( word: string, language: string ): boolean {
	return ANSWERING[ language ]?.has( stem( word, language ) ) ?? false;
}

function* tokens( folded: string, reading: Reading ): Generator< Token > {
	for ( const run of folded.match( RUN ) ?? [] ) {
		if ( SIMPLE_WORD.test( run ) ) {
			yield { word: run, isJoined: false };
		} else {
			yield* runTokens( run, reading );
		}
	}
}

function* runTokens( run: string, reading: Reading ): Generator< Token > {
	const parts: string[] = [];
	for ( const [ , dense, number, word ] of run.matchAll( PART ) ) {
		if ( dense ) {
			for ( const piece of reading === 'document'
				? pairs( dense, true )
				: denseQuestionWords( dense ) ) {
				yield { word: piece, isJoined: false };
			}
		} else if ( number ) {
			parts.push( plainNumber( number ) );
		} else if ( word ) {
			parts.push( withoutApostrophe( word ) );
		}
	}
	for ( const word of parts ) {
		yield { word: word.slice( 0, MAX_WORD_LENGTH ), isJoined: false };
	}
	if ( parts.length > 1 && parts.length < 6 && ! HAS_DENSE.test( run ) ) {
		yield {
			word: parts.join( '' ).slice( 0, MAX_WORD_LENGTH ),
			isJoined: true,
		};
	}
}

/** Makes `1,000` and `1000` one number, and `2,5` and `2.5`. */
function plainNumber( number: string ): string {
	return /^\d{1,3}(?:,\d{3})+(?:\.\d+)?$/.test( number )
		? number.replaceAll( ',', '' )
		: number.replaceAll( ',', '.' );
}

/** `women's` is `women`, `l'eau` is `eau`, `don't` is `dont`. */
function withoutApostrophe( word: string ): string {
	const at = word.search( /['’]/ );
	if ( at < 0 ) {
		return word;
	}
	const before = word.slice( 0, at );
	const after = word.slice( at + 1 );
	if ( after === 's' ) {
		return before;
	}
	return at <= 2 && after.length > 2 ? after : word.replaceAll( /['’]/g, '' );
}

/** Yields each pair of neighbouring characters and, when asked, each character alone. */
function* pairs( dense: string, withSingles: boolean ): Generator< string > {
	const characters = Array.from( dense );
	for ( const [ index, character ] of characters.entries() ) {
		if ( withSingles ) {
			yield character;
		}
		const next = characters[ index + 1 ];
		if ( next !== undefined ) {
			yield character + next;
		}
	}
}

/** Yields the pairs inside each word, so that no pair spans two words that only happen to stand side by side. */
function* denseQuestionWords( dense: string ): Generator< string > {
	for ( const word of denseWords( dense ) ) {
		if ( isNoSubject( word ) || Array.from( word ).length === 1 ) {
			yield word;
		} else {
			yield* pairs( word, false );
		}
	}
}

/** Finds words; characters that the dictionary leaves alone beside one another are most likely one word that it lacks. */
function* denseWords( dense: string ): Generator< string > {
	segmenter ??= new Intl.Segmenter( undefined, { granularity: 'word' } );
	let loose = '';
	for ( const { segment } of segmenter.segment( dense ) ) {
		const word = segment.replace( KOREAN_PARTICLE, '' ) || segment;
		if ( Array.from( word ).length === 1 && ! isNoSubject( word ) ) {
			loose += word;
			continue;
		}
		if ( loose !== '' ) {
			yield loose;
			loose = '';
		}
		yield word;
	}
	if ( loose !== '' ) {
		yield loose;
	}
}

function isNoSubject( word: string ): boolean {
	return NO_SUBJECT.some( ( list ) => list?.has( word ) );
}

/**
 * Hears from a reading model's own transcript whether it reads the text, or answers it.
 */

/** What is known so far. `extra`: it read the text and goes on with words of its own. */
export type Verdict = 'unknown' | 'reads' | 'departs' | 'extra';

/** A watch over one sentence. */
export interface VerbatimWatch {
	/** Takes a piece of what the model says that it says, and tells what is known by now. */
	push( delta: string ): Verdict;
	/** Nothing more is said: tells whether the text was read, in the main. */
	finish(): Verdict;
}

/** So many words tell reading from answering. */
const TELLING_WORDS = 3;

/** So many that match from the first one on are let through at once: a voice must not wait for more. */
const SURE_WORDS = 2;

/** The watch looks so many words ahead: a model may leave out a word, and may not jump about. */
const AHEAD = 2;

/** A number or sign may become so many words: "4.90 €" is "four euros and ninety cents". */
const WORDS_OF_A_NUMBER = 7;

/** So many words, and this share of the text's, may come after the text before it counts as talking on. */
const EXTRA_WORDS = 4;
const EXTRA_SHARE = 0.3;

/** With a smaller share of its words heard, a text was not read. */
const LEAST_HEARD = 0.6;

const WORD =
	/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]|[^\s\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]+/gu;

/** Makes a watch for a text. */
export function watchVerbatim( text: string ): VerbatimWatch {
	const wanted = wordsOf( text );
	const plain = wanted.filter( ( word ) => ! isOpen( word ) ).length;
	let heard = '';
	let at = 0;
	let open = 0;
	let matched = 0;
	let missed = 0;
	let said = 0;

	const take = ( word: string ): void => {
		said++;
		for ( let next = at; next <= at + AHEAD; next++ ) {
			const candidate = wanted[ next ];
			if ( candidate !== undefined && isSame( candidate, word ) ) {
				at = next + 1;
				open = 0;
				matched++;
				return;
			}
		}
		const nearby = wanted.slice( Math.max( 0, at - 1 ), at + 1 );
		if ( nearby.some( isOpen ) && open < WORDS_OF_A_NUMBER ) {
			open++;
			if ( open === 1 && isOpen( wanted[ at ] ?? '' ) ) {
				at++;
			}
			return;
		}
		missed++;
	};
	const verdict = (): Verdict => {
		if ( missed === 0 && matched === SURE_WORDS ) {
			return 'reads';
		}
		const enough = Math.min( TELLING_WORDS, Math.max( 1, wanted.length ) );
		if ( matched + missed < enough && said < enough + 3 ) {
			return 'unknown';
		}
		if ( missed > matched ) {
			return at >= wanted.length ? 'extra' : 'departs';
		}
		return said >
			wanted.length * ( 1 + EXTRA_SHARE ) +
				EXTRA_WORDS +
				( wanted.length - plain ) * WORDS_OF_A_NUMBER
			? 'extra'
			: 'reads';
	};

	return {
		push( delta ) {
			heard += delta;
			const words = heard.match( WORD ) ?? [];
			// The last word may go on in the next piece.
			const last =
				words.length > 0 && /[^\s]$/u.test( heard )
					? ( words.pop() ?? '' )
					: '';
			for ( const word of words.map( normalise ) ) {
				if ( word !== '' ) {
					take( word );
				}
			}
			heard = last;
			return verdict();
		},
		finish() {
			const word = normalise( heard );
			heard = '';
			if ( word !== '' ) {
				take( word );
			}
			if ( said === 0 ) {
				return 'unknown';
			}
			const now = verdict();
			if ( now !== 'reads' && now !== 'unknown' ) {
				return now;
			}
			return matched >= plain * LEAST_HEARD ? 'reads' : 'departs';
		},
	};
}

function wordsOf( text: string ): string[] {
	return ( text.match( WORD ) ?? [] )
		.map( normalise )
		.filter( ( word ) => word !== '' );
}

function normalise( word: string ): string {
	return word
		.normalize( 'NFKC' )
		.toLowerCase()
		.replace(
			/^[^\p{L}\p{M}\p{N}\p{S}%&]+|[^\p{L}\p{M}\p{N}\p{S}%&]+$/gu,
			''
		);
}

/** Tells whether a word may be read in several ways: numbers, signs, and what has a full stop or dash inside. */
function isOpen( word: string ): boolean {
	return /[\p{N}\p{S}%&./@-]/u.test( word );
}

function isSame( wanted: string, said: string ): boolean {
	return (
		wanted === said ||
		wanted.replace( /['’-]/g, '' ) === said.replace( /['’-]/g, '' ) ||
		( wanted.length > 4 &&
			said.length > 4 &&
			( wanted.startsWith( said.slice( 0, -1 ) ) ||
				said.startsWith( wanted.slice( 0, -1 ) ) ) )
	);
}

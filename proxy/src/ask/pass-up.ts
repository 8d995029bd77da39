/**
 * Recognises the word with which a cheaper model passes a question up, while its reply streams in, and keeps it from the visitor.
 */

/** The word as the prompt teaches it. In double brackets, like the trailer's mark, because no answer of a site begins so. */
export const PASS_UP_WORD = '[[pass-up]]';

/** Spellings that small models make of it. */
const SPELLINGS = [ PASS_UP_WORD, '[[pass_up]]', '[[pass up]]', '[[passup]]' ];

/** Without brackets it only counts when it is the whole reply: "Pass up the trail" may begin an answer. */
const BARE = /^(?:\[?pass[-_]?up\]?|pass up)[.!]?$/i;
const MAY_BECOME_BARE =
	/^\[?p(?:a(?:s(?:s(?:[-_ ]?(?:u(?:p(?:\]?[.!]?)?)?)?)?)?)?)?$/i;

const ANYWHERE = /\[\[pass[-_ ]?up\]\]/gi;

/** Marks and spaces that a model may put around the word. */
const DECORATION = /^[\s*_`"'“”„«»>#]+/;

/** So much decoration is none any more. */
const MAX_DECORATION = 16;

/** A filter for one reply. */
export interface PassUpFilter {
	/** True once the reply turned out to pass the question up; nothing of it may be shown. */
	readonly isPassedUp: boolean;
	/** Takes the next piece of the reply and returns what goes on to the visitor. */
	push( delta: string ): string;
	/** Ends the reply and returns what was held back. */
	finish(): string;
}

/**
 * Makes a filter. Where the word was offered, the beginning of the reply is held back until it can no longer be that word; anywhere else,
 * and in every other reply, the word is taken out, because a visitor may have talked the model into writing it.
 */
export function createPassUpFilter( isOffered: boolean ): PassUpFilter {
	let isAtStart = isOffered;
	let isPassedUp = false;
	let held = '';

	const release = ( text: string ): string => {
		if ( ! text.includes( '[' ) ) {
			held = '';
			return text;
		}
		const clean = text.replace( ANYWHERE, '' );
		const keep = wordBegunAtEnd( clean );
		held = clean.slice( clean.length - keep );
		return clean.slice( 0, clean.length - keep );
	};

	return {
		get isPassedUp() {
			return isPassedUp;
		},
		push( delta ) {
			if ( isPassedUp ) {
				return '';
			}
			held += delta;
			if ( ! isAtStart ) {
				return release( held );
			}
			const start = held.replace( DECORATION, '' ).toLowerCase();
			if ( SPELLINGS.some( ( word ) => start.startsWith( word ) ) ) {
				isPassedUp = true;
				held = '';
				return '';
			}
			if (
				held.length - start.length <= MAX_DECORATION &&
				( start === '' ||
					SPELLINGS.some( ( word ) => word.startsWith( start ) ) ||
					MAY_BECOME_BARE.test( start ) )
			) {
				return '';
			}
			isAtStart = false;
			return release( held );
		},
		finish() {
			const rest = held;
			held = '';
			if ( isPassedUp ) {
				return '';
			}
			const bare = rest
				.replace( DECORATION, '' )
				.replace( /[\s*_`"'“”«»]+$/, '' );
			if ( isAtStart && BARE.test( bare ) ) {
				isPassedUp = true;
				return '';
			}
			// What a cut left of the word says nothing to anybody.
			return rest.slice( 0, rest.length - wordBegunAtEnd( rest ) );
		},
	};
}

/** Counts the characters at the end of a text that may yet become the word. */
function wordBegunAtEnd( text: string ): number {
	const from = Math.max( 0, text.length - PASS_UP_WORD.length );
	for (
		let at = text.indexOf( '[', from );
		at >= 0;
		at = text.indexOf( '[', at + 1 )
	) {
		const tail = text.slice( at ).toLowerCase();
		if ( SPELLINGS.some( ( word ) => word.startsWith( tail ) ) ) {
			return text.length - at;
		}
	}
	return 0;
}

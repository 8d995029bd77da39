/**
 * Decides what a screen reader is told while an answer arrives: that it began, then whole sentences, then that it is complete.
 */

/** A growing answer, as text without marks. */
export interface NarratedAnswer {
	text: string;
	isRunning: boolean;
}

export interface Narration {
	/** Returns what to say now that the answer stands at this; nothing most of the time. */
	follow( answer: NarratedAnswer ): string[];
}

/** Creates the narration of one answer. What stands there already (`told`) is not told again. */
export function createNarration( {
	begin,
	end,
	language,
	told = 0,
}: {
	/** Said once, at the start. */
	begin: string;
	/** Said once, after the last sentence. */
	end: () => string;
	language: string;
	told?: number;
} ): Narration {
	let hasBegun = false;
	let hasEnded = false;

	return {
		follow( { text, isRunning } ) {
			const sayings: string[] = [];
			if ( ! hasBegun && isRunning ) {
				hasBegun = true;
				sayings.push( begin );
			}
			// The text without marks may have become shorter than what was told; then wait until it passes it again.
			const fresh = text.slice( told );
			const ready = isRunning ? wholeSentences( fresh, language ) : fresh;
			if ( ready.trim() ) {
				told += ready.length;
				sayings.push( spoken( ready ) );
			}
			if ( ! isRunning && hasBegun && ! hasEnded ) {
				hasEnded = true;
				sayings.push( end() );
			}
			return sayings.filter( Boolean );
		},
	};
}

/** Puts lines one after another; the voice pauses at the end of a list item as it does at a full stop. */
function spoken( text: string ): string {
	return text
		.trim()
		.replace( /([\p{L}\p{N})\]"'”’])\s*(?:\n\s*|$)/gu, '$1. ' )
		.replace( /\s*\n\s*/g, ' ' )
		.trim();
}

/** Returns the part of a text that consists of sentences which have ended for sure. */
export function wholeSentences( text: string, language: string ): string {
	if ( typeof Intl.Segmenter === 'function' ) {
		const segments = [ ...segmenter( language ).segment( text ) ];
		// The last one may go on, unless a line break has closed it.
		const last = segments.at( -1 );
		return last && ! last.segment.endsWith( '\n' )
			? text.slice( 0, last.index )
			: text;
	}
	return /^[\s\S]*(?:[.!?]\s|[。！？]|\n)/.exec( text )?.[ 0 ] ?? '';
}

function segmenter( language: string ): Intl.Segmenter {
	try {
		return new Intl.Segmenter( language, { granularity: 'sentence' } );
	} catch {
		// The page names its language in a way the browser does not know.
		return new Intl.Segmenter( undefined, { granularity: 'sentence' } );
	}
}

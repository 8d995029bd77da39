/**
 * Takes the reasoning out of an answer whose model writes it into the text, as `<think>…</think>` before the answer.
 */
const OPEN = '<think>';
const CLOSE = '</think>';

/** Takes text as it arrives and gives back what may be shown. */
export interface ThoughtFilter {
	push( text: string ): string;
	/** Returns what was held back in case it was the beginning of a tag. */
	finish(): string;
}

/** Makes a filter for one answer. Only reasoning at the very beginning is taken out: further on, the tag is part of the answer. */
export function createThoughtFilter(): ThoughtFilter {
	let state: 'before' | 'inside' | 'between' | 'after' = 'before';
	let held = '';

	/** The answer begins with its first word, not with the empty lines after the reasoning. */
	const begin = ( text: string ): string => {
		const answer = text.trimStart();
		state = answer === '' ? 'between' : 'after';
		return answer;
	};

	return {
		push( text ) {
			if ( state === 'after' ) {
				return text;
			}
			if ( state === 'between' ) {
				return begin( text );
			}
			held += text;
			if ( state === 'before' ) {
				const start = held.trimStart();
				if ( start.startsWith( OPEN ) ) {
					state = 'inside';
					held = start.slice( OPEN.length );
				} else if ( ! OPEN.startsWith( start ) ) {
					state = 'after';
					const all = held;
					held = '';
					return all;
				} else {
					return '';
				}
			}
			const end = held.indexOf( CLOSE );
			if ( end < 0 ) {
				// Enough of the end is kept to see a tag that comes in two pieces.
				held = held.slice( 1 - CLOSE.length );
				return '';
			}
			const rest = held.slice( end + CLOSE.length );
			held = '';
			return begin( rest );
		},
		finish() {
			const rest = state === 'before' ? held : '';
			held = '';
			return rest;
		},
	};
}

/**
 * Changes the list of suggested questions.
 */

/** How many questions a panel offers at most. */
export const MAX_SUGGESTIONS = 6;

/** Adds an empty question at the end, while there is room. */
export function addSuggestion( suggestions: string[] ): string[] {
	return suggestions.length < MAX_SUGGESTIONS
		? [ ...suggestions, '' ]
		: suggestions;
}

/** Replaces the question at a position. */
export function changeSuggestion(
	suggestions: string[],
	index: number,
	text: string
): string[] {
	return suggestions.map( ( old, at ) => ( at === index ? text : old ) );
}

/** Takes a question out. */
export function removeSuggestion(
	suggestions: string[],
	index: number
): string[] {
	return suggestions.filter( ( _, at ) => at !== index );
}

/** Moves a question one place up (-1) or down (1); at the edge it stays. */
export function moveSuggestion(
	suggestions: string[],
	index: number,
	by: -1 | 1
): string[] {
	const moved = suggestions[ index ];
	const displaced = suggestions[ index + by ];
	if ( moved === undefined || displaced === undefined ) {
		return suggestions;
	}
	const next = [ ...suggestions ];
	next[ index ] = displaced;
	next[ index + by ] = moved;
	return next;
}

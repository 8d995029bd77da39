/**
 * Writes numbers and times as the language of the admin screen does.
 */

/** Answers the language of the screen as a BCP 47 tag; the browser's own when the page names none. */
export function screenLocale(): string | undefined {
	return document.documentElement.lang || undefined;
}

/** Writes a whole number with the separators of the screen's language. */
export function formatNumber( value: number ): string {
	return value.toLocaleString( screenLocale() );
}

/** Writes a moment given as unix seconds or as an ISO 8601 string. */
export function formatTime( moment: number | string ): string {
	const date = new Date(
		typeof moment === 'number' ? moment * 1_000 : moment
	);
	return date.toLocaleString( screenLocale(), {
		dateStyle: 'medium',
		timeStyle: 'short',
	} );
}

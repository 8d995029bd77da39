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

/** Writes a day of the calendar (`YYYY-MM-DD`), short. */
export function formatDay( day: string ): string {
	return new Date( `${ day }T00:00:00Z` ).toLocaleDateString(
		screenLocale(),
		{ day: 'numeric', month: 'short', timeZone: 'UTC' }
	);
}

/** Writes a share from 0 to 1 as a percentage. */
export function formatShare( share: number ): string {
	return share.toLocaleString( screenLocale(), {
		style: 'percent',
		maximumFractionDigits: 0,
	} );
}

/** Writes a duration given in milliseconds as seconds. */
export function formatSeconds( durationMs: number ): string {
	return ( durationMs / 1_000 ).toLocaleString( screenLocale(), {
		style: 'unit',
		unit: 'second',
		unitDisplay: 'short',
		maximumFractionDigits: durationMs < 10_000 ? 1 : 0,
	} );
}

/** Writes a list with the commas and the last word of the screen's language. */
export function formatList( words: readonly string[] ): string {
	return new Intl.ListFormat( screenLocale() ).format( words );
}

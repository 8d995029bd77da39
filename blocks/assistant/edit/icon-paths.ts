/**
 * Holds the shapes of the icons in the preview, on a grid of 24; a test keeps them equal to those of render.php.
 */

/** Outlines that are stroked, not filled. */
export const ICON_PATHS = {
	more: 'M5.5 12h.01M12 12h.01M18.5 12h.01',
	close: 'm6.5 6.5 11 11m0-11-11 11',
	send: 'M12 19V5.5M6 11.5l6-6 6 6',
};

/**
 * Holds the shapes of the icons in the preview, on a grid of 24; a test keeps them equal to those of render.php.
 */

/** Outlines that are stroked, not filled. */
export const ICON_PATHS = {
	more: 'M5.5 12h.01M12 12h.01M18.5 12h.01',
	close: 'm6.5 6.5 11 11m0-11-11 11',
	mic: 'M12 3.5a2.5 2.5 0 0 1 2.5 2.5v5.500a2.500 2.500 0 0 1-5 0V6A2.500 2.500 0 0 1 12 3.500ZM6.500 11v.500a5.500 5.500 0 0 0 11 0V11M12 17v3.500',
	send: 'M12 19V5.5M6 11.5l6-6 6 6',
};

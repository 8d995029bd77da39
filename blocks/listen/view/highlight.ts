/**
 * Marks the sentence that is being read, and keeps it in view as long as the visitor has not gone elsewhere.
 */

const NAME = 'docent-listen';

/** Marks one range at a time. Where the browser cannot mark ranges nothing is marked: the text of the page stays as it is. */
export interface Marker {
	/** Marks a range, or nothing. `isAsked`: the visitor wants to see it, wherever they are. */
	mark( range: Range | undefined, isAsked: boolean ): void;
}

/** Creates the marker of the page. */
export function createMarker(): Marker {
	let before: Range | undefined;
	return {
		mark( range, isAsked ) {
			// Whoever cannot see the last sentence has scrolled away from it, and is left where they are.
			const isFollowing = isAsked || ( before && isInView( before ) );
			before = range;
			if ( typeof Highlight === 'function' && CSS.highlights ) {
				if ( range ) {
					CSS.highlights.set( NAME, new Highlight( range ) );
				} else {
					CSS.highlights.delete( NAME );
				}
			}
			if ( range && isFollowing && ! isInView( range, 0.15 ) ) {
				const { top } = range.getBoundingClientRect();
				scrollBy( {
					top: top - innerHeight * 0.3,
					behavior: matchMedia( '(prefers-reduced-motion: reduce)' )
						.matches
						? 'instant'
						: 'smooth',
				} );
			}
		},
	};
}

/** Says whether a range is seen; `margin` is the share of the view at its upper and lower edge that does not count. */
function isInView( range: Range, margin = 0 ): boolean {
	const { top, bottom, height } = range.getBoundingClientRect();
	const edge = innerHeight * margin;
	return height > 0 && bottom > edge && top < innerHeight - edge;
}

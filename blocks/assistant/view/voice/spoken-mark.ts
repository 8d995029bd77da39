/**
 * Marks the sentence that is being spoken in every panel that shows it, without touching what stands there, and keeps it in view.
 */
import { placeOf } from './sentence-place.ts';

/** Named in the style sheet. */
const NAME = 'docent-spoken';

/** Marks a sentence of an answer; an empty one marks nothing. */
export function markSpoken( key: string, sentence: string ): void {
	// Not known to older browsers: there the words are heard and stand there all the same.
	const { highlights } = CSS;
	if ( ! highlights ) {
		return;
	}
	const before = [ ...( highlights.get( NAME ) ?? [] ) ] as Range[];
	const ranges = sentence
		? answersOf( key ).flatMap(
				( answer ) => rangeOf( answer, sentence ) ?? []
			)
		: [];
	if ( ranges.length === 0 ) {
		highlights.delete( NAME );
		return;
	}
	highlights.set( NAME, new Highlight( ...ranges ) );
	ranges.forEach( ( range ) => follow( range, before ) );
}

function answersOf( key: string ): Element[] {
	return Array.from(
		document.querySelectorAll< HTMLElement >( '.docent-turn' )
	).flatMap( ( turn ) =>
		turn.dataset.key === key
			? ( turn.querySelector( '.docent-answer' ) ?? [] )
			: []
	);
}

function rangeOf( answer: Element, sentence: string ): Range | undefined {
	const place = placeOf( sentence, answer.textContent ?? '' );
	if ( ! place ) {
		return undefined;
	}
	const range = document.createRange();
	const walker = document.createTreeWalker( answer, NodeFilter.SHOW_TEXT );
	let at = 0;
	let hasStart = false;
	for ( let node = walker.nextNode(); node; node = walker.nextNode() ) {
		const { length } = node as Text;
		if ( ! hasStart && place.from < at + length ) {
			hasStart = true;
			range.setStart( node, place.from - at );
		}
		if ( place.to <= at + length ) {
			range.setEnd( node, place.to - at );
			return range;
		}
		at += length;
	}
	return undefined;
}

/** Scrolls a log on to what is spoken, for those who saw what was spoken before; who reads elsewhere is left alone. */
function follow( range: Range, before: Range[] ): void {
	const log = range.startContainer.parentElement?.closest( '.docent-log' );
	if ( ! log ) {
		return;
	}
	const view = log.getBoundingClientRect();
	const isSeen = ( { top, bottom }: DOMRect ) =>
		top < view.bottom && bottom > view.top;
	const place = range.getBoundingClientRect();
	const previous = before.find( ( { startContainer } ) =>
		log.contains( startContainer )
	);
	if (
		previous &&
		isSeen( previous.getBoundingClientRect() ) &&
		place.bottom > view.bottom
	) {
		log.scrollTop += Math.min(
			place.bottom - view.bottom + 8,
			place.top - view.top
		);
	}
}

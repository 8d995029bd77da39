/**
 * Speaks to screen readers through a live region of its own, in whole sentences and never in a hurry.
 */
import { make } from './elements.ts';

/** Screen readers drop what is said in the same moment as focus moves. */
const FIRST_WAIT_MS = 250;
/** What becomes ready in between is said together. */
const PACE_MS = 1_000;
/** An item that goes too soon is lost to some readers; one that stays is found again when browsing. */
const KEEP_MS = 5_000;

/** Creates the voice of one live region. */
export function createAnnouncer(
	region: HTMLElement
): ( saying: string ) => void {
	let waiting: string[] = [];
	let timer: ReturnType< typeof setTimeout > | undefined;
	let lastAt = 0;

	function speak(): void {
		timer = undefined;
		lastAt = Date.now();
		const item = make( 'p', {}, waiting.join( ' ' ) );
		waiting = [];
		region.append( item );
		setTimeout( () => item.remove(), KEEP_MS );
	}

	return ( saying ) => {
		waiting.push( saying );
		timer ??= setTimeout(
			speak,
			Math.max( FIRST_WAIT_MS, lastAt + PACE_MS - Date.now() )
		);
	};
}

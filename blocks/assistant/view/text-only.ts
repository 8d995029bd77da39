/**
 * Remembers that a visitor wants neither to speak nor to hear: on this device until they choose otherwise, because they chose it themselves.
 */

/** The one key used, with any value. */
const KEY = 'docent-text-only';

/** The one thing that outlives the tab: the visitor asked for it, and it says nothing about them. */
// eslint-disable-next-line no-restricted-globals
const device = (): Storage => localStorage;

/** The choice on this page, where nothing can be stored. */
let isChosen: boolean | undefined;

/** Says whether the visitor chose it. */
export function isTextOnly(): boolean {
	if ( isChosen === undefined ) {
		try {
			isChosen = device().getItem( KEY ) !== null;
		} catch {
			// Blocked by the visitor's settings.
			isChosen = false;
		}
	}
	return isChosen;
}

/** Notes the choice. */
export function chooseTextOnly( value: boolean ): void {
	isChosen = value;
	try {
		if ( value ) {
			device().setItem( KEY, '1' );
		} else {
			device().removeItem( KEY );
		}
	} catch {
		// Then it holds for this page.
	}
}

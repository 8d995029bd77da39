/**
 * Keeps a panel that comes to life by itself from moving the page.
 */

/**
 * Holds the height that the page was laid out with until the visitor turns to the panel: nothing on the page moves by itself. Not let go at
 * the press of a button but at its click: the button must not move away in between.
 */
export function holdHeight( panel: HTMLElement ): void {
	panel.style.blockSize = `${ panel.offsetHeight }px`;
	const letGo = () => {
		panel.style.blockSize = '';
	};
	for ( const type of [ 'click', 'input', 'keydown' ] ) {
		panel.addEventListener( type, letGo, { once: true } );
	}
}

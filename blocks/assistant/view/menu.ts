/**
 * The options of a panel: a button that discloses a short list, closed by choosing, by Escape and by going elsewhere.
 */

export interface Menu {
	toggle(): void;
	close(): void;
}

/** Takes over the menu that the page carries. */
export function createMenu( panel: HTMLElement ): Menu {
	const button = panel.querySelector< HTMLElement >( '[data-docent="menu"]' );
	const list = panel.querySelector< HTMLElement >( '.docent-menu' );

	function set( isOpen: boolean ): void {
		if ( ! list || list.hidden === ! isOpen ) {
			return;
		}
		const hadFocus = list.contains( document.activeElement );
		list.hidden = ! isOpen;
		button?.setAttribute( 'aria-expanded', String( isOpen ) );
		if ( isOpen ) {
			list.querySelector( 'button' )?.focus();
		} else if ( hadFocus ) {
			button?.focus();
		}
	}

	const isInside = ( target: EventTarget | null ) =>
		target instanceof Node &&
		( list?.contains( target ) || button?.contains( target ) );
	const leave = ( target: EventTarget | null ) => {
		if ( list && ! list.hidden && ! isInside( target ) ) {
			list.hidden = true;
			button?.setAttribute( 'aria-expanded', 'false' );
		}
	};
	document.addEventListener( 'pointerdown', ( event ) =>
		leave( event.target )
	);
	list?.addEventListener( 'focusout', ( event ) => {
		if ( event.relatedTarget ) {
			leave( event.relatedTarget );
		}
	} );

	return {
		toggle: () => set( list?.hidden === true ),
		close: () => set( false ),
	};
}

/**
 * Shows and hides the floating panel: beside the page on wide screens, over it as a sheet on phones.
 */

/** The width up to which the panel is a sheet; the style sheet says the same. */
const SHEET = '(max-width: 600px)';

/** Says whether a floating panel would cover the whole screen now. */
export const isSheet = (): boolean => matchMedia( SHEET ).matches;

/** Opens the panel of a root. Quietly means that focus stays where it is. */
export function openFloating( root: HTMLElement, isQuiet: boolean ): void {
	const panel = root.querySelector< HTMLDialogElement >( 'dialog' );
	if ( ! panel || panel.open ) {
		return;
	}
	matchSurface( root );
	const before = document.activeElement as HTMLElement | null;
	if ( isSheet() ) {
		panel.showModal();
		// Focus in the field would raise the keyboard over a panel that nobody has read yet.
		panel.tabIndex = -1;
		panel.focus();
		return;
	}
	panel.show();
	place( root, panel );
	if ( isQuiet ) {
		if ( before === document.body ) {
			( document.activeElement as HTMLElement | null )?.blur();
		} else {
			before?.focus( { preventScroll: true } );
		}
	} else {
		panel.querySelector( 'textarea' )?.focus( { preventScroll: true } );
	}
}

/** Closes the panel and gives focus back to the button that opens it. */
export function closeFloating( root: HTMLElement ): void {
	const panel = root.querySelector< HTMLDialogElement >( 'dialog' );
	const hadFocus = panel?.contains( document.activeElement );
	panel?.close();
	if ( hadFocus || document.activeElement === document.body ) {
		root.querySelector< HTMLElement >( '.docent-launcher' )?.focus( {
			preventScroll: true,
		} );
	}
}

/** Puts the panel of a button where there is room: under it or over it, and inside the window. */
function place( root: HTMLElement, panel: HTMLElement ): void {
	if ( ! root.classList.contains( 'docent--button' ) ) {
		return;
	}
	const button = root.getBoundingClientRect();
	const below = innerHeight - button.bottom;
	root.classList.toggle(
		'docent--over',
		below < panel.offsetHeight + 16 && button.top > below
	);
	panel.style.translate = '';
	const { left, right } = panel.getBoundingClientRect();
	const width = document.documentElement.clientWidth;
	const shift = Math.max( 8 - left, Math.min( 0, width - 8 - right ) );
	panel.style.translate = shift ? `${ shift }px` : '';
}

/** Gives what floats above the page the page's own background, so that light and dark follow the page and not only the system. */
export function matchSurface( root: HTMLElement ): void {
	// The launcher wears a surface itself; what it floats above is the page.
	let element = root.classList.contains( 'docent--launcher' )
		? root.parentElement
		: root;
	for ( ; element; element = element.parentElement ) {
		const { backgroundColor } = getComputedStyle( element );
		const channels = /^rgb\((\d+), (\d+), (\d+)\)$/.exec( backgroundColor );
		if ( channels ) {
			const [ , red, green, blue ] = channels.map( Number );
			const luma =
				0.3 * ( red ?? 0 ) + 0.6 * ( green ?? 0 ) + 0.1 * ( blue ?? 0 );
			root.style.setProperty( '--docent-surface', backgroundColor );
			root.style.setProperty(
				'--docent-ink',
				getComputedStyle( root ).color
			);
			root.style.colorScheme = luma < 128 ? 'dark' : 'light';
			return;
		}
	}
}

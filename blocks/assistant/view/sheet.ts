/**
 * Keeps a floating panel in its right form while it is open: a modal sheet on phones, above the on-screen keyboard; beside the page otherwise.
 */
import { isSheet } from './floating.ts';

/** Watches the window for one panel; `close` is called when the browser itself asks to close the sheet. */
export function watchSheet(
	panel: HTMLDialogElement,
	close: () => void
): void {
	const view = window.visualViewport;

	function fit(): void {
		const isModal = panel.open && panel.matches( ':modal' );
		// iOS lays the keyboard over the page and leaves the layout as it is; only the visual viewport tells.
		panel.style.setProperty(
			'--docent-view-height',
			isModal && view ? `${ view.height }px` : null
		);
		panel.style.setProperty(
			'--docent-view-top',
			isModal && view ? `${ view.offsetTop }px` : null
		);
	}

	function changeForm(): void {
		if ( panel.open && panel.matches( ':modal' ) !== isSheet() ) {
			const focused = document.activeElement as HTMLElement | null;
			panel.close();
			if ( isSheet() ) {
				panel.showModal();
			} else {
				panel.show();
			}
			if ( panel.contains( focused ) ) {
				focused?.focus( { preventScroll: true } );
			}
		}
		fit();
	}

	view?.addEventListener( 'resize', fit );
	view?.addEventListener( 'scroll', fit );
	addEventListener( 'resize', changeForm );
	panel.addEventListener( 'cancel', ( event ) => {
		event.preventDefault();
		close();
	} );
	fit();
}

/**
 * Copies an answer as text.
 */

/** Puts text on the clipboard. Returns whether that worked. */
export async function copyText( text: string ): Promise< boolean > {
	try {
		await navigator.clipboard.writeText( text );
		return true;
	} catch {
		// No clipboard on pages without TLS, and browsers may refuse: the old way still works in most of them.
		return copyBySelection( text );
	}
}

function copyBySelection( text: string ): boolean {
	const focused = document.activeElement as HTMLElement | null;
	const field = document.createElement( 'textarea' );
	field.value = text;
	field.style.position = 'fixed';
	field.style.opacity = '0';
	( focused?.closest( 'dialog' ) ?? document.body ).append( field );
	field.select();
	let isCopied = false;
	try {
		isCopied = document.execCommand( 'copy' );
	} catch {
		// Then the visitor is told to select the text.
	}
	field.remove();
	focused?.focus( { preventScroll: true } );
	return isCopied;
}

/**
 * Writes down what a page asks for and what goes wrong in it.
 */

import type { Page, Request } from 'playwright-core';

export interface PageWatch {
	/** Requests in the order they were made. */
	readonly requests: readonly Request[];
	/** Uncaught errors, dialogs and requests to other machines: none of them may ever happen. */
	readonly problems: readonly string[];
	/** Files of the plugin that were asked for, without address and version. */
	docentFiles(): string[];
	/** Addresses that something was sent to. */
	posts(): string[];
}

/** Begins to watch. Everything on this machine counts as the site's own; wp-admin asks wordpress.org for things by itself. */
export function watchPage( page: Page ): PageWatch {
	const requests: Request[] = [];
	const problems: string[] = [];
	page.on( 'request', ( request ) => {
		requests.push( request );
		const { protocol, hostname, href } = new URL( request.url() );
		const isAway =
			protocol.startsWith( 'http' ) && hostname !== '127.0.0.1';
		if ( isAway && ! page.url().includes( '/wp-admin/' ) ) {
			problems.push( `The page asked another machine: ${ href }` );
		}
	} );
	page.on( 'pageerror', ( error ) => {
		problems.push( `Uncaught in the page: ${ error.message }` );
	} );
	page.on( 'dialog', ( dialog ) => {
		problems.push( `The page opened a dialog: ${ dialog.message() }` );
		void dialog.dismiss();
	} );
	return {
		requests,
		problems,
		docentFiles: () =>
			requests.flatMap( ( request ) => {
				const [ , path ] =
					/\/plugins\/docent\/([^?]+)/.exec( request.url() ) ?? [];
				return path ?? [];
			} ),
		posts: () =>
			requests
				.filter( ( request ) => request.method() === 'POST' )
				.map( ( request ) => request.url() ),
	};
}

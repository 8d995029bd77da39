/**
 * Gives every panel of a page the same assistant, wired to the browser: storage, network state, coming and going of the page.
 */
import { createAssistant } from '../../shared/assistant.ts';
import type { Assistant } from '../../shared/assistant.ts';
import { openTabMemory } from '../../shared/tab-memory.ts';
import type { TabMemory } from '../../shared/tab-memory.ts';

/** The assistant of this page and what its tab remembers. */
export interface PageAssistant {
	assistant: Assistant;
	memory: TabMemory;
}

let shared: PageAssistant | undefined;

/** Returns the page's assistant, made at the first call. */
export function pageAssistant( addresses: {
	tokenUrl: string;
	proxyUrl: string;
} ): PageAssistant {
	shared ??= create( addresses );
	return shared;
}

function create( {
	tokenUrl,
	proxyUrl,
}: {
	tokenUrl: string;
	proxyUrl: string;
} ): PageAssistant {
	const memory = openTabMemory( tabStorage() );
	const assistant = createAssistant( {
		tokenUrl,
		proxyUrl,
		memory,
		fetch: ( input, init ) => fetch( input, init ),
		// Text, because a beacon of any other type would need a preflight that a closing page cannot wait for.
		sendBeacon: ( url, body ) => navigator.sendBeacon( url, body ),
		connection: {
			isOnline: () => navigator.onLine,
			whenOnline: ( signal ) =>
				new Promise( ( resolve ) => {
					if ( navigator.onLine || signal.aborted ) {
						resolve();
						return;
					}
					const options = { once: true, signal };
					addEventListener( 'online', () => resolve(), options );
					signal.addEventListener( 'abort', () => resolve(), {
						once: true,
					} );
				} ),
		},
	} );

	addEventListener( 'pagehide', () => assistant.leave() );
	addEventListener( 'pageshow', ( event ) => {
		if ( event.persisted ) {
			assistant.comeBack();
		}
	} );
	// A phone freezes pages in the background: what counts on return is how old the last sign of life is.
	document.addEventListener( 'visibilitychange', () => {
		if ( document.visibilityState === 'visible' ) {
			assistant.checkLiveness();
		}
	} );
	assistant.resume();
	return { assistant, memory };
}

function tabStorage(): Storage | undefined {
	try {
		return sessionStorage;
	} catch {
		// Blocked by the visitor's settings.
		return undefined;
	}
}

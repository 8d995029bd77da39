/**
 * Decides which addresses in an answer may become links: pages of this site, and the pages the answer rests on.
 */
import type { Source } from './turn-events.ts';

/** Makes the judge for one answer. `pageUrl` is the address of the page the visitor is on. */
export function createLinkResolver(
	pageUrl: string,
	sources: Source[]
): ( href: string ) => string | null {
	const site = new URL( pageUrl );
	const cited = new Set(
		sources.flatMap( ( { url } ) => webAddress( url, site )?.href ?? [] )
	);
	return ( href ) => {
		const url = webAddress( href, site );
		return url && ( url.host === site.host || cited.has( url.href ) )
			? url.href
			: null;
	};
}

/** Returns the address of a source if it is one that a browser may open. */
export function sourceAddress( url: string, pageUrl: string ): string | null {
	return webAddress( url, new URL( pageUrl ) )?.href ?? null;
}

function webAddress( href: string, base: URL ): URL | null {
	try {
		const url = new URL( href, base );
		const isWeb = url.protocol === 'https:' || url.protocol === 'http:';
		// `https://shop.example@elsewhere.example` is made to deceive.
		return isWeb && ! url.username && ! url.password ? url : null;
	} catch {
		return null;
	}
}

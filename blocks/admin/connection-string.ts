/**
 * Reads a pasted connection string far enough to say what is wrong with it before it is sent.
 */

const FORM =
	/^docent\+(https?):\/\/([^:@/\s]+):([^:@/\s]+)@([^/?#\s]+)(\/[^?#\s]*)?$/;
const SITE_ID = /^[a-z0-9-]{3,64}$/;
const SECRET = /^[A-Za-z0-9_-]{32,}$/;
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/;

/** Why a connection string cannot work. */
export type ConnectionProblem =
	'empty' | 'form' | 'site-id' | 'secret' | 'insecure';

/** A connection string: what it would connect to (never the secret), or why it cannot. */
export type ParsedConnection =
	| { isValid: true; siteId: string; proxyUrl: string }
	| { isValid: false; problem: ConnectionProblem };

/** Reads `docent+https://SITE_ID:SECRET@host[:port][/path]`; plain http is for this very machine only. */
export function parseConnectionString( pasted: string ): ParsedConnection {
	const text = pasted.trim();
	if ( text === '' ) {
		return { isValid: false, problem: 'empty' };
	}
	const match = FORM.exec( text );
	if ( ! match ) {
		return { isValid: false, problem: 'form' };
	}
	const [ , scheme = '', siteId = '', secret = '', host = '', path = '' ] =
		match;
	if ( ! SITE_ID.test( siteId ) ) {
		return { isValid: false, problem: 'site-id' };
	}
	if ( ! SECRET.test( secret ) ) {
		return { isValid: false, problem: 'secret' };
	}
	if ( scheme === 'http' && ! LOOPBACK.test( host ) ) {
		return { isValid: false, problem: 'insecure' };
	}
	const proxyUrl = `${ scheme }://${ host }${ path.replace( /\/+$/, '' ) }`;
	return { isValid: true, siteId, proxyUrl };
}

/**
 * Makes what connects a WordPress site to the proxy, for sites that a developer or a test starts.
 */

import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Who the site is towards the proxy. */
export interface SiteIdentity {
	siteId: string;
	/** At least 32 characters of `[A-Za-z0-9_-]`. */
	secret: string;
}

/** Makes an identity that nobody can guess. */
export function newSiteIdentity(): SiteIdentity {
	return {
		siteId: `dev-${ randomBytes( 4 ).toString( 'hex' ) }`,
		secret: randomBytes( 32 ).toString( 'base64url' ),
	};
}

/** Reads the identity kept in a file, or makes one and keeps it where only its owner can read it. */
export async function keptSiteIdentity(
	file: string
): Promise< SiteIdentity > {
	try {
		const kept = JSON.parse(
			await readFile( file, 'utf8' )
		) as SiteIdentity;
		if ( kept.siteId && kept.secret.length >= 32 ) {
			return { siteId: kept.siteId, secret: kept.secret };
		}
	} catch {
		// Absent or cut off by an interrupted start: a new one serves as well.
	}
	const identity = newSiteIdentity();
	await mkdir( dirname( file ), { recursive: true } );
	await writeFile( file, `${ JSON.stringify( identity, null, '\t' ) }\n`, {
		mode: 0o600,
	} );
	return identity;
}

/** The constants that connect WordPress, as `wp-config.php` would define them. */
export function connectionConstants( {
	proxyUrl,
	siteId,
	secret,
}: SiteIdentity & { proxyUrl: string } ): Record< string, string > {
	return {
		DOCENT_PROXY_URL: proxyUrl,
		DOCENT_SITE_ID: siteId,
		DOCENT_SITE_SECRET: secret,
	};
}

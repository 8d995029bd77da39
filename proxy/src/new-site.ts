/**
 * Makes the identity of a new site: what the proxy's environment gets, and what the owner pastes into WordPress.
 *
 * `npm run site -- https://shop.example https://proxy.shop.example`
 */
import { randomBytes } from 'node:crypto';

const [ site = '', proxy = 'http://127.0.0.1:8787' ] = process.argv.slice( 2 );

if ( ! URL.canParse( site ) || ! URL.canParse( proxy ) ) {
	process.stderr.write(
		'Say where the site lives, and where browsers reach the proxy:\n  npm run site -- https://shop.example https://proxy.shop.example\n'
	);
	process.exit( 1 );
}

const { origin, hostname } = new URL( site );
const proxyUrl = new URL( proxy );
const id = `${ hostname.replace( /[^a-z0-9]+/g, '-' ).slice( 0, 40 ) }-${ randomBytes( 3 ).toString( 'hex' ) }`;
const secret = randomBytes( 32 ).toString( 'base64url' );
const path = proxyUrl.pathname.replace( /\/$/, '' );

process.stdout.write( `For the environment of the proxy:

DOCENT_SITE_ID=${ id }
DOCENT_SITE_SECRET=${ secret }
DOCENT_SITE_ORIGINS=${ origin }

For WordPress, under Settings → Docent:

docent+${ proxyUrl.protocol }//${ id }:${ secret }@${ proxyUrl.host }${ path }

Both hold the secret of the site. Whoever has it can speak for the site: keep it out of repositories and chats.
` );

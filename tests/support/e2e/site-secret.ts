/**
 * Lets WordPress and the proxy disagree about their secret.
 */

import { createHmac } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { NativeWordPress } from '../wordpress/native.ts';

/** Lets WordPress sign visitor tokens with another secret; resolves when it does. */
export async function useSecret(
	{ path, url, secret: right }: NativeWordPress,
	secret: string
): Promise< { restore: () => Promise< void > } > {
	const file = join( path, 'wp-config.php' );
	const config = await readFile( file, 'utf8' );
	const set = async ( next: string ) => {
		await writeFile( file, config.replace( right, next ) );
		// PHP may keep the compiled file for a moment.
		await expect
			.poll( () => signsWith( url, next ), {
				timeout: 10_000,
				interval: 100,
			} )
			.toBe( true );
	};
	await set( secret );
	return { restore: () => set( right ) };
}

async function signsWith( url: string, secret: string ): Promise< boolean > {
	const response = await fetch( `${ url }/wp-json/docent/v1/token`, {
		method: 'POST',
		headers: { 'content-type': 'application/json', origin: url },
		body: JSON.stringify( { consent: [ 'text' ] } ),
	} );
	const { token } = ( await response.json() ) as { token: string };
	const [ head, body, signature ] = token.split( '.' );
	return (
		createHmac( 'sha256', secret )
			.update( `${ head }.${ body }` )
			.digest( 'base64url' ) === signature
	);
}

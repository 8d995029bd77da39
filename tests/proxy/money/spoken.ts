/**
 * Asks running proxies aloud, has them read articles, and compares their books with the provider's bill at the end.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mintToken, SITE_ORIGIN } from '../../support/proxy/credentials.ts';
import { SHOP } from '../../support/proxy/shop.ts';
import { tone, wav } from '../../support/speech/index.ts';
import type { RunningProxy } from './proxies.ts';

/** A recording in which something is; what is heard in it is scripted. */
export const RECORDING = wav( tone( 1_500 ), 16_000 );

/** Makes a token of a visitor who agreed to speak. */
export const speaker = ( claims: Record< string, unknown > = {} ): string =>
	mintToken( { consent: [ 'text', 'voice' ], ...claims } );

/** Sends a recording as a visitor of its own, unless a token is given, and wants to hear the answer. */
export function say(
	{ url }: Pick< RunningProxy, 'url' >,
	{
		token = speaker(),
		recording = RECORDING,
		fields = {},
		signal,
	}: {
		token?: string;
		recording?: Uint8Array;
		fields?: Record< string, string >;
		signal?: AbortSignal;
	} = {}
): Promise< Response > {
	const form = new FormData();
	form.set(
		'audio',
		new Blob( [ new Uint8Array( recording ) ], { type: 'audio/wav' } )
	);
	for ( const [ name, value ] of Object.entries( {
		speech: 'true',
		...fields,
	} ) ) {
		form.set( name, value );
	}
	return fetch( `${ url }/v1/ask`, {
		method: 'POST',
		headers: { Authorization: `Bearer ${ token }`, Origin: SITE_ORIGIN },
		body: form,
		...( signal ? { signal } : {} ),
	} );
}

/** Demands the speech of a segment of an article. */
export function demandSegment(
	{ url }: Pick< RunningProxy, 'url' >,
	documentId: string,
	index: number,
	token = speaker()
): Promise< Response > {
	return fetch( `${ url }/v1/listen/${ documentId }/segments/${ index }`, {
		method: 'POST',
		headers: {
			Authorization: `Bearer ${ token }`,
			Origin: SITE_ORIGIN,
			'Content-Type': 'application/json',
		},
		body: '{}',
	} );
}

/** Writes which models speak, and returns the file for `DOCENT_MODELS_FILE`. */
export function writeRoles(
	folder: string,
	roles: Record< string, string | string[] >
): string {
	const file = join( folder, 'models.json' );
	writeFileSync( file, JSON.stringify( { roles } ) );
	return file;
}

/** Gives a proxy its documents, and lets everybody ask as often as they like. */
export async function openShop(
	proxy: Pick< RunningProxy, 'site' >,
	settings: object = {}
): Promise< void > {
	const replies = [
		await proxy.site( 'PUT', '/v1/site/documents', { documents: SHOP } ),
		await proxy.site( 'PUT', '/v1/site/settings', {
			cache: { enabled: false },
			rateLimits: {
				visitorPerMinute: 1e6,
				addressPerMinute: 1e6,
				sitePerMinute: 1e6,
			},
			...settings,
		} ),
	];
	for ( const reply of replies ) {
		if ( ! reply.ok ) {
			throw new Error( await reply.text() );
		}
	}
}

/** Sets every limit of money. */
export const limitsOf = ( nanoUsd: number, more: object = {} ) => ( {
	limits: {
		siteDayNanoUsd: nanoUsd,
		siteMonthNanoUsd: nanoUsd,
		visitorDayNanoUsd: nanoUsd,
		voiceSecondsDay: 1_000_000,
		softShare: 1,
		...more,
	},
} );

/** Reads what the site has spent and holds today. */
export async function readUsage( proxy: Pick< RunningProxy, 'site' > ) {
	const usage = await ( await proxy.site( 'GET', '/v1/site/usage' ) ).json();
	return usage as {
		day: { spentNanoUsd: number; heldNanoUsd: number };
		voiceSeconds: { spent: number; held: number };
	};
}

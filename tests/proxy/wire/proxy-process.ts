/**
 * Starts the real proxy as a process of its own, the way an operator does, and speaks to it as site and as visitor.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { startProcess, stopProcess } from '../../../dev/processes.ts';
import { inProject } from '../../../dev/project.ts';
import type { SiteDocument } from '../../../proxy/src/types.ts';
import {
	mintToken,
	signRequest,
	SITE_ID,
	SITE_ORIGIN,
	SITE_SECRET,
} from '../../support/proxy/credentials.ts';
import { allEvents, type WireEvent } from '../../support/proxy/sse.ts';

const READY_MS = 15_000;

/** The environment that tells a proxy about the site of the tests. */
export const SITE_ENV = {
	DOCENT_SITE_ID: SITE_ID,
	DOCENT_SITE_SECRET: SITE_SECRET,
	DOCENT_SITE_ORIGINS: SITE_ORIGIN,
};

/** A running proxy with an empty data folder. */
export interface ProxyProcess {
	baseUrl: string;
	/** Sends a signed request of the site and returns the parsed answer. */
	asSite( method: string, path: string, body?: unknown ): Promise< unknown >;
	/** What the proxy has logged so far. */
	readonly log: readonly string[];
	/** Asks as a visitor and reads the whole answer. */
	ask( question: string ): Promise< WireEvent[] >;
	stop(): Promise< void >;
}

/** Starts the proxy, gives it pages to know and waits until it is ready; `env` names the provider. */
export async function startProxyProcess( options: {
	env: Record< string, string >;
	documents: SiteDocument[];
} ): Promise< ProxyProcess > {
	const dataDir = mkdtempSync( join( tmpdir(), 'docent-wire-' ) );
	const child = startProcess( process.execPath, [ 'proxy/src/index.ts' ], {
		cwd: inProject(),
		env: {
			PATH: process.env.PATH,
			PORT: '0',
			DOCENT_DATA_DIR: dataDir,
			...SITE_ENV,
			...options.env,
		},
	} );
	const log: string[] = [];
	const port = await readPort( child, log );
	const baseUrl = `http://127.0.0.1:${ port }`;
	const proxy: ProxyProcess = {
		baseUrl,
		log,
		asSite: ( method, path, body ) =>
			siteRequest( baseUrl, method, path, body ),
		async ask( question ) {
			const response = await fetch( `${ baseUrl }/v1/ask`, {
				method: 'POST',
				headers: {
					authorization: `Bearer ${ mintToken() }`,
					origin: SITE_ORIGIN,
					'content-type': 'application/json',
				},
				body: JSON.stringify( { question } ),
			} );
			return allEvents( response );
		},
		async stop() {
			await stopProcess( child );
			rmSync( dataDir, { recursive: true, force: true } );
		},
	};
	await proxy.asSite( 'PUT', '/v1/site/documents', {
		documents: options.documents,
	} );
	return proxy;
}

/** Sends one signed request; throws with the body of a refusal. */
export async function siteRequest(
	baseUrl: string,
	method: string,
	path: string,
	body?: unknown
): Promise< unknown > {
	const text = body === undefined ? '' : JSON.stringify( body );
	const response = await fetch( baseUrl + path, {
		method,
		headers: signRequest( method, path, text ),
		...( body === undefined ? {} : { body: text } ),
	} );
	if ( ! response.ok ) {
		throw new Error(
			`${ method } ${ path }: ${ response.status } ${ await response.text() }`
		);
	}
	return response.status === 204 ? undefined : response.json();
}

/** Collects the log and resolves with the port, which the proxy logs when it is ready. */
function readPort(
	child: ReturnType< typeof startProcess >,
	log: string[]
): Promise< number > {
	return new Promise( ( resolve, reject ) => {
		const timer = setTimeout( () => child.kill(), READY_MS );
		for ( const input of [ child.stdout, child.stderr ] ) {
			createInterface( { input: input as NodeJS.ReadableStream } ).on(
				'line',
				( line ) => {
					log.push( line );
					const port = /"port":(\d+)/.exec( line )?.[ 1 ];
					if ( port !== undefined ) {
						clearTimeout( timer );
						resolve( Number( port ) );
					}
				}
			);
		}
		child.once( 'close', () => {
			clearTimeout( timer );
			reject(
				new Error( `The proxy did not start:\n${ log.join( '\n' ) }` )
			);
		} );
	} );
}

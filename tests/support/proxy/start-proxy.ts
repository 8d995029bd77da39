/**
 * Starts a real proxy in this process, on a real port and a real SQLite file, and speaks to it as visitors and sites do.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../../proxy/src/config.ts';
import { createLog } from '../../../proxy/src/log.ts';
import { serve, type ClientLimits } from '../../../proxy/src/server.ts';
import {
	createServices,
	type ServiceOptions,
	type Services,
} from '../../../proxy/src/services.ts';
import {
	mintToken,
	signRequest,
	SITE_ID,
	SITE_ORIGIN,
	SITE_SECRET,
} from './credentials.ts';
import { allEvents, type WireEvent } from './sse.ts';

export interface TestProxy {
	readonly url: string;
	/** Where the operator's routes are alone, when the environment asks for it. */
	readonly operatorPort: number | undefined;
	readonly dataDir: string;
	readonly services: Services;
	/** Sends a question; the response streams. */
	ask(
		question: unknown,
		options?: {
			token?: string;
			headers?: Record< string, string >;
			signal?: AbortSignal;
			body?: Record< string, unknown >;
		}
	): Promise< Response >;
	/** Sends a question and collects its events. */
	events(
		question: string,
		options?: Parameters< TestProxy[ 'ask' ] >[ 1 ]
	): Promise< WireEvent[] >;
	/** Sends a visitor's request. */
	visitor(
		method: string,
		path: string,
		options?: {
			token?: string;
			body?: unknown;
			headers?: Record< string, string >;
		}
	): Promise< Response >;
	/** Sends a signed request of the site. */
	site( method: string, path: string, body?: unknown ): Promise< Response >;
	/** Ends the proxy; keeps its data when asked. */
	close( options?: { keepData?: boolean } ): Promise< void >;
}

/** Starts a proxy with one site; `env` lays over the usual environment. */
export async function startProxy( {
	env = {},
	providerUrl,
	dataDir,
	clientLimits = {},
	...options
}: ServiceOptions & {
	clientLimits?: ClientLimits;
	env?: Record< string, string >;
	providerUrl?: string;
	dataDir?: string;
} = {} ): Promise< TestProxy > {
	const folder = dataDir ?? ( await mkdtemp( join( tmpdir(), 'docent-' ) ) );
	const config = readConfig( {
		PORT: '0',
		DOCENT_DATA_DIR: folder,
		DOCENT_SITE_ID: SITE_ID,
		DOCENT_SITE_SECRET: SITE_SECRET,
		DOCENT_SITE_ORIGINS: SITE_ORIGIN,
		LOG_LEVEL: 'silent',
		...( providerUrl
			? { OPENAI_API_KEY: 'test-key', OPENAI_BASE_URL: providerUrl }
			: {} ),
		...env,
	} );
	const services = await createServices(
		config,
		createLog( config.logLevel ),
		options
	);
	const server = await serve( services, clientLimits );
	const url = `http://127.0.0.1:${ server.port }`;
	const ownToken = mintToken();

	const proxy: TestProxy = {
		url,
		operatorPort: server.operatorPort,
		dataDir: folder,
		services,
		ask: ( question, { token = ownToken, headers, signal, body } = {} ) =>
			fetch( `${ url }/v1/ask`, {
				method: 'POST',
				headers: {
					'Content-Type': 'application/json',
					Authorization: `Bearer ${ token }`,
					Origin: SITE_ORIGIN,
					...headers,
				},
				body: JSON.stringify( { question, ...body } ),
				...( signal ? { signal } : {} ),
			} ),
		events: async ( question, askOptions ) =>
			allEvents( await proxy.ask( question, askOptions ) ),
		visitor: ( method, path, { token = ownToken, body, headers } = {} ) =>
			fetch( url + path, {
				method,
				headers: {
					Authorization: `Bearer ${ token }`,
					Origin: SITE_ORIGIN,
					...( body === undefined
						? {}
						: { 'Content-Type': 'application/json' } ),
					...headers,
				},
				...( body === undefined
					? {}
					: { body: JSON.stringify( body ) } ),
			} ),
		site: ( method, path, body ) => {
			const text = body === undefined ? '' : JSON.stringify( body );
			return fetch( url + path, {
				method,
				headers: signRequest( method, path, text ),
				...( body === undefined ? {} : { body: text } ),
			} );
		},
		async close( { keepData = false } = {} ) {
			await server.close( 0 );
			if ( ! keepData ) {
				await rm( folder, { recursive: true, force: true } );
			}
		},
	};
	return proxy;
}

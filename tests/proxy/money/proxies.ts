/**
 * Runs proxies as processes of their own, as operators do: one or several, on one data folder or one Redis, with a provider of choice.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import {
	mintToken,
	signRequest,
	SITE_ID,
	SITE_ORIGIN,
	SITE_SECRET,
} from '../../support/proxy/credentials.ts';

const MAIN = fileURLToPath(
	new URL( '../../../proxy/src/index.ts', import.meta.url )
);

/** A proxy in a process of its own. */
export interface RunningProxy {
	readonly child: ChildProcess;
	readonly url: string;
	/** What it wrote to its error output so far. */
	errors(): string;
	/** Sends a question as a visitor of its own, unless a token is given; the response streams. */
	ask( question: string, token?: string ): Promise< Response >;
	/** Sends a signed request of the site. */
	site( method: string, path: string, body?: unknown ): Promise< Response >;
	/** Ends it and returns its exit code. */
	end( signal?: NodeJS.Signals ): Promise< number | null >;
}

/** Starts a proxy and waits until it is ready, or until it has ended. */
export async function runProxy( {
	dataDir,
	providerUrl,
	env = {},
}: {
	dataDir: string;
	providerUrl: string;
	env?: Record< string, string >;
} ): Promise< RunningProxy > {
	const child = spawn( process.execPath, [ MAIN ], {
		env: {
			PORT: '0',
			DOCENT_DATA_DIR: dataDir,
			DOCENT_SITE_ID: SITE_ID,
			DOCENT_SITE_SECRET: SITE_SECRET,
			DOCENT_SITE_ORIGINS: SITE_ORIGIN,
			OPENAI_API_KEY: 'test-key',
			OPENAI_BASE_URL: providerUrl,
			...env,
		},
		stdio: [ 'ignore', 'pipe', 'pipe' ],
	} );
	let errors = '';
	child.stderr?.on( 'data', ( data ) => ( errors += data ) );
	const port = await new Promise< number | undefined >( ( resolve ) => {
		child.stdout?.on( 'data', ( data ) => {
			const ready = /"port":(\d+)/.exec( String( data ) );
			if ( ready ) {
				resolve( Number( ready[ 1 ] ) );
			}
		} );
		child.once( 'close', () => resolve( undefined ) );
	} );
	const url = `http://127.0.0.1:${ port }`;
	return {
		child,
		url,
		errors: () => errors,
		ask: ( question, token = mintToken() ) =>
			fetch( `${ url }/v1/ask`, {
				method: 'POST',
				headers: {
					'Content-Type': 'application/json',
					Authorization: `Bearer ${ token }`,
					Origin: SITE_ORIGIN,
				},
				body: JSON.stringify( { question } ),
			} ),
		site: ( method, path, body ) => {
			const text = body === undefined ? '' : JSON.stringify( body );
			return fetch( url + path, {
				method,
				headers: signRequest( method, path, text ),
				...( body === undefined ? {} : { body: text } ),
			} );
		},
		async end( signal = 'SIGTERM' ) {
			if ( child.exitCode === null && child.signalCode === null ) {
				const ended = once( child, 'exit' );
				child.kill( signal );
				await ended;
			}
			return child.exitCode;
		},
	};
}

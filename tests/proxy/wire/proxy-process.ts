/**
 * Starts the real proxy as a process of its own, the way an operator does, and speaks to it as site and as visitor.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { startProcess, stopProcess } from '../../../dev/processes.ts';
import { inProject } from '../../../dev/project.ts';
import { createTestSite, type TestSite } from './test-site.ts';

const READY_MS = 15_000;

/** One event of an answer. */
export interface AskEvent {
	id: number;
	name: string;
	// Each event has its own shape; the tests know which one they look at.
	// eslint-disable-next-line @typescript-eslint/no-explicit-any
	data: any;
}

/** A running proxy with a site of its own and an empty data folder. */
export interface ProxyProcess {
	baseUrl: string;
	pid: number;
	site: TestSite;
	/** Sends a signed request of the site and returns the parsed answer. */
	asSite( method: string, path: string, body?: unknown ): Promise< unknown >;
	/** Sends documents given by title and text. */
	teach( pages: Record< string, string > ): Promise< void >;
	/** Asks as a visitor and reads the whole answer. */
	ask(
		question: string,
		more?: { token?: string; conversationId?: string }
	): Promise< { status: number; events: AskEvent[]; text: string } >;
	stop(): Promise< void >;
}

/** Starts the proxy; `env` names the provider. */
export async function startProxyProcess( options: {
	env: Record< string, string >;
} ): Promise< ProxyProcess > {
	const site = createTestSite();
	const dataDir = mkdtempSync( join( tmpdir(), 'docent-wire-' ) );
	const child = startProcess( process.execPath, [ 'proxy/src/index.ts' ], {
		cwd: inProject(),
		env: {
			PATH: process.env.PATH,
			PORT: '0',
			DOCENT_DATA_DIR: dataDir,
			...site.env,
			...options.env,
		},
	} );
	const port = await readPort( child );
	const baseUrl = `http://127.0.0.1:${ port }`;

	const asSite: ProxyProcess[ 'asSite' ] = async ( method, path, body ) => {
		const text = body === undefined ? '' : JSON.stringify( body );
		const response = await fetch( baseUrl + path, {
			method,
			headers: {
				'content-type': 'application/json',
				...site.signedHeaders( method, path, text ),
			},
			...( text === '' ? {} : { body: text } ),
		} );
		if ( ! response.ok ) {
			throw new Error(
				`${ method } ${ path }: ${ response.status } ${ await response.text() }`
			);
		}
		return response.status === 204 ? undefined : response.json();
	};

	return {
		baseUrl,
		pid: child.pid ?? 0,
		site,
		asSite,
		async teach( pages ) {
			await asSite( 'PUT', '/v1/site/documents', {
				documents: Object.entries( pages ).map(
					( [ title, text ], index ) =>
						toDocument( site, { id: index + 1, title, text } )
				),
			} );
		},
		async ask( question, { token = site.token(), conversationId } = {} ) {
			const response = await fetch( `${ baseUrl }/v1/ask`, {
				method: 'POST',
				headers: {
					authorization: `Bearer ${ token }`,
					origin: site.origin,
					'content-type': 'application/json',
				},
				body: JSON.stringify( {
					question,
					...( conversationId === undefined
						? {}
						: { conversationId } ),
				} ),
			} );
			const events = parseEvents( await response.text() );
			return {
				status: response.status,
				events,
				text: events
					.filter( ( event ) => event.name === 'text' )
					.map( ( event ) => event.data.delta )
					.join( '' ),
			};
		},
		async stop() {
			await stopProcess( child );
			rmSync( dataDir, { recursive: true, force: true } );
		},
	};
}

/** Makes a document as the plugin sends it. */
export function toDocument(
	site: TestSite,
	{ id, title, text }: { id: number; title: string; text: string }
): Record< string, string > {
	const url = `${ site.origin }/${ title.toLowerCase().replaceAll( ' ', '-' ) }/`;
	return {
		id: `post-${ id }`,
		url,
		title,
		language: 'en',
		type: 'page',
		modifiedAt: '2026-11-01T12:00:00Z',
		hash: createHash( 'sha256' )
			.update( [ title, url, 'en', 'page', text ].join( '\n' ) )
			.digest( 'hex' ),
		text,
	};
}

/** Reads the port from the line the proxy logs when it is ready. */
async function readPort(
	child: ReturnType< typeof startProcess >
): Promise< number > {
	const said: string[] = [];
	const timer = setTimeout( () => child.kill(), READY_MS );
	child.stderr?.on( 'data', ( bytes: Buffer ) =>
		said.push( String( bytes ) )
	);
	for await ( const line of createInterface( {
		input: child.stdout as NodeJS.ReadableStream,
	} ) ) {
		said.push( line );
		const port = /"port":(\d+)/.exec( line )?.[ 1 ];
		if ( port !== undefined ) {
			clearTimeout( timer );
			// Nobody reads the log any more; a full pipe would stop the proxy.
			child.stdout?.resume();
			return Number( port );
		}
	}
	clearTimeout( timer );
	throw new Error( `The proxy did not start:\n${ said.join( '\n' ) }` );
}

function parseEvents( stream: string ): AskEvent[] {
	return stream
		.split( '\n\n' )
		.filter( ( block ) => block.includes( 'event: ' ) )
		.map( ( block ) => {
			const field = ( name: string ) =>
				new RegExp( `^${ name }: (.*)$`, 'm' ).exec( block )?.[ 1 ] ??
				'';
			return {
				id: Number( field( 'id' ) ),
				name: field( 'event' ),
				data: JSON.parse( field( 'data' ) ),
			};
		} );
}

/**
 * Serves a bare page with the player as it stands in the sources, under the strictest content policy, and stored speech with range requests.
 */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { stripTypeScriptTypes } from 'node:module';
import { inProject } from '../../../dev/project.ts';
import { EAR_PATH, EAR_SOURCE } from './ear.ts';
import { wav } from '../speech/index.ts';

export interface PlaybackPage {
	url: string;
	/** Puts speech at an address; returns the path. */
	store( name: string, pcm: Int16Array ): string;
	/** `Range` headers of the requests for stored speech, empty where there was none. */
	readonly ranges: readonly string[];
	close(): Promise< void >;
}

const PAGE = `<!doctype html><meta charset="utf-8"><title>Playback</title>
<button id="tap">Play</button><script type="module" src="/page.js"></script>`;

/** What the page does: lends the player to the test, and lets a real tap run what the test wants. */
const SCRIPT = `
import { unlock } from '/blocks/shared/voice/playback/unlock.ts';
import { createPlayer } from '/blocks/shared/voice/playback/player.ts';
const player = createPlayer( { workletUrl: '/worklets/?ver=1' } );
const log = [];
Object.assign( window, { player, log, unlock, createPlayer } );
window.watch = ( playback ) => log.push( { id: playback.id, state: playback.state, sentence: playback.sentence, at: performance.now() } );
document.querySelector( '#tap' ).addEventListener( 'click', () => { unlock(); window.onTap?.(); } );
if ( location.search === '?early' ) {
	window.early = player.begin( { id: 'early', onChange: window.watch } );
}
document.documentElement.dataset.ready = '';
`;

/** Starts the server. */
export async function startPlaybackPage(): Promise< PlaybackPage > {
	const speech = new Map< string, Uint8Array >();
	const ranges: string[] = [];

	async function answer(
		request: IncomingMessage,
		response: ServerResponse
	): Promise< void > {
		const { pathname } = new URL( request.url ?? '/', 'http://localhost' );
		response.setHeader(
			'Content-Security-Policy',
			"default-src 'none'; script-src 'self'; connect-src 'self'"
		);
		const stored = speech.get( pathname );
		if ( stored ) {
			sendSpeech( request, response, stored );
		} else if ( pathname === '/' ) {
			response.setHeader( 'Content-Type', 'text/html' );
			response.end( PAGE );
		} else if ( pathname === '/page.js' ) {
			sendScript( response, SCRIPT );
		} else if ( pathname === EAR_PATH ) {
			sendScript( response, EAR_SOURCE );
		} else if ( pathname === '/worklets/playback.js' ) {
			sendScript(
				response,
				"import '/blocks/worklets/playback.worklet.ts';"
			);
		} else if ( /^\/blocks\/[\w/.-]+\.ts$/.test( pathname ) ) {
			sendScript(
				response,
				stripTypeScriptTypes(
					await readFile( inProject( pathname.slice( 1 ) ), 'utf8' )
				)
			);
		} else {
			response.statusCode = 404;
			response.end();
		}
	}

	function sendSpeech(
		request: IncomingMessage,
		response: ServerResponse,
		bytes: Uint8Array
	): void {
		const { range = '' } = request.headers;
		ranges.push( range );
		const from = Number( /^bytes=(\d+)-$/.exec( range )?.[ 1 ] ?? 0 );
		response.setHeader( 'Content-Type', 'audio/wav' );
		if ( range ) {
			response.statusCode = 206;
			response.setHeader(
				'Content-Range',
				`bytes ${ from }-${ bytes.length - 1 }/${ bytes.length }`
			);
		}
		response.end( bytes.subarray( from ) );
	}

	const server = createServer( ( request, response ) => {
		answer( request, response ).catch( () => {
			response.statusCode = 500;
			response.end();
		} );
	} );
	await new Promise< void >( ( resolve ) => {
		server.listen( 0, '127.0.0.1', resolve );
	} );
	return {
		url: `http://127.0.0.1:${ ( server.address() as AddressInfo ).port }`,
		ranges,
		store( name, pcm ) {
			const path = `/speech/${ name }`;
			speech.set( path, wav( pcm, 24_000 ) );
			return path;
		},
		close: () =>
			new Promise( ( resolve ) => {
				server.close( () => resolve() );
				server.closeAllConnections();
			} ),
	};
}

function sendScript( response: ServerResponse, source: string ): void {
	response.setHeader( 'Content-Type', 'text/javascript' );
	response.end( source );
}

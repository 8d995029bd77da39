/**
 * Speaks Chat Completions with OpenAI, or with anything that speaks nearly the same; the quirks say how nearly.
 */
import { toUpstreamError } from './broken-call.ts';
import type { ChatPiece, ChatProvider } from './chat.ts';
import { toBody } from './chat-body.ts';
import { createPieceReader } from './chat-pieces.ts';
import {
	openConnectionPool,
	type Reply,
	type ReplyHeaders,
} from './connection-pool.ts';
import { errorFromReply, errorFromStrangeReply } from './error-reply.ts';
import { readModelList } from './model-list.ts';
import type { ProviderConfig } from './provider-config.ts';
import { readChunks, type ChatChunk } from './read-chunks.ts';
import { UpstreamError } from './upstream-error.ts';

/** How long a provider may be silent, before its first word or between two words, in milliseconds. */
const SILENCE_MS = 20_000;

/** How long one answer may take in all, in milliseconds; looked at whenever a piece arrives, and silence has its own limit. */
const CALL_MS = 120_000;

/** Makes a provider. `onHeaders` is shown the headers of every reply to a call, with the model that was asked. */
export function createOpenAiChat(
	config: Pick<
		ProviderConfig,
		'apiKey' | 'baseUrl' | 'headers' | 'quirks' | 'webProxy'
	>,
	{
		silenceMs = SILENCE_MS,
		callMs = CALL_MS,
		onHeaders,
	}: {
		silenceMs?: number | undefined;
		callMs?: number | undefined;
		onHeaders?:
			( ( model: string, headers: ReplyHeaders ) => void ) | undefined;
	} = {}
): ChatProvider {
	const { baseUrl, quirks, webProxy } = config;
	const pool = openConnectionPool( {
		headersTimeoutMs: silenceMs,
		bodyTimeoutMs: silenceMs,
		webProxy,
	} );
	const headers = headersOf( config );
	const isProxied = webProxy !== undefined;
	const query =
		quirks.apiVersion === ''
			? ''
			: `?api-version=${ encodeURIComponent( quirks.apiVersion ) }`;
	const chatUrl = ( model: string ) =>
		quirks.apiVersion === ''
			? `${ baseUrl }/chat/completions`
			: `${ baseUrl }/deployments/${ encodeURIComponent( model ) }/chat/completions${ query }`;
	const refusal = async ( reply: Reply ) =>
		errorFromReply(
			{ ...reply, text: await reply.text() },
			{ now: Date.now(), quotaIsRate: quirks.quotaIsRate }
		);
	const get = async ( path: string, signal: AbortSignal ) => {
		const reply = await pool.send( baseUrl + path + query, {
			method: 'GET',
			headers,
			signal,
		} );
		if ( reply.status !== 200 ) {
			throw await refusal( reply );
		}
		return reply.text();
	};

	return {
		async *stream( request ) {
			const { model, signal } = request;
			const endsAt = performance.now() + callMs;
			try {
				const reply = await pool.send( chatUrl( model.id ), {
					method: 'POST',
					headers,
					body: JSON.stringify( toBody( request, quirks ) ),
					signal,
				} );
				onHeaders?.( model.id, reply.headers );
				if ( reply.status !== 200 ) {
					throw await refusal( reply );
				}
				const pieceReader = createPieceReader( quirks );
				for await ( const chunks of chunksOf( reply ) ) {
					if ( performance.now() > endsAt ) {
						throw new UpstreamError(
							'timeout',
							'the answer took too long'
						);
					}
					const pieces: ChatPiece[] = [];
					let failure: unknown;
					try {
						for ( const chunk of chunks ) {
							pieceReader.read( chunk, pieces );
						}
					} catch ( error ) {
						failure = error;
					}
					yield pieces;
					if ( failure ) {
						throw failure;
					}
				}
				if ( ! pieceReader.hasEnded ) {
					throw new UpstreamError(
						'cut',
						'the provider ended its stream without finishing the answer'
					);
				}
			} catch ( error ) {
				throw toUpstreamError( error, { signal, isProxied } );
			}
		},

		async listModels( signal ) {
			try {
				const [ text ] = await Promise.all( [
					get( '/models', signal ),
					quirks.keyPath === ''
						? undefined
						: get( quirks.keyPath, signal ),
				] );
				return readModelList( text, Date.now() );
			} catch ( error ) {
				throw toUpstreamError( error, { signal, isProxied } );
			}
		},

		close: () => pool.close(),
	};
}

function headersOf( {
	apiKey,
	headers,
	quirks,
}: Pick< ProviderConfig, 'apiKey' | 'headers' | 'quirks' > ): Record<
	string,
	string
> {
	return {
		accept: 'application/json',
		'content-type': 'application/json',
		'user-agent': 'docent-proxy',
		...headers,
		...( quirks.auth === 'api-key'
			? { 'api-key': apiKey }
			: // Ollama and its like want something, whatever it is.
				{ authorization: `Bearer ${ apiKey || 'none' }` } ),
	};
}

/** Reads a reply as chunks, whether it came as a stream, as a stream under another name, or as one whole completion. */
async function* chunksOf( reply: Reply ): AsyncGenerator< ChatChunk[] > {
	if ( reply.isEventStream ) {
		yield* readChunks( reply.body );
		return;
	}
	const text = await reply.text();
	if ( /^\s*(data|event|:)/.test( text ) ) {
		yield* readChunks( piecesOf( text ) );
		return;
	}
	let whole: ChatChunk | undefined;
	try {
		whole = JSON.parse( text ) as ChatChunk;
	} catch {
		// What it is instead is looked at below.
	}
	if ( ! Array.isArray( whole?.choices ) || whole.choices.length === 0 ) {
		throw errorFromStrangeReply( text, Date.now() );
	}
	yield [ whole ];
}

async function* piecesOf( text: string ): AsyncGenerator< Uint8Array > {
	yield Buffer.from( text );
}

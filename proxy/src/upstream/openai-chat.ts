/**
 * Speaks Chat Completions with OpenAI, or with anything that speaks nearly the same; the quirks say how nearly.
 */
import type { Logger } from 'pino';
import type { Model } from '../models/catalog.ts';
import { toUpstreamError } from './broken-call.ts';
import type { ChatProvider, FinishReason } from './chat.ts';
import { toBody } from './chat-body.ts';
import { createPieceReader } from './chat-pieces.ts';
import { openConnectionPool, type Reply } from './connection-pool.ts';
import { readDecision, toDecisionBody } from './decision.ts';
import { errorFromReply, errorFromStrangeReply } from './error-reply.ts';
import type { FailureLog } from './failure-log.ts';
import type { Gate, Pass } from './gate.ts';
import { readModelList } from './model-list.ts';
import type { ProviderConfig } from './provider-config.ts';
import { readAllowances } from './rate-headers.ts';
import { readChunks, type ChatChunk } from './read-chunks.ts';
import { UpstreamError } from './upstream-error.ts';

/** How long a provider may be silent, before its first word or between two words, in milliseconds. */
const SILENCE_MS = 20_000;

/** How long one answer may take in all, in milliseconds; looked at whenever a piece arrives, and silence has its own limit. */
const CALL_MS = 120_000;

/** Tokens have at least about so many bytes on the average; providers that count tokens a minute guess as roughly. */
const BYTES_PER_TOKEN = 4;

/** Makes a provider whose calls pass the gate, and whose failures are written down. */
export function createOpenAiChat(
	config: Pick<
		ProviderConfig,
		'name' | 'apiKey' | 'baseUrl' | 'headers' | 'quirks' | 'webProxy'
	>,
	{
		gate,
		failures,
		log,
		silenceMs = SILENCE_MS,
		callMs = CALL_MS,
	}: {
		gate: Gate;
		failures: FailureLog;
		log?: Pick< Logger, 'warn' > | undefined;
		silenceMs?: number | undefined;
		callMs?: number | undefined;
	}
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
			{ ...reply, text: await reply.text( silenceMs ) },
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
		return reply.text( silenceMs );
	};

	const noteEnd = ( { id }: Model, finishReason: FinishReason ) => {
		if ( finishReason === 'stop' ) {
			failures.succeeded( config.name, id );
		} else {
			failures.failed(
				config.name,
				id,
				finishReason === 'length'
					? 'content_truncated'
					: 'content_policy'
			);
		}
	};
	const noteFailure = (
		{ id, upstreamId }: Model,
		{ code, status, retryAfterMs }: UpstreamError
	) => {
		if ( code ) {
			failures.failed( config.name, id, code );
		}
		// Only what the provider itself asked for: our own gate's word would feed on itself.
		if ( retryAfterMs !== undefined && status !== undefined ) {
			gate.pause( upstreamId, retryAfterMs );
		}
	};

	return {
		async *stream( request ) {
			const { model, signal, priority, maxOutputTokens } = request;
			const body = JSON.stringify( toBody( request, quirks ) );
			let pass: Pass | undefined;
			try {
				const entered = gate.enter( {
					model: model.upstreamId,
					priority,
					tokens: Math.ceil(
						body.length / BYTES_PER_TOKEN + maxOutputTokens
					),
					signal,
				} );
				pass = entered instanceof Promise ? await entered : entered;
				request.onStart?.( pass.queueMs );
				const endsAt = performance.now() + callMs;
				const reply = await pool.send( chatUrl( model.upstreamId ), {
					method: 'POST',
					headers:
						request.requestId === undefined
							? headers
							: {
									...headers,
									'x-client-request-id': request.requestId,
								},
					body,
					signal,
				} );
				pass.heard( readAllowances( reply.headers, Date.now() ) );
				if ( reply.status !== 200 ) {
					throw await refusal( reply );
				}
				const answer = createPieceReader( {
					thinkTags: quirks.thinkTags,
					onDoubts: ( doubts ) =>
						log?.warn(
							{ provider: config.name, model: model.id, doubts },
							'a report of usage cannot be relied on'
						),
				} );
				for await ( const chunks of chunksOf( reply, {
					silenceMs,
					endsAt,
				} ) ) {
					yield answer.read( chunks );
					if ( answer.failure ) {
						throw answer.failure;
					}
				}
				if ( ! answer.finishReason ) {
					throw new UpstreamError(
						'cut',
						'the provider ended its stream without finishing the answer'
					);
				}
				noteEnd( model, answer.finishReason );
			} catch ( caught ) {
				const error = toUpstreamError( caught, { signal, isProxied } );
				noteFailure( model, error );
				throw error;
			} finally {
				pass?.leave();
			}
		},

		async decide( request ) {
			const { model, signal, priority } = request;
			let pass: Pass | undefined;
			try {
				const body = toDecisionBody( request );
				const entered = gate.enter( {
					model: model.id,
					priority,
					tokens: Math.ceil( body.length / BYTES_PER_TOKEN ),
					signal,
				} );
				pass = entered instanceof Promise ? await entered : entered;
				request.onStart?.( pass.queueMs );
				const reply = await pool.send(
					`${ baseUrl }/decisions${ query }`,
					{
						method: 'POST',
						headers,
						body,
						signal,
					}
				);
				pass.heard( readAllowances( reply.headers, Date.now() ) );
				if ( reply.status !== 200 ) {
					throw await refusal( reply );
				}
				const decision = readDecision(
					await reply.text( silenceMs ),
					Date.now()
				);
				noteEnd( model, 'stop' );
				return decision;
			} catch ( caught ) {
				const error = toUpstreamError( caught, { signal, isProxied } );
				noteFailure( model, error );
				throw error;
			} finally {
				pass?.leave();
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
		// In lower case, so that one of ours is replaced and not sent twice.
		...Object.fromEntries(
			Object.entries( headers ).map( ( [ name, value ] ) => [
				name.toLowerCase(),
				value,
			] )
		),
		...( quirks.auth === 'api-key'
			? { 'api-key': apiKey }
			: // Ollama and its like want something, whatever it is.
				{ authorization: `Bearer ${ apiKey || 'none' }` } ),
	};
}

/** Reads a reply as chunks, whether it came as a stream, as a stream under another name, or as one whole completion. */
async function* chunksOf(
	reply: Reply,
	limits: { silenceMs: number; endsAt: number }
): AsyncGenerator< ChatChunk[] > {
	if ( reply.isEventStream ) {
		yield* readChunks( reply.body, limits );
		return;
	}
	const text = await reply.text( limits.endsAt - performance.now() );
	if ( /^\s*(data|event|:)/.test( text ) ) {
		yield* readChunks( piecesOf( text ), limits );
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

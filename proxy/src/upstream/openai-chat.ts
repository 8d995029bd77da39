/**
 * Speaks Chat Completions with OpenAI, or with anything that speaks nearly the same; the quirks say how nearly.
 */
import type { ChatProvider } from './chat.ts';
import { toBody } from './chat-body.ts';
import { createPieceReader } from './chat-pieces.ts';
import type { Reply } from './connection-pool.ts';
import { readDecision, toDecisionBody } from './decision.ts';
import { errorFromStrangeReply } from './error-reply.ts';
import { readModelList } from './model-list.ts';
import { BYTES_PER_TOKEN, type ProviderCalls } from './provider-calls.ts';
import { readChunks, type ChatChunk } from './read-chunks.ts';
import { UpstreamError } from './upstream-error.ts';

/** Makes a provider that answers over `calls`. */
export function createOpenAiChat( calls: ProviderCalls ): ChatProvider {
	const { config, log, silenceMs } = calls;
	const { quirks } = config;

	return {
		async *stream( request ) {
			const { model, maxOutputTokens } = request;
			const body = JSON.stringify( toBody( request, quirks ) );
			const call = calls.begin( {
				...request,
				tokens: Math.ceil(
					body.length / BYTES_PER_TOKEN + maxOutputTokens
				),
			} );
			try {
				const reply = await call.post(
					calls.urlOf( '/chat/completions', model.upstreamId ),
					{ body }
				);
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
					endsAt: call.endsAt,
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
				call.ended( answer.finishReason );
			} catch ( error ) {
				throw call.failed( error );
			} finally {
				call.leave();
			}
		},

		async decide( request ) {
			const body = toDecisionBody( request );
			const call = calls.begin( {
				...request,
				gateModel: request.model.id,
				tokens: Math.ceil( body.length / BYTES_PER_TOKEN ),
			} );
			try {
				const reply = await call.post( calls.urlOf( '/decisions' ), {
					body,
				} );
				const decision = readDecision(
					await reply.text( silenceMs ),
					Date.now()
				);
				call.ended( 'stop' );
				return decision;
			} catch ( error ) {
				throw call.failed( error );
			} finally {
				call.leave();
			}
		},

		async listModels( signal ) {
			try {
				const [ text ] = await Promise.all( [
					calls.get( '/models', signal ),
					quirks.keyPath === ''
						? undefined
						: calls.get( quirks.keyPath, signal ),
				] );
				return readModelList( text, Date.now() );
			} catch ( error ) {
				throw calls.errorOf( error, signal );
			}
		},

		close: () => calls.close(),
	};
}

/** Reads a reply as chunks, whether it came as a stream, as a stream under another name, or as one whole completion. */
export async function* chunksOf(
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

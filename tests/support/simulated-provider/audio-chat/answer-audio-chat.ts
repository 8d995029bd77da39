/**
 * Answers a chat with audio: hears the question, finds the words, speaks them or writes them, and bills both.
 */
import { bytesOf, wav } from '../../speech/index.ts';
import type { ChatBehaviour, Reply, WireUsage } from '../behaviour.ts';
import type { BillEntry } from '../bill.ts';
import {
	breakConnection,
	breakOff,
	clientOf,
	isBreakage,
	pause,
	spoil,
} from '../breakage.ts';
import type { ChatRequest } from '../chat-request.ts';
import type { Exchange } from '../exchange.ts';
import type { AnswerStep } from '../realtime/answer-plan.ts';
import { invalid } from '../transcriptions/transcription-request.ts';
import { countPromptTokens } from '../tokens.ts';
import { SPEECH_RATE, type VoiceServices } from '../voice-services.ts';
import { chunkMaker, EVENT_STREAM, frame } from '../wire.ts';
import { hearMessages } from './hear-messages.ts';
import { planSpokenReply, type SpokenPlan } from './spoken-plan.ts';

/** Handles a request that was read and found well-formed. */
export async function answerAudioChat(
	exchange: Exchange,
	services: VoiceServices,
	request: ChatRequest,
	behaviour: ChatBehaviour
): Promise< void > {
	if ( behaviour.kind === 'refusal' ) {
		await clientOf( exchange, {} ).wait( behaviour.delayMs ?? 0 );
		exchange.refuse( behaviour );
		return;
	}
	const nowMs = exchange.entry.receivedAtMs;
	const heard = await hearMessages( services, request, nowMs );
	if ( ! heard ) {
		exchange.refuse(
			invalid(
				'The audio of an assistant message was not found: it does not exist or has expired.',
				'messages',
				'audio_not_found'
			)
		);
		return;
	}
	const reply: Reply = isBreakage( behaviour ) ? {} : behaviour;
	const billed = services.bill.open(
		exchange.entry.requestId,
		request.model,
		{
			input: countPromptTokens( heard.texts ),
			cachedInput: 0,
			cacheWrite: 0,
			output: 0,
			audioInput: heard.audioTokens,
			audioOutput: 0,
			...reply.tokens,
		}
	);
	if ( isBreakage( behaviour ) ) {
		await breakOff( exchange, behaviour, () => undefined );
		return;
	}
	const plan = await planSpokenReply( {
		exchange,
		services,
		request,
		reply,
		messages: heard.messages,
	} );
	const work = { exchange, services, request, reply, plan, billed };
	await ( request.stream ? streamReply( work ) : sendWhole( work ) );
}

interface Work {
	exchange: Exchange;
	services: VoiceServices;
	request: ChatRequest;
	reply: Reply;
	plan: SpokenPlan;
	billed: BillEntry;
}

async function streamReply( work: Work ): Promise< void > {
	const { exchange, services, request, reply, plan, billed } = work;
	const client = clientOf( exchange, reply );
	await client.wait( reply.firstChunkDelayMs ?? 0 );
	exchange.head( 200, EVENT_STREAM );
	exchange.response.flushHeaders();
	if ( await spoil( exchange, client, reply, 0 ) ) {
		return;
	}
	const includeUsage = request.stream_options?.include_usage === true;
	const make = chunkMaker( plan, includeUsage );
	const send = async ( chunk: object ): Promise< void > => {
		services.inspect( 'CreateChatCompletionStreamResponse', chunk );
		await client.write( frame( chunk ) );
	};
	const kept = plan.isSpoken
		? services.audioMemory.keep( Date.now() )
		: undefined;
	await send(
		kept
			? make.delta( {
					role: 'assistant',
					content: null,
					refusal: null,
					audio: { id: kept.id },
				} )
			: make.role()
	);
	for ( const [ at, step ] of plan.steps.entries() ) {
		await client.wait( reply.chunkDelayMs ?? 0 );
		bill( billed, step, reply );
		if ( ! kept ) {
			await send( make.content( step.words ) );
		} else {
			kept.answer.transcript += step.words;
			kept.answer.audioMs = step.atMs + step.pcm.length / 24;
			const { words, pcm } = step;
			if ( words !== '' ) {
				await send( make.delta( { audio: { transcript: words } } ) );
			}
			if ( pcm.length > 0 ) {
				const data = bytesOf( pcm ).toString( 'base64' );
				await send( make.delta( { audio: { data } } ) );
			}
		}
		exchange.entry.chunksProduced = at + 1;
		if ( await spoil( exchange, client, reply, at + 1 ) ) {
			return;
		}
	}
	if ( reply.refusal !== undefined ) {
		await send( make.refusal( reply.refusal ) );
	}
	if ( kept ) {
		const expires = Math.floor( kept.answer.expiresAtMs / 1_000 );
		// The real API leaves the reason out of this one, and sends none when the answer came to its end.
		await client.write(
			frame( make.bareDelta( { audio: { expires_at: expires } } ) )
		);
	}
	if ( ! kept || plan.finishReason !== 'stop' ) {
		await send( make.finish( plan.finishReason ) );
	}
	const usage = reportedUsage( work );
	if ( includeUsage && usage ) {
		await send( make.usage( usage ) );
	}
	await client.write( frame( '[DONE]' ) );
	exchange.response.end();
}

async function sendWhole( work: Work ): Promise< void > {
	const { exchange, services, request, reply, plan, billed } = work;
	const client = clientOf( exchange, reply );
	await client.wait( reply.firstChunkDelayMs ?? 0 );
	if ( reply.stall ) {
		await pause( client, reply.stall.forMs );
	}
	const words = plan.steps.map( ( step ) => step.words ).join( '' );
	const last = plan.steps.at( -1 );
	if ( last ) {
		bill( billed, last, reply );
	}
	const usage = reportedUsage( work );
	const body = {
		id: plan.id,
		object: 'chat.completion',
		created: plan.created,
		model: plan.model,
		choices: [
			{
				index: 0,
				message: {
					role: 'assistant',
					content: plan.isSpoken ? null : words,
					refusal: reply.refusal ?? null,
					annotations: [],
					...( plan.isSpoken
						? { audio: spokenAudio( services, request, plan ) }
						: {} ),
				},
				logprobs: null,
				finish_reason: plan.finishReason,
			},
		],
		...( usage ? { usage } : {} ),
		service_tier: 'default',
	};
	services.inspect( 'CreateChatCompletionResponse', body );
	const text = JSON.stringify( body );
	exchange.head( 200, { 'content-type': 'application/json' } );
	if ( reply.cut ) {
		await client.write( text.slice( 0, text.length / 2 ) );
		breakConnection( exchange, reply.cut.how );
		return;
	}
	exchange.entry.chunksProduced = 1;
	await client.write( text );
	exchange.response.end();
}

function spokenAudio(
	services: VoiceServices,
	request: ChatRequest,
	{ steps }: SpokenPlan
): object {
	const { id, answer } = services.audioMemory.keep( Date.now() );
	const bytes = Buffer.concat( steps.map( ( { pcm } ) => bytesOf( pcm ) ) );
	answer.transcript = steps.map( ( step ) => step.words ).join( '' );
	answer.audioMs = bytes.length / 48;
	const isWav = ( request.audio as { format: string } ).format === 'wav';
	const pcm = new Int16Array( Uint8Array.from( bytes ).buffer );
	return {
		id,
		expires_at: Math.floor( answer.expiresAtMs / 1_000 ),
		data: ( isWav ? wav( pcm, SPEECH_RATE ) : bytes ).toString( 'base64' ),
		transcript: answer.transcript,
	};
}

function bill( billed: BillEntry, step: AnswerStep, { tokens }: Reply ): void {
	billed.tokens.output = tokens?.output ?? step.textTokens;
	billed.tokens.audioOutput = tokens?.audioOutput ?? step.audioTokens;
}

function reportedUsage( { billed, reply }: Work ): WireUsage | null {
	if ( reply.reportedUsage === null ) {
		return null;
	}
	const { input, audioInput = 0, output, audioOutput = 0 } = billed.tokens;
	const prompt = input + audioInput;
	const completion = output + audioOutput;
	return {
		prompt_tokens: prompt,
		completion_tokens: completion,
		total_tokens: prompt + completion,
		prompt_tokens_details: {
			cached_tokens: 0,
			audio_tokens: audioInput,
			text_tokens: input,
			image_tokens: 0,
		},
		completion_tokens_details: {
			reasoning_tokens: 0,
			audio_tokens: audioOutput,
			text_tokens: output,
			accepted_prediction_tokens: 0,
			rejected_prediction_tokens: 0,
		},
		...reply.reportedUsage,
	};
}

/**
 * Answers `POST /v1/chat/completions` as scripted: JSON or events, whole or broken, and always on the bill.
 */
import { answerAudioChat } from './audio-chat/answer-audio-chat.ts';
import { isAudioChatModel } from './audio-chat/audio-request.ts';
import type { ChatBehaviour, Reply } from './behaviour.ts';
import type { BillEntry, WritableBill } from './bill.ts';
import {
	breakConnection,
	breakOff,
	clientOf,
	isBreakage,
	pause,
	spoil,
} from './breakage.ts';
import { type ChatRequest, readChatRequest } from './chat-request.ts';
import { type CompletionPlan, planCompletion } from './completion.ts';
import {
	refuseUnknownFields,
	type ChunkPart,
	type Dialect,
	type PlainChunk,
} from './dialect.ts';
import type { Exchange } from './exchange.ts';
import { ClientGone } from './pace.ts';
import type { PromptCache } from './prompt-cache.ts';
import type { VoiceServices } from './voice-services.ts';
import { chunkMaker, completionBody, EVENT_STREAM, frame } from './wire.ts';

/** What the route needs of the provider. */
export interface ChatServices {
	bill: WritableBill;
	promptCache: PromptCache | undefined;
	nextBehaviour( request: ChatRequest ): ChatBehaviour;
	/** Is shown every well-formed request and reply, so that strict mode can hold them against the API's description. */
	inspect( schema: string, value: unknown ): void;
	dialect?: Dialect | undefined;
	/** For models that hear and speak. */
	voice: VoiceServices;
}

/** Handles one request to the end. */
export async function answerChat(
	exchange: Exchange,
	services: ChatServices
): Promise< void > {
	const { dialect } = services;
	if ( ! dialect ) {
		services.inspect( 'CreateChatCompletionRequest', exchange.entry.body );
	}
	const read = dialect
		? readInDialect( dialect, exchange.entry.body )
		: readChatRequest( exchange.entry.body );
	if ( 'refusal' in read ) {
		exchange.refuse( read.refusal );
		return;
	}
	const { request } = read;
	const behaviour = services.nextBehaviour( request );
	if ( isAudioChatModel( request.model ) ) {
		await answerAudioChat(
			exchange,
			services.voice,
			request,
			behaviour
		).catch( unlessGone );
		return;
	}
	if ( behaviour.kind === 'refusal' ) {
		await waitBefore( exchange, behaviour.delayMs );
		exchange.refuse( behaviour );
		return;
	}
	const reply: Reply = isBreakage( behaviour ) ? {} : behaviour;
	const plan = planCompletion( {
		request,
		reply,
		promptCache: services.promptCache,
		id: `chatcmpl-${ exchange.entry.requestId.slice( 4, 33 ) }`,
		createdAtSeconds: Math.floor( exchange.entry.receivedAtMs / 1_000 ),
	} );
	const billed = services.bill.open(
		exchange.entry.requestId,
		request.model,
		plan.startTokens
	);
	try {
		if ( isBreakage( behaviour ) ) {
			await breakOff( exchange, behaviour, () => {
				billed.tokens.output = plan.outputAfter( plan.deltas.length );
			} );
		} else if ( request.stream ) {
			await stream( {
				exchange,
				services,
				request,
				reply,
				plan,
				billed,
			} );
		} else {
			await answerWhole( { exchange, services, reply, plan, billed } );
		}
	} catch ( error ) {
		unlessGone( error );
	}
}

function unlessGone( error: unknown ): void {
	if ( ! ( error instanceof ClientGone ) ) {
		throw error;
	}
}

/** Reads a request the way the provider of a dialect does; what it ignores is taken out. */
function readInDialect(
	dialect: Dialect,
	body: unknown
): ReturnType< typeof readChatRequest > {
	const fields = ( body ?? {} ) as Record< string, unknown >;
	const refusal =
		refuseUnknownFields( dialect, fields ) ?? dialect.refuses?.( fields );
	return refusal
		? { refusal }
		: readChatRequest(
				Object.fromEntries(
					Object.entries( fields ).filter(
						( [ name ] ) => ! dialect.ignores?.includes( name )
					)
				)
			);
}

async function waitBefore(
	exchange: Exchange,
	delayMs: number | undefined
): Promise< void > {
	if ( delayMs !== undefined ) {
		await clientOf( exchange, {} )
			.wait( delayMs )
			.catch( () => undefined );
	}
}

async function answerWhole( work: {
	exchange: Exchange;
	services: ChatServices;
	reply: Reply;
	plan: CompletionPlan;
	billed: BillEntry;
} ): Promise< void > {
	const { exchange, services, reply, plan, billed } = work;
	// A reply that is not streamed is produced whole before anything is sent, and billed whole.
	billed.tokens.output = plan.outputAfter( plan.deltas.length );
	const client = clientOf( exchange, reply );
	await client.wait(
		( reply.firstChunkDelayMs ?? 0 ) +
			( reply.chunkDelayMs ?? 0 ) * plan.deltas.length
	);
	if ( reply.stall ) {
		await pause( client, reply.stall.forMs );
	}
	const body = completionBody( plan );
	services.inspect( 'CreateChatCompletionResponse', body );
	if ( reply.cut ) {
		const half = JSON.stringify( body );
		exchange.head( 200, { 'content-type': 'application/json' } );
		await client.write( half.slice( 0, half.length / 2 ) );
		breakConnection( exchange, reply.cut.how );
		return;
	}
	exchange.head( 200, { 'content-type': 'application/json' } );
	exchange.entry.chunksProduced = 1;
	await client.write( JSON.stringify( body ) );
	exchange.response.end();
}

async function stream( work: {
	exchange: Exchange;
	services: ChatServices;
	request: ChatRequest;
	reply: Reply;
	plan: CompletionPlan;
	billed: BillEntry;
} ): Promise< void > {
	const { exchange, services, request, reply, plan, billed } = work;
	const client = clientOf( exchange, reply );
	const { dialect } = services;
	const send = async ( part: ChunkPart, chunk: object ): Promise< void > => {
		if ( ! dialect ) {
			services.inspect( 'CreateChatCompletionStreamResponse', chunk );
		}
		const shaped = dialect?.shape?.(
			part,
			chunk as PlainChunk,
			plan.usage
		) ?? [ chunk ];
		for ( const one of shaped ) {
			await client.write( frame( one ) );
		}
	};

	if ( reply.firstChunkDelayMs !== undefined ) {
		await client.wait( reply.firstChunkDelayMs );
	}
	exchange.head( 200, EVENT_STREAM );
	exchange.response.flushHeaders();
	if ( dialect?.preamble ) {
		await client.write( dialect.preamble );
	}
	const isBrokenAt = ( produced: number ): Promise< boolean > =>
		spoil( exchange, client, reply, produced );
	if ( await isBrokenAt( 0 ) ) {
		return;
	}
	const includeUsage = request.stream_options?.include_usage === true;
	const make = chunkMaker( plan, includeUsage );
	await send( 'role', make.role() );
	if ( dialect && reply.thought !== undefined ) {
		await send( 'thought', make.thought( reply.thought ) );
	}
	for ( const [ index, delta ] of plan.deltas.entries() ) {
		if ( reply.chunkDelayMs !== undefined ) {
			await client.wait( reply.chunkDelayMs );
		}
		// Billed before it is sent: what the model produced costs money whether or not it arrives.
		billed.tokens.output = plan.outputAfter( index + 1 );
		await send( 'content', make.content( delta ) );
		exchange.entry.chunksProduced = index + 1;
		if ( await isBrokenAt( index + 1 ) ) {
			return;
		}
	}
	billed.tokens.output = plan.outputAfter( plan.deltas.length );
	if ( plan.refusal !== null ) {
		await send( 'refusal', make.refusal( plan.refusal ) );
	}
	await send( 'finish', make.finish( plan.finishReason ) );
	if ( includeUsage && plan.usage ) {
		await send( 'usage', make.usage( plan.usage ) );
	}
	await client.write( frame( '[DONE]' ) );
	exchange.response.end();
}

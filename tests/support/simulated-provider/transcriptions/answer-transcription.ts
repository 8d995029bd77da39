/**
 * Answers `POST /v1/audio/transcriptions`: writes down what is really heard, or what is scripted.
 */
import type { BillEntry } from '../bill.ts';
import {
	breakConnection,
	breakOff,
	clientOf,
	isBreakage,
	pause,
	spoil,
} from '../breakage.ts';
import type { Exchange } from '../exchange.ts';
import { ClientGone } from '../pace.ts';
import { countTokens } from '../tokens.ts';
import type {
	TranscriptionReply,
	TranscriptionRequest,
} from '../voice-behaviour.ts';
import { HEARD_TOKENS_PER_SECOND, VOICE_PRICES } from '../voice-prices.ts';
import type { VoiceServices } from '../voice-services.ts';
import { EVENT_STREAM, frame } from '../wire.ts';
import type { ReadAudio } from './audio-bytes.ts';
import { readTranscriptionRequest } from './transcription-request.ts';

/** Handles one request to the end. */
export async function answerTranscription(
	exchange: Exchange,
	services: VoiceServices
): Promise< void > {
	const { body, files } = exchange.entry;
	services.inspect( 'CreateTranscriptionRequest', describedForm( body ) );
	const read = await readTranscriptionRequest( body, files );
	if ( 'refusal' in read ) {
		exchange.refuse( read.refusal );
		return;
	}
	const { request, audio } = read;
	const behaviour = services.script.next( 'transcription', request );
	try {
		if ( behaviour.kind === 'refusal' ) {
			await clientOf( exchange, {} ).wait( behaviour.delayMs ?? 0 );
			exchange.refuse( behaviour );
			return;
		}
		const billed = billAudio( services, exchange.entry.requestId, {
			model: request.model,
			seconds: audio.seconds,
		} );
		if ( isBreakage( behaviour ) ) {
			await breakOff( exchange, behaviour, () => undefined );
			return;
		}
		const text = await wordsOf( services, request, audio, behaviour );
		billText( billed, text );
		const reply = {
			text,
			...languagesOf( request.model, behaviour.language ),
			...usageOf( behaviour, billed ),
		};
		await ( request.isStream
			? streamWords( exchange, services, behaviour, reply )
			: answerWhole( exchange, services, behaviour, reply ) );
	} catch ( error ) {
		if ( ! ( error instanceof ClientGone ) ) {
			throw error;
		}
	}
}

/** Opens the bill for audio that a model listens to. */
export function billAudio(
	services: Pick< VoiceServices, 'bill' >,
	requestId: string,
	{ model, seconds }: { model: string; seconds: number }
): BillEntry {
	const isByMinute = ( VOICE_PRICES[ model ]?.perMinute ?? 0 ) > 0;
	return services.bill.open( requestId, model, {
		input: 0,
		cachedInput: 0,
		cacheWrite: 0,
		output: 0,
		...( isByMinute
			? { audioMs: Math.round( seconds * 1_000 ) }
			: {
					audioInput: Math.ceil( seconds * HEARD_TOKENS_PER_SECOND ),
				} ),
	} );
}

/** Adds the words to the bill of a model that is paid by tokens. */
export function billText( billed: BillEntry, text: string ): void {
	if ( billed.tokens.audioMs === undefined ) {
		billed.tokens.output = countTokens( text );
	}
}

/** What a transcription reports of its use: minutes or tokens, by the price of its model. */
export function transcriptionUsage( {
	tokens,
}: BillEntry ): Record< string, unknown > {
	return tokens.audioMs === undefined
		? {
				type: 'tokens',
				input_tokens: tokens.audioInput,
				input_token_details: {
					text_tokens: 0,
					audio_tokens: tokens.audioInput,
				},
				output_tokens: tokens.output,
				total_tokens: ( tokens.audioInput ?? 0 ) + tokens.output,
			}
		: { type: 'duration', seconds: tokens.audioMs / 1_000 };
}

function usageOf(
	{ reportedUsage }: TranscriptionReply,
	billed: BillEntry
): { usage?: unknown } {
	return reportedUsage === null
		? {}
		: { usage: reportedUsage ?? transcriptionUsage( billed ) };
}

/** Only the newest model says which language it heard. */
function languagesOf(
	model: string,
	language: string | undefined
): { languages?: unknown } {
	return model === 'gpt-transcribe'
		? { languages: [ { code: language ?? 'en' } ] }
		: {};
}

async function wordsOf(
	services: VoiceServices,
	request: TranscriptionRequest,
	audio: ReadAudio,
	{ text }: TranscriptionReply
): Promise< string > {
	if ( text !== undefined ) {
		return typeof text === 'function' ? text( request ) : text;
	}
	return audio.pcm && audio.sampleRate
		? services.hear( audio.pcm, audio.sampleRate )
		: `Speech of ${ Math.round( audio.seconds * 10 ) / 10 } seconds.`;
}

async function answerWhole(
	exchange: Exchange,
	services: VoiceServices,
	delivery: TranscriptionReply,
	reply: object
): Promise< void > {
	const client = clientOf( exchange, delivery );
	await client.wait( delivery.firstChunkDelayMs ?? 0 );
	if ( delivery.stall ) {
		await pause( client, delivery.stall.forMs );
	}
	services.inspect( 'CreateTranscriptionResponseJson', reply );
	const text = JSON.stringify( reply );
	exchange.head( 200, { 'content-type': 'application/json' } );
	if ( delivery.garbage || delivery.cut ) {
		await client.write(
			delivery.garbage?.bytes ?? text.slice( 0, text.length / 2 )
		);
		breakConnection( exchange, delivery.cut?.how ?? 'end' );
		return;
	}
	exchange.entry.chunksProduced = 1;
	await client.write( text );
	exchange.response.end();
}

async function streamWords(
	exchange: Exchange,
	services: VoiceServices,
	delivery: TranscriptionReply,
	reply: { text: string; usage?: unknown; languages?: unknown }
): Promise< void > {
	const client = clientOf( exchange, delivery );
	const send = async ( event: object ): Promise< void > => {
		services.inspect( 'CreateTranscriptionResponseStreamEvent', event );
		await client.write( frame( event ) );
	};
	await client.wait( delivery.firstChunkDelayMs ?? 0 );
	exchange.head( 200, EVENT_STREAM );
	exchange.response.flushHeaders();
	if ( await spoil( exchange, client, delivery, 0 ) ) {
		return;
	}
	const deltas = reply.text.match( /\s*\S+/g ) ?? [];
	for ( const [ at, delta ] of deltas.entries() ) {
		await client.wait( delivery.chunkDelayMs ?? 0 );
		await send( { type: 'transcript.text.delta', delta } );
		exchange.entry.chunksProduced = at + 1;
		if ( await spoil( exchange, client, delivery, at + 1 ) ) {
			return;
		}
	}
	await send( { type: 'transcript.text.done', ...reply } );
	await client.write( frame( '[DONE]' ) );
	exchange.response.end();
}

/** A form carries only strings: shown to the API's description as the values they stand for. */
function describedForm( body: unknown ): unknown {
	if ( typeof body !== 'object' || body === null ) {
		return body;
	}
	const { file, stream, temperature, ...rest } = body as Record<
		string,
		unknown
	>;
	return {
		...rest,
		...( file === undefined ? {} : { file: 'bytes' } ),
		...( stream === undefined ? {} : { stream: stream === 'true' } ),
		...( temperature === undefined
			? {}
			: { temperature: Number( temperature ) } ),
	};
}

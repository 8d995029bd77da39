/**
 * Answers `POST /v1/audio/speech`: speaks a text, as bytes or as events.
 */
import { bytesOf, wav } from '../../speech/index.ts';
import type { BillEntry } from '../bill.ts';
import { breakOff, clientOf, isBreakage, spoil } from '../breakage.ts';
import type { Exchange } from '../exchange.ts';
import { ClientGone } from '../pace.ts';
import { countTokens } from '../tokens.ts';
import type { SpeechReply, SpeechRequest } from '../voice-behaviour.ts';
import { SPOKEN_TOKENS_PER_SECOND, VOICE_PRICES } from '../voice-prices.ts';
import { SPEECH_RATE, type VoiceServices } from '../voice-services.ts';
import { EVENT_STREAM, frame } from '../wire.ts';
import { readSpeechRequest } from './speech-request.ts';

/** 100 ms of samples. */
const PIECE_BYTES = SPEECH_RATE / 5;

/** Handles one request to the end. */
export async function answerSpeech(
	exchange: Exchange,
	services: VoiceServices
): Promise< void > {
	const { body, receivedAtMs, requestId } = exchange.entry;
	services.inspect( 'CreateSpeechRequest', body );
	const read = readSpeechRequest( body, receivedAtMs );
	if ( 'refusal' in read ) {
		exchange.refuse( read.refusal );
		return;
	}
	const { request } = read;
	const behaviour = services.script.next( 'speech', request );
	try {
		if ( behaviour.kind === 'refusal' ) {
			await clientOf( exchange, {} ).wait( behaviour.delayMs ?? 0 );
			exchange.refuse( behaviour );
			return;
		}
		const billed = openBill( services, requestId, request );
		if ( isBreakage( behaviour ) ) {
			await breakOff( exchange, behaviour, () => undefined );
			return;
		}
		await pour( { exchange, services, request, reply: behaviour, billed } );
	} catch ( error ) {
		if ( ! ( error instanceof ClientGone ) ) {
			throw error;
		}
	}
}

function openBill(
	services: VoiceServices,
	requestId: string,
	request: SpeechRequest
): BillEntry {
	const isByCharacter =
		( VOICE_PRICES[ request.model ]?.perMillionCharacters ?? 0 ) > 0;
	return services.bill.open( requestId, request.model, {
		input: isByCharacter
			? 0
			: countTokens( request.input + ( request.instructions ?? '' ) ),
		cachedInput: 0,
		cacheWrite: 0,
		output: 0,
		...( isByCharacter
			? { characters: request.input.length }
			: { audioOutput: 0 } ),
	} );
}

async function pour( work: {
	exchange: Exchange;
	services: VoiceServices;
	request: SpeechRequest;
	reply: SpeechReply;
	billed: BillEntry;
} ): Promise< void > {
	const { exchange, services, request, reply, billed } = work;
	const client = clientOf( exchange, reply );
	const pcm = await services.say( reply.text ?? request.input );
	const isWav = request.responseFormat === 'wav';
	// The length is not known while it is spoken: the head of the file says the largest number there is.
	const bytes = isWav
		? wav( pcm, SPEECH_RATE, { claimedDataBytes: 0xffffffff } )
		: bytesOf( pcm );
	await client.wait( reply.firstChunkDelayMs ?? 0 );
	exchange.head(
		200,
		request.isStream
			? EVENT_STREAM
			: { 'content-type': isWav ? 'audio/wav' : 'audio/pcm' }
	);
	exchange.response.flushHeaders();
	if ( await spoil( exchange, client, reply, 0 ) ) {
		return;
	}
	const send = async ( event: object ): Promise< void > => {
		services.inspect( 'CreateSpeechResponseStreamEvent', event );
		await client.write( frame( event ) );
	};
	for ( let at = 0; at < bytes.length; at += PIECE_BYTES ) {
		const piece = bytes.subarray( at, at + PIECE_BYTES );
		await client.wait( reply.chunkDelayMs ?? 0 );
		if ( billed.tokens.audioOutput !== undefined ) {
			billed.tokens.audioOutput = Math.ceil(
				( Math.min( bytes.length, at + PIECE_BYTES ) /
					( 2 * SPEECH_RATE ) ) *
					SPOKEN_TOKENS_PER_SECOND
			);
		}
		await ( request.isStream
			? send( {
					type: 'speech.audio.delta',
					audio: piece.toString( 'base64' ),
				} )
			: client.write( piece ) );
		exchange.entry.chunksProduced++;
		if (
			await spoil(
				exchange,
				client,
				reply,
				exchange.entry.chunksProduced
			)
		) {
			return;
		}
	}
	if ( request.isStream ) {
		const { input, audioOutput = 0 } = billed.tokens;
		await send( {
			type: 'speech.audio.done',
			...( reply.reportedUsage === null
				? {}
				: {
						usage: reply.reportedUsage ?? {
							input_tokens: input,
							output_tokens: audioOutput,
							total_tokens: input + audioOutput,
						},
					} ),
		} );
	}
	exchange.response.end();
}

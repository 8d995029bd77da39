/**
 * Has text spoken by `POST /audio/speech`.
 */
import { errorFromStrangeReply } from './error-reply.ts';
import type { Reply } from './connection-pool.ts';
import { createPcmPieces, type PcmPieces } from './pcm-pieces.ts';
import { BYTES_PER_TOKEN, type ProviderCalls } from './provider-calls.ts';
import { readChunks } from './read-chunks.ts';
import { UpstreamError } from './upstream-error.ts';
import { readSpeechUsage } from './usage.ts';
import type { SpeechPiece, SpeechRequest } from './voice.ts';
import { voiceFor } from './voice-name.ts';

/** A token of speech is 50 ms, at OpenAI: so many bytes of samples. */
const BYTES_PER_AUDIO_TOKEN = 2_400;

/** The route takes no longer text, in characters. */
const MAX_INPUT = 4_096;

/** What is not samples, whatever was asked for: a provider that knows no `pcm` sends its usual format. */
const OTHER_SOUND = /^audio\/(mpeg|mp3|mp4|aac|ogg|opus|flac|webm)$/;

interface SpeechEvent {
	type?: string;
	audio?: unknown;
	usage?: unknown;
}

/** Speaks one text. The route has no cap of its own: what is longer than `maxOutputTokens` is cut off here, without a report of usage. */
export async function* speakByRoute(
	calls: ProviderCalls,
	request: SpeechRequest
): AsyncGenerator< SpeechPiece[] > {
	const { model, text, voice, maxOutputTokens } = request;
	const { speechEvents, speechInstructions } = model.capabilities;
	const call = calls.begin( {
		...request,
		tokens: Math.ceil( text.length / BYTES_PER_TOKEN ) + maxOutputTokens,
	} );
	const isCharged = model.usdPerMillionCharacters !== undefined;
	try {
		if ( text.length > MAX_INPUT ) {
			throw new UpstreamError(
				'refused',
				'the text is longer than the route takes',
				{ code: 'content_too_long', wasNeverSent: true }
			);
		}
		const reply = await call.post(
			calls.urlOf( '/audio/speech', model.upstreamId ),
			{
				body: JSON.stringify( {
					model: model.upstreamId,
					input: text,
					voice: voiceFor( model, voice ),
					response_format: 'pcm',
					...( speechInstructions && voice.instructions !== ''
						? { instructions: voice.instructions }
						: {} ),
					...( speechEvents ? { stream_format: 'sse' } : {} ),
				} ),
			}
		);
		if ( isCharged ) {
			// Billed by what was sent, so that it is owed from now on, however much is heard.
			yield [ { kind: 'usage', usage: { characters: text.length } } ];
		}
		const pcm = createPcmPieces();
		const limits = { silenceMs: calls.silenceMs, endsAt: call.endsAt };
		const groups = reply.isEventStream
			? readEvents( reply, pcm, limits, ! isCharged, ( doubts ) =>
					calls.log?.warn(
						{
							provider: calls.config.name,
							model: model.id,
							doubts,
						},
						'a report of usage cannot be relied on'
					)
				)
			: readSound( reply, pcm, limits );
		for await ( const pieces of groups ) {
			if ( pieces.length > 0 ) {
				yield pieces;
			}
			if ( pcm.length > maxOutputTokens * BYTES_PER_AUDIO_TOKEN ) {
				yield [ { kind: 'end', finishReason: 'length' } ];
				call.ended( 'length' );
				return;
			}
		}
		if ( pcm.length === 0 ) {
			throw new UpstreamError(
				'garbage',
				'the provider spoke nothing at all'
			);
		}
		yield [ { kind: 'end', finishReason: 'stop' } ];
		call.ended( 'stop' );
	} catch ( error ) {
		throw call.failed( error );
	} finally {
		call.leave();
	}
}

async function* readEvents(
	reply: Reply,
	pcm: PcmPieces,
	limits: { silenceMs: number; endsAt: number },
	hasReport: boolean,
	onDoubts: ( doubts: string[] ) => void
): AsyncGenerator< SpeechPiece[] > {
	let isDone = false;
	for await ( const events of readChunks< SpeechEvent >(
		reply.body,
		limits
	) ) {
		const pieces: SpeechPiece[] = [];
		for ( const event of events ) {
			if ( typeof event.audio === 'string' ) {
				const samples = pcm.push(
					Buffer.from( event.audio, 'base64' )
				);
				if ( samples.length > 0 ) {
					pieces.push( { kind: 'audio', pcm: samples } );
				}
			}
			if ( event.type === 'speech.audio.done' ) {
				isDone = true;
			}
			if ( event.type === 'speech.audio.done' && hasReport ) {
				const { usage, doubts } = readSpeechUsage( event );
				if ( usage ) {
					pieces.push( { kind: 'usage', usage } );
				}
				if ( doubts.length > 0 ) {
					onDoubts( doubts );
				}
			}
		}
		yield pieces;
	}
	if ( ! isDone ) {
		throw new UpstreamError(
			'cut',
			'the provider ended its speech without saying that it is complete'
		);
	}
}

async function* readSound(
	reply: Reply,
	pcm: PcmPieces,
	{ endsAt }: { endsAt: number }
): AsyncGenerator< SpeechPiece[] > {
	if ( OTHER_SOUND.test( reply.mimeType ) ) {
		throw new UpstreamError(
			'garbage',
			'the provider sent sound in a format that was not asked for'
		);
	}
	if ( /^(text|application\/json)/.test( reply.mimeType ) ) {
		throw errorFromStrangeReply(
			await reply.text( endsAt - performance.now() ),
			Date.now()
		);
	}
	for await ( const bytes of reply.body ) {
		if ( performance.now() > endsAt ) {
			throw new UpstreamError( 'timeout', 'the speech took too long' );
		}
		const samples = pcm.push( bytes );
		yield samples.length > 0 ? [ { kind: 'audio', pcm: samples } ] : [];
	}
}

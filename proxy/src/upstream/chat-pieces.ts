/**
 * Turns the chunks of a streamed chat completion, in the shapes of all providers, into pieces of an answer.
 */
import type { ChatPiece } from './chat.ts';
import type { ChatChunk } from './read-chunks.ts';
import { createThoughtFilter } from './thought-filter.ts';
import { UpstreamError } from './upstream-error.ts';
import { readChatUsage } from './usage.ts';

/** Reads the chunks of one stream in their order. */
export interface PieceReader {
	/** Adds the pieces of a chunk to the list; throws `UpstreamError` for a chunk that says that the answer failed. */
	read( chunk: ChatChunk, pieces: ChatPiece[] ): void;
	/** Whether the provider has said that the answer is complete. */
	readonly hasEnded: boolean;
}

/** Makes the reader of one stream; `thinkTags` takes reasoning out that comes inside the text. */
export function createPieceReader( {
	thinkTags,
}: {
	thinkTags: boolean;
} ): PieceReader {
	const thoughts = thinkTags ? createThoughtFilter() : undefined;
	let hasEnded = false;
	let wasRefused = false;

	const addText = ( text: string, pieces: ChatPiece[] ) => {
		const delta = thoughts ? thoughts.push( text ) : text;
		if ( delta !== '' ) {
			pieces.push( { kind: 'text', delta } );
		}
		if ( delta.length < text.length ) {
			// What the filter holds back or takes out was produced all the same.
			pieces.push( {
				kind: 'thought',
				bytes: Buffer.byteLength( text ) - Buffer.byteLength( delta ),
			} );
		}
	};

	return {
		read( chunk, pieces ) {
			const choice = chunk.choices?.[ 0 ];
			// A provider that answers whole although a stream was asked for sends the same under another name.
			const delta = choice?.delta ?? choice?.message;
			if ( delta ) {
				if ( delta.content ) {
					addText( delta.content, pieces );
				}
				const thought =
					delta.reasoning_content ??
					delta.reasoning ??
					delta.reasoning_text;
				if ( typeof thought === 'string' && thought !== '' ) {
					pieces.push( {
						kind: 'thought',
						bytes: Buffer.byteLength( thought ),
					} );
				}
				wasRefused ||= Boolean( delta.refusal );
			}
			const reason = choice?.finish_reason;
			// OpenRouter repeats the reason in the chunk with the usage; only the first one ends the answer.
			if ( reason && ! hasEnded ) {
				if ( reason === 'error' ) {
					throw new UpstreamError(
						'cut',
						'the provider gave up in the middle of the answer'
					);
				}
				hasEnded = true;
				const rest = thoughts?.finish() ?? '';
				if ( rest !== '' ) {
					pieces.push( { kind: 'text', delta: rest } );
				}
				pieces.push( {
					kind: 'end',
					finishReason: toFinishReason( reason, wasRefused ),
				} );
			}
			// Groq keeps its usage in a place of its own unless it is asked for the usual one.
			const holder = chunk.usage ? chunk : chunk.x_groq;
			if ( holder?.usage ) {
				const { usage } = readChatUsage( holder );
				if ( usage ) {
					pieces.push( { kind: 'usage', usage } );
				}
			}
		},
		get hasEnded() {
			return hasEnded;
		},
	};
}

function toFinishReason(
	reason: string,
	wasRefused: boolean
): 'stop' | 'length' | 'refused' {
	if ( reason === 'content_filter' || wasRefused ) {
		return 'refused';
	}
	return reason === 'length' || reason === 'max_tokens' ? 'length' : 'stop';
}

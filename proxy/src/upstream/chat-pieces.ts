/**
 * Turns the chunks of a streamed chat completion, in the shapes of all providers, into pieces of an answer.
 */
import type { ChatPiece, FinishReason } from './chat.ts';
import type { ChatChunk, ChatDelta } from './read-chunks.ts';
import { createThoughtFilter } from './thought-filter.ts';
import { UpstreamError } from './upstream-error.ts';
import { readChatUsage } from './usage.ts';

/** Reads the chunks of one stream in their order. */
export interface PieceReader {
	/** Returns the pieces of chunks that arrived together. */
	read( chunks: ChatChunk[] ): ChatPiece[];
	/** Why the answer failed, once a chunk said so. */
	readonly failure: UpstreamError | undefined;
	/** Why the answer is complete, once the provider has said so. */
	readonly finishReason: FinishReason | undefined;
}

/**
 * Makes the reader of one stream. `thinkTags` takes reasoning out that comes inside the text; `onDoubts` is told what is wrong with a
 * report of usage.
 */
export function createPieceReader( {
	thinkTags,
	onDoubts,
}: {
	thinkTags: boolean;
	onDoubts( doubts: string[] ): void;
} ): PieceReader {
	const thoughts = thinkTags ? createThoughtFilter() : undefined;
	let failure: UpstreamError | undefined;
	let finishReason: FinishReason | undefined;
	let wasRefused = false;

	const addText = ( text: string, pieces: ChatPiece[] ) => {
		const delta = thoughts ? thoughts.push( text ) : text;
		if ( delta !== '' ) {
			pieces.push( { kind: 'text', delta } );
		}
		if ( delta.length < text.length ) {
			// What the filter holds back or takes out was produced all the same.
			addThought( text.slice( delta.length ), pieces );
		}
	};

	const readDelta = ( delta: ChatDelta, pieces: ChatPiece[] ) => {
		if ( delta.content ) {
			addText( delta.content, pieces );
		}
		addThought(
			delta.reasoning_content ?? delta.reasoning ?? delta.reasoning_text,
			pieces
		);
		wasRefused ||= Boolean( delta.refusal );
	};

	const readEnd = ( reason: string, pieces: ChatPiece[] ) => {
		if ( reason === 'error' ) {
			failure = new UpstreamError(
				'cut',
				'the provider gave up in the middle of the answer'
			);
			return;
		}
		const rest = thoughts?.finish() ?? '';
		if ( rest !== '' ) {
			pieces.push( { kind: 'text', delta: rest } );
		}
		finishReason = toFinishReason( reason, wasRefused );
		pieces.push( { kind: 'end', finishReason } );
	};

	const readUsage = ( chunk: ChatChunk, pieces: ChatPiece[] ) => {
		const { usage, doubts } = readChatUsage( chunk );
		if ( usage ) {
			pieces.push( { kind: 'usage', usage } );
		}
		if ( doubts.length > 0 ) {
			onDoubts( doubts );
		}
	};

	const readChunk = ( chunk: ChatChunk, pieces: ChatPiece[] ) => {
		const choice = chunk.choices?.[ 0 ];
		// A provider that answers whole although a stream was asked for sends the same under another name.
		const delta = choice?.delta ?? choice?.message;
		if ( delta ) {
			readDelta( delta, pieces );
		}
		// OpenRouter repeats the reason in the chunk with the usage; only the first one ends the answer.
		if ( choice?.finish_reason && ! finishReason ) {
			readEnd( choice.finish_reason, pieces );
		}
		// Groq and Moonshot keep it in places of their own.
		if ( chunk.usage || chunk.x_groq?.usage || choice?.usage ) {
			readUsage( chunk, pieces );
		}
	};

	return {
		read( chunks ) {
			const pieces: ChatPiece[] = [];
			for ( const chunk of chunks ) {
				readChunk( chunk, pieces );
			}
			return pieces;
		},
		get failure() {
			return failure;
		},
		get finishReason() {
			return finishReason;
		},
	};
}

function addThought( text: string | null | undefined, pieces: ChatPiece[] ) {
	if ( typeof text === 'string' && text !== '' ) {
		pieces.push( { kind: 'thought', bytes: Buffer.byteLength( text ) } );
	}
}

/** Reads the reason for which an answer ended. */
export function toFinishReason(
	reason: string,
	wasRefused: boolean
): FinishReason {
	if ( reason === 'content_filter' || wasRefused ) {
		return 'refused';
	}
	return reason === 'length' || reason === 'max_tokens' ? 'length' : 'stop';
}

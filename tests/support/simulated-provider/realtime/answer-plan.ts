/**
 * Plans a spoken or written answer: which pieces it is sent in, and what each of them costs.
 */
import { countTokens, tokenize } from '../tokens.ts';
import { SPOKEN_TOKENS_PER_SECOND } from '../voice-prices.ts';
import { SPEECH_RATE } from '../voice-services.ts';

/** One piece of an answer. */
export interface AnswerStep {
	words: string;
	/** Empty in written answers. */
	pcm: Int16Array;
	/** Milliseconds of speech before this piece. */
	atMs: number;
	/** Tokens of the answer once this piece is out. */
	textTokens: number;
	audioTokens: number;
}

/** Cuts speech into pieces; the words run a little ahead of it, as they do in reality. */
export function planSpoken(
	text: string,
	pcm: Int16Array,
	pieceMs: number
): AnswerStep[] {
	const size = Math.max( 1, Math.round( ( pieceMs * SPEECH_RATE ) / 1_000 ) );
	const count = Math.max( 1, Math.ceil( pcm.length / size ) );
	const words = text.match( /\s*\S+/g ) ?? [];
	const steps: AnswerStep[] = [];
	let said = 0;
	let textTokens = 0;
	for ( let at = 0; at < count; at++ ) {
		const until = Math.ceil( ( words.length * ( at + 1 ) ) / count );
		const ahead = words.slice( said, until ).join( '' );
		said = until;
		textTokens += countTokens( ahead );
		const end = Math.min( pcm.length, ( at + 1 ) * size );
		steps.push( {
			words: ahead,
			pcm: pcm.subarray( at * size, end ),
			atMs: ( at * size * 1_000 ) / SPEECH_RATE,
			textTokens,
			audioTokens: Math.ceil(
				( end / SPEECH_RATE ) * SPOKEN_TOKENS_PER_SECOND
			),
		} );
	}
	return steps;
}

/** Cuts a written answer into pieces of a token. */
export function planWritten( text: string ): AnswerStep[] {
	let textTokens = 0;
	return tokenize( text ).map( ( piece ) => {
		textTokens += piece.tokens;
		return {
			words: piece.text,
			pcm: new Int16Array( 0 ),
			atMs: 0,
			textTokens,
			audioTokens: 0,
		};
	} );
}

/** Leaves out what lies beyond a limit of tokens. */
export function capSteps(
	steps: AnswerStep[],
	maxTokens: number | 'inf'
): { steps: AnswerStep[]; isCut: boolean } {
	const kept =
		maxTokens === 'inf'
			? steps
			: steps.filter(
					( step ) => step.textTokens + step.audioTokens <= maxTokens
				);
	return { steps: kept, isCut: kept.length < steps.length };
}

/**
 * Counts tokens the way the simulated provider bills them: deterministic, close to a real tokenizer, and shared with nobody.
 */

// One alternative a kind of token: a word piece with the space before it, up to three digits, one Han, kana or Hangul
// sign, a short piece of any other script, a run of white space, one other sign.
const PIECE =
	/ ?[A-Za-z]{1,6}| ?\d{1,3}|[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]| ?[\p{L}\p{M}]{1,2}|\s+|[^\s\p{L}\p{N}]|[\s\S]/gu;

/** Counts as three: signs outside the basic plane are several bytes to every tokenizer in use. */
const ASTRAL_TOKENS = 3;

/** Tokens that frame each message and start the reply, as the provider's own counting guide has it. */
const TOKENS_PER_MESSAGE = 3;
const TOKENS_TO_START_REPLY = 3;

/** A piece of text and what it counts for. */
export interface Piece {
	text: string;
	tokens: number;
}

/** Cuts text into the pieces it is billed by; joined again they are the text. */
export function tokenize( text: string ): Piece[] {
	return ( text.match( PIECE ) ?? [] ).map( ( piece ) => ( {
		text: piece,
		tokens: ( piece.codePointAt( 0 ) ?? 0 ) > 0xffff ? ASTRAL_TOKENS : 1,
	} ) );
}

/** Counts the tokens of a text. */
export function countTokens( text: string ): number {
	return tokenize( text ).reduce( ( sum, piece ) => sum + piece.tokens, 0 );
}

/** Counts the input tokens of a conversation, given the text of each of its messages. */
export function countPromptTokens( messageTexts: string[] ): number {
	return messageTexts.reduce(
		( sum, text ) => sum + TOKENS_PER_MESSAGE + countTokens( text ),
		TOKENS_TO_START_REPLY
	);
}

/** Keeps as much of a text as fits into `maxTokens`. */
export function truncateToTokens(
	text: string,
	maxTokens: number
): { text: string; tokens: number; isCut: boolean } {
	let kept = '';
	let tokens = 0;
	for ( const piece of tokenize( text ) ) {
		if ( tokens + piece.tokens > maxTokens ) {
			return { text: kept, tokens, isCut: true };
		}
		kept += piece.text;
		tokens += piece.tokens;
	}
	return { text: kept, tokens, isCut: false };
}

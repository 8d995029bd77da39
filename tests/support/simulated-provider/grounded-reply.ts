/**
 * Writes the default reply: the sentence of the prompt's passages that fits the question best, and the trailer if asked for.
 */
import { type ChatRequest, messageText } from './chat-request.ts';

interface PromptPassage {
	number: number;
	text: string;
}

const TRAILER_MARK = '[[docent]]';
const NOTHING_FOUND = 'The pages of this site do not say.';

/** Answers from the passages of the prompt; the same request always gets the same text. */
export function groundedReply(
	request: Pick< ChatRequest, 'messages' >
): string {
	const prompt = request.messages.map( messageText );
	const passages = prompt.flatMap( passagesIn );
	const question = questionOf( request );
	const best = bestSentence( passages, wordsOf( question ) );
	const text = best ? best.sentence : NOTHING_FOUND;
	if ( ! prompt.some( ( part ) => part.includes( TRAILER_MARK ) ) ) {
		return text;
	}
	return `${ text }\n${ TRAILER_MARK } mood=${ moodOf( question ) } confident=${
		best ? 'yes' : 'no'
	} handoff=${ wantsPerson( question ) ? 'yes' : 'no' } used=${
		best ? best.number : ''
	}`;
}

/** Finds numbered passages, whether fenced by tags with a number or headed by `[1]` at the start of a line. */
export function passagesIn( text: string ): PromptPassage[] {
	const tagged = [
		...text.matchAll(
			/<(passage|source)\b[^>]*?(\d+)[^>]*>([\s\S]*?)<\/\1>/g
		),
	].map( ( match ) => ( {
		number: Number( match[ 2 ] ),
		text: match[ 3 ] ?? '',
	} ) );
	if ( tagged.length > 0 ) {
		return tagged;
	}
	return [
		...text.matchAll(
			/^\[(\d+)\][^\n]*\n([\s\S]*?)(?=^\[\d+\]|(?![\s\S]))/gm
		),
	].map( ( match ) => ( {
		number: Number( match[ 1 ] ),
		text: match[ 2 ] ?? '',
	} ) );
}

function questionOf( request: Pick< ChatRequest, 'messages' > ): string {
	const asked = request.messages.filter(
		( message ) => message.role === 'user'
	);
	const last = asked.at( -1 );
	const text = last ? messageText( last ) : '';
	// Passages may stand in front of the question in the same message.
	return text.replace( /<(passage|source)\b[\s\S]*<\/\1>/g, '' ).trim();
}

function wordsOf( text: string ): Set< string > {
	return new Set(
		text
			.toLowerCase()
			.match( /\p{Script=Han}|[\p{L}\p{N}]{3,}/gu )
			?.map( ( word ) => word.replace( /(?<=\w{3})s$/, '' ) ) ?? []
	);
}

function bestSentence(
	passages: PromptPassage[],
	asked: Set< string >
): { sentence: string; number: number } | undefined {
	let best: { sentence: string; number: number } | undefined;
	let bestScore = 0;
	for ( const passage of passages ) {
		for ( const line of passage.text.split(
			/(?<=[.!?])\s+|(?<=[。！？])|\n+/
		) ) {
			const sentence = line.replace( /^[#\-\s|]+/, '' ).trim();
			const score = [ ...wordsOf( sentence ) ].filter( ( word ) =>
				asked.has( word )
			).length;
			if ( score > bestScore ) {
				bestScore = score;
				best = { sentence, number: passage.number };
			}
		}
	}
	const first = passages[ 0 ];
	if ( ! best && first ) {
		const opening = first.text.trim().split( /(?<=[.!?。])\s*/ )[ 0 ];
		return opening
			? { sentence: opening, number: first.number }
			: undefined;
	}
	return best;
}

function moodOf( question: string ): string {
	if ( /\b(ridiculous|useless|furious|scam)\b/i.test( question ) ) {
		return 'angry';
	}
	return /\b(thanks|thank you|great|love)\b/i.test( question )
		? 'happy'
		: 'neutral';
}

function wantsPerson( question: string ): boolean {
	return /\b(human|person|somebody|agent|complain)\b/i.test( question );
}

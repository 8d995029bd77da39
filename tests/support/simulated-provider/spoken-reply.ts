/**
 * Chooses what a model that talks says by itself: reads what it is told to read, writes down what it hears, or answers from
 * the passages of its prompt.
 */
import type { ChatMessage } from './chat-request.ts';
import { messageText } from './chat-request.ts';
import { groundedReply } from './grounded-reply.ts';

const READ_ALOUD = orders( 'aloud|read', 'word for word|verbatim|exactly' );
const WRITE_DOWN = orders(
	'write down|transcribe',
	'word for word|verbatim|exactly|said|heard'
);

/** Returns the words of the reply. Audio in the messages has been written down already. */
export function spokenReply( messages: ChatMessage[] ): string {
	const orderText = messages
		.filter( ( { role } ) => role === 'system' || role === 'developer' )
		.map( messageText )
		.join( '\n' );
	const last = messages.findLast( ( { role } ) => role === 'user' );
	const asked = last ? messageText( last ).trim() : '';
	if ( WRITE_DOWN.test( orderText ) ) {
		return asked;
	}
	if ( READ_ALOUD.test( orderText ) ) {
		return asked === '' ? quoted( orderText ) : fenced( asked );
	}
	return groundedReply( { messages } );
}

/** Text between tags, where somebody put it there to keep it apart from orders. */
function fenced( text: string ): string {
	return /^<(\w+)>\s*([\s\S]*?)\s*<\/\1>$/.exec( text )?.[ 2 ] ?? text;
}

/** The text that orders carry themselves: between tags, in quotation marks, or after the last colon that ends a line. */
function quoted( orderText: string ): string {
	return (
		/<(\w+)>\s*([\s\S]*?)\s*<\/\1>/.exec( orderText )?.[ 2 ] ??
		/["“]([\s\S]+)["”]/.exec( orderText )?.[ 1 ] ??
		/:\s*\n([\s\S]+)$/.exec( orderText )?.[ 1 ] ??
		orderText
	).trim();
}

/** Matches a sentence in which both stand, in either order. */
function orders( one: string, other: string ): RegExp {
	const first = `\\b(?:${ one })\\b`;
	const second = `\\b(?:${ other })\\b`;
	return new RegExp(
		`${ first }[^.\\n]*${ second }|${ second }[^.\\n]*${ first }`,
		'i'
	);
}

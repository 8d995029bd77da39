/**
 * Says what the bench needs of a server to put load on it, whichever server it is.
 */
import type { ChildProcess } from 'node:child_process';
import { requestBytes } from './raw-connection.ts';

/** Makes the requests of one connection; sees each reply before it makes the next. */
export type Dialogue = ( previousReply: string | undefined ) => Buffer;

/** A server under test. */
export interface Contestant {
	id: string;
	title: string;
	port: number;
	child: ChildProcess;
	/** Starts the dialogue of one more connection. */
	startDialogue(): Dialogue;
	/** Says what is wrong with a reply; undefined when it is a whole and honest stream. */
	faultOf( reply: string ): string | undefined;
	/** Appears in the stream with the first word of the answer, and not before. */
	firstWordMark: string;
}

const WORDS = 'Which tent stands firm in a storm above the tree line, trip';

/** Makes the Chat Completions dialogue that a gateway or the provider itself gets; each question is another. */
export function chatDialogue(
	headers: Record< string, string > = {}
): () => Dialogue {
	let sequence = 0;
	return () => () =>
		requestBytes( {
			method: 'POST',
			path: '/v1/chat/completions',
			headers: { authorization: 'Bearer sk-bench', ...headers },
			body: {
				model: 'gpt-6-luna',
				stream: true,
				stream_options: { include_usage: true },
				messages: [
					{ role: 'user', content: `${ WORDS } ${ ++sequence }?` },
				],
			},
		} );
}

/** Checks a stream of chunks as the provider sends it. */
export function chatFault( reply: string ): string | undefined {
	return reply.includes( 'data: [DONE]' ) &&
		reply.includes( 'Word 18 of the answer' )
		? undefined
		: 'the stream is not complete';
}

/** The first content of the simulated provider's prebuilt stream. */
export const CHAT_FIRST_WORD = 'Word 0 of the answer';

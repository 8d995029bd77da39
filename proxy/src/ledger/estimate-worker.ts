/**
 * Counts tokens in a thread of its own: loading the tokenizer would hold up every answer for half a second, and its memory is given back
 * when the thread ends.
 */
import { parentPort } from 'node:worker_threads';
import { loadTokenCounter, type TokenCounter } from './estimate.ts';

/** What is asked, and what is answered under the same number. */
export interface CountRequest {
	id: number;
	messages: Parameters< TokenCounter[ 'chat' ] >[ 0 ];
}
export interface CountReply {
	id: number;
	tokens: number;
}

parentPort?.on( 'message', ( { id, messages }: CountRequest ) => {
	void loadTokenCounter().then( ( counter ) =>
		parentPort?.postMessage( {
			id,
			tokens: counter.chat( messages ),
		} satisfies CountReply )
	);
} );

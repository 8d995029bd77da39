/**
 * Lets the provider answer every question with words that no other question gets, so that an answer shows whose it is.
 */
import { mintToken } from '../../support/proxy/credentials.ts';
import { textOf } from '../../support/proxy/sse.ts';
import type { TestProxy } from '../../support/proxy/start-proxy.ts';
import type { Reply } from '../../support/simulated-provider/index.ts';

/** Repeats the question. */
export const repeatQuestion: Reply = {
	text: ( { messages } ) => {
		const prompt = String( messages.at( -1 )?.content );
		const question = prompt.trim().split( '\n' ).at( -1 );
		return `You asked: ${ question }\n[[docent]] mood=neutral confident=yes handoff=no used=1`;
	},
};

/** An answer as a visitor saw it. */
export interface Seen {
	text: string;
	/** Whether the cache had it. */
	cache: string;
	finishReason: string;
}

/** What somebody sees who is given the same answer from the cache. */
export const fromCache = ( { text }: Seen ): Seen => ( {
	text,
	cache: 'exact',
	finishReason: 'cached',
} );

/** Asks as a new visitor. */
export async function askAnew(
	proxy: TestProxy,
	question: string,
	options: Parameters< TestProxy[ 'ask' ] >[ 1 ] = {}
): Promise< Seen > {
	const events = await proxy.events( question, {
		token: mintToken(),
		...options,
	} );
	const { cache, finishReason } = events.at( -1 )?.data ?? {};
	return { text: textOf( events ), cache, finishReason };
}

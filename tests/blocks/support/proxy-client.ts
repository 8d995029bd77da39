/**
 * Builds the client under test against a local server, with patience short enough for a test.
 */
import { createProxyClient } from '../../../blocks/shared/proxy-client.ts';
import type { ProxyClient } from '../../../blocks/shared/proxy-client.ts';
import type {
	Connection,
	Patience,
} from '../../../blocks/shared/turn-follower.ts';
import type { TurnEvent } from '../../../blocks/shared/turn-events.ts';
import { createTokenSource } from '../../../blocks/shared/visitor-token.ts';
import type { VisitorToken } from '../../../blocks/shared/visitor-token.ts';
import type { AnswerServer } from './answer-server.ts';

export const QUICK: Patience = {
	stallMs: 400,
	firstPauseMs: 1,
	longestPauseMs: 4,
	attempts: 5,
};

export const ONLINE: Connection = {
	isOnline: () => true,
	whenOnline: async () => {},
};

export function connectTo(
	server: Pick< AnswerServer, 'url' | 'tokenUrl' >,
	{
		connection = ONLINE,
		patience = QUICK,
		kept,
	}: {
		connection?: Connection;
		patience?: Patience;
		kept?: VisitorToken;
	} = {}
): ProxyClient {
	let token = kept;
	return createProxyClient( {
		proxyUrl: server.url,
		tokens: createTokenSource( {
			tokenUrl: server.tokenUrl,
			consent: () => [ 'text' ],
			load: () => token,
			save: ( next ) => ( token = next ),
			fetch,
		} ),
		connection,
		fetch,
		random: () => 1,
		patience,
	} );
}

/** Joins the text of the events heard. */
export function heardText( events: TurnEvent[] ): string {
	return events
		.map( ( event ) => ( event.type === 'text' ? event.delta : '' ) )
		.join( '' );
}

/**
 * Speaks to the proxy for the visitor: asks, follows an answer, stops, rates and forgets.
 */
import { failureOfResponse } from './failure.ts';
import { createTurnFollower, PATIENCE } from './turn-follower.ts';
import type { Connection, FollowOptions, Patience } from './turn-follower.ts';
import type { TokenSource } from './visitor-token.ts';

/** The page an answer is limited to. */
export interface PageScope {
	postId?: number;
	url?: string;
	title?: string;
}

/** How a question is asked beside its words. */
export interface AskOptions {
	scope?: PageScope | undefined;
	/** Whether the answer is to be heard. */
	speech?: boolean | undefined;
	/** In which of the owner's voices. */
	voiceRole?: string | undefined;
	/** BCP 47 tag of the language that is probably spoken. */
	language?: string | undefined;
}

/** A question as `POST /v1/ask` takes it: in words, spoken, or both. */
export interface Question extends AskOptions {
	question?: string | undefined;
	audio?: Blob | undefined;
	conversationId?: string | undefined;
}

/** What `fetch` is given, with plain headers. */
type RequestOptions = Omit< RequestInit, 'headers' > & {
	headers?: Record< string, string >;
};

export interface ProxyClient {
	/** Asks and follows to the end. Rejects with `AssistantFailure`; an aborted signal rejects with its reason. */
	ask( question: Question, options: FollowOptions ): Promise< void >;
	/** Goes on with an answer after the event `lastEventId`. */
	follow(
		turnId: string,
		lastEventId: number,
		options: FollowOptions
	): Promise< void >;
	/** Ends the work on an answer at once. */
	stop( turnId: string ): Promise< void >;
	/** Address and body for `navigator.sendBeacon`, which can neither set headers nor DELETE. */
	stopBeacon( turnId: string ): { url: string; body: string };
	rate( turnId: string, rating: 'up' | 'down' | null ): Promise< void >;
	/** Has the proxy forget a conversation. */
	forget( conversationId: string ): Promise< void >;
	/** Reconnects when the stream has been silent too long. */
	checkLiveness(): void;
}

/** Creates the client of one page. */
export function createProxyClient( {
	proxyUrl,
	tokens,
	connection,
	fetch,
	random = Math.random,
	patience = PATIENCE,
}: {
	proxyUrl: string;
	tokens: TokenSource;
	connection: Connection;
	fetch: typeof globalThis.fetch;
	random?: () => number;
	patience?: Patience;
} ): ProxyClient {
	const base = proxyUrl.replace( /\/+$/, '' );
	const addressOf = ( kind: 'turns' | 'conversations', id: string ) =>
		`/v1/${ kind }/${ encodeURIComponent( id ) }`;

	/** Sends one request with the token; renews the token and repeats once when it is refused. */
	async function request(
		path: string,
		init: RequestOptions
	): Promise< Response > {
		let token = await tokens.get();
		for ( let isSecondTry = false; ; isSecondTry = true ) {
			const response = await fetch( base + path, {
				...init,
				headers: {
					...init.headers,
					Authorization: `Bearer ${ token }`,
				},
				cache: 'no-store',
				credentials: 'omit',
			} );
			if ( response.ok ) {
				return response;
			}
			const failure = await failureOfResponse( response );
			if ( response.status !== 401 || isSecondTry ) {
				throw failure;
			}
			token = await tokens.renew( token );
		}
	}

	const sendJson = ( path: string, body: unknown, init: RequestOptions ) =>
		request( path, {
			method: 'POST',
			...init,
			headers: { 'Content-Type': 'application/json', ...init.headers },
			body: JSON.stringify( body ),
		} );

	const follower = createTurnFollower( {
		resume: ( turnId, lastEventId, signal ) =>
			request( addressOf( 'turns', turnId ), {
				headers:
					lastEventId < 0
						? {}
						: { 'Last-Event-ID': String( lastEventId ) },
				signal,
			} ),
		connection,
		random,
		patience,
	} );

	return {
		ask( question, options ) {
			// A repetition after a lost connection gets the answer that is being made already.
			const headers = { 'Idempotency-Key': newKey() };
			return follower.follow(
				{
					ask: ( signal ) =>
						question.audio
							? request( '/v1/ask', {
									method: 'POST',
									body: asForm( question ),
									signal,
									headers,
								} )
							: sendJson( '/v1/ask', question, {
									signal,
									headers,
								} ),
				},
				options
			);
		},
		follow: ( turnId, lastEventId, options ) =>
			follower.follow( { turnId, lastEventId }, options ),
		// What a visitor decided reaches the proxy even when the page goes away in the same moment.
		async stop( turnId ) {
			await request( addressOf( 'turns', turnId ), {
				method: 'DELETE',
				keepalive: true,
			} );
		},
		stopBeacon: ( turnId ) => ( {
			url: `${ base }${ addressOf( 'turns', turnId ) }/stop`,
			body: JSON.stringify( { token: tokens.peek() ?? '' } ),
		} ),
		async rate( turnId, rating ) {
			await sendJson(
				`${ addressOf( 'turns', turnId ) }/feedback`,
				{ rating },
				{ keepalive: true }
			);
		},
		async forget( conversationId ) {
			await request( addressOf( 'conversations', conversationId ), {
				method: 'DELETE',
				keepalive: true,
			} );
		},
		checkLiveness: follower.checkLiveness,
	};
}

/** Writes a question as the parts of a form; the browser names the type of each. */
function asForm( question: Question ): FormData {
	const form = new FormData();
	for ( const [ name, value ] of Object.entries( question ) ) {
		if ( value instanceof Blob ) {
			form.append( name, value, 'question.wav' );
		} else if ( value !== undefined ) {
			form.append(
				name,
				typeof value === 'object'
					? JSON.stringify( value )
					: String( value )
			);
		}
	}
	return form;
}

/** Makes a key that no other question has. `crypto.randomUUID` is missing on pages without TLS. */
function newKey(): string {
	return Array.from(
		crypto.getRandomValues( new Uint8Array( 16 ) ),
		( byte ) => byte.toString( 16 ).padStart( 2, '0' )
	).join( '' );
}

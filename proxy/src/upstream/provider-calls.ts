/**
 * Makes the calls to one provider: each passes the gate, is sent over the same connections with the same headers, and leaves its failure in
 * the log.
 */
import type { Logger } from 'pino';
import type { Model } from '../models/catalog.ts';
import { toUpstreamError } from './broken-call.ts';
import type { CallPriority, FinishReason } from './chat.ts';
import {
	openConnectionPool,
	type Reply,
	type ReplyHeaders,
} from './connection-pool.ts';
import { errorFromReply } from './error-reply.ts';
import type { FailureLog } from './failure-log.ts';
import type { Gate, Pass } from './gate.ts';
import type { ProviderConfig } from './provider-config.ts';
import { readAllowances } from './rate-headers.ts';
import type { UpstreamError } from './upstream-error.ts';

/** How long a provider may be silent, before its first word or between two words, in milliseconds. */
const SILENCE_MS = 20_000;

/** How long one answer may take in all, in milliseconds; looked at whenever a piece arrives, and silence has its own limit. */
const CALL_MS = 120_000;

/** Tokens have at least about so many bytes on the average; providers that count tokens a minute guess as roughly. */
export const BYTES_PER_TOKEN = 4;

/** What is called, and for whom. */
export interface CallRequest {
	model: Model;
	/** What the gate counts it under: providers count requests and tokens for each model apart. */
	gateModel?: string;
	/** What the call may take of a limit on tokens: its input, and the cap of its output. */
	tokens: number;
	/** Sent as `X-Client-Request-Id`. */
	requestId?: string | undefined;
	priority: CallPriority;
	onStart?( queueMs: number ): void;
	signal: AbortSignal;
}

/** What is sent. */
export interface CallBody {
	body: string | Uint8Array;
	/** JSON unless said otherwise. */
	contentType?: string;
}

/** One call. `leave` must be called in the end, whatever happened. */
export interface ProviderCall {
	/** Waits for the gate and tells the caller. */
	enter(): Promise< void >;
	/** Enters, sends and returns a reply with status 200; any other one is thrown as what it means. */
	post( url: string, body: CallBody ): Promise< Reply >;
	/** When the call has taken too long, as `performance.now()` counts; from the moment it left the queue. */
	readonly endsAt: number;
	/** Must be told the headers of the reply's head, where `post` did not send. */
	heard( headers: ReplyHeaders ): void;
	/** Notes a complete answer. */
	ended( finishReason: FinishReason ): void;
	/** Turns whatever was thrown into an `UpstreamError`, and notes it. */
	failed( error: unknown ): UpstreamError;
	leave(): void;
}

/** Calls to one provider. */
export interface ProviderCalls {
	readonly config: CallsConfig;
	readonly log: Pick< Logger, 'warn' > | undefined;
	/** What every request carries, by lower-case name; holds the key. */
	readonly headers: Readonly< Record< string, string > >;
	/** How long the provider may be silent, in milliseconds. */
	readonly silenceMs: number;
	/** How long one call may take in all, in milliseconds. */
	readonly callMs: number;
	begin( request: CallRequest ): ProviderCall;
	/** Returns the address of a route; `model` where the route may be one of the model's own. */
	urlOf( path: string, model?: string ): string;
	/** Reads a short text with status 200, past the gate. Throws anything; see `toUpstreamError`. */
	get( path: string, signal: AbortSignal ): Promise< string >;
	/** Makes an `UpstreamError` of whatever was thrown outside of a call. */
	errorOf( error: unknown, signal: AbortSignal ): UpstreamError;
	close(): Promise< void >;
}

type CallsConfig = Pick<
	ProviderConfig,
	'name' | 'apiKey' | 'baseUrl' | 'headers' | 'quirks' | 'webProxy'
>;

/** Makes calls that pass `gate`, and whose failures are written down. */
export function createProviderCalls(
	config: CallsConfig,
	{
		gate,
		failures,
		log,
		silenceMs = SILENCE_MS,
		callMs = CALL_MS,
	}: {
		gate: Gate;
		failures: FailureLog;
		log?: Pick< Logger, 'warn' > | undefined;
		silenceMs?: number | undefined;
		callMs?: number | undefined;
	}
): ProviderCalls {
	const { baseUrl, quirks, webProxy } = config;
	const pool = openConnectionPool( {
		headersTimeoutMs: silenceMs,
		bodyTimeoutMs: silenceMs,
		webProxy,
	} );
	const headers = headersOf( config );
	const isProxied = webProxy !== undefined;
	const query =
		quirks.apiVersion === ''
			? ''
			: `?api-version=${ encodeURIComponent( quirks.apiVersion ) }`;
	const refusal = async ( reply: Reply ) =>
		errorFromReply(
			{ ...reply, text: await reply.text( silenceMs ) },
			{ now: Date.now(), quotaIsRate: quirks.quotaIsRate }
		);
	const errorOf = ( error: unknown, signal: AbortSignal ) =>
		toUpstreamError( error, { signal, isProxied } );

	const begin = ( request: CallRequest ): ProviderCall => {
		const { model, signal, requestId } = request;
		let pass: Pass | undefined;
		let endsAt = performance.now() + callMs;
		const enter = async () => {
			const entered = gate.enter( {
				model: request.gateModel ?? model.upstreamId,
				priority: request.priority,
				tokens: request.tokens,
				signal,
			} );
			pass = entered instanceof Promise ? await entered : entered;
			endsAt = performance.now() + callMs;
			request.onStart?.( pass.queueMs );
		};
		const heard = ( received: ReplyHeaders ) =>
			pass?.heard( readAllowances( received, Date.now() ) );
		return {
			enter,
			get endsAt() {
				return endsAt;
			},
			heard,
			async post( url, { body, contentType } ) {
				await enter();
				const reply = await pool.send( url, {
					method: 'POST',
					headers: withOwn( headers, requestId, contentType ),
					body,
					signal,
				} );
				heard( reply.headers );
				if ( reply.status !== 200 ) {
					throw await refusal( reply );
				}
				return reply;
			},
			ended: ( reason ) =>
				noteEnd( failures, config.name, model, reason ),
			failed( caught ) {
				const error = errorOf( caught, signal );
				noteFailure( failures, config.name, model, error );
				// Only what the provider itself asked for: our own gate's word would feed on itself.
				if (
					error.retryAfterMs !== undefined &&
					error.status !== undefined
				) {
					gate.pause( model.upstreamId, error.retryAfterMs );
				}
				return error;
			},
			leave: () => pass?.leave(),
		};
	};

	return {
		config,
		log,
		headers,
		silenceMs,
		callMs,
		begin,
		errorOf,
		urlOf: ( path, model ) =>
			query === '' || model === undefined
				? baseUrl + path + query
				: `${ baseUrl }/deployments/${ encodeURIComponent( model ) }${ path }${ query }`,
		async get( path, signal ) {
			const reply = await pool.send( baseUrl + path + query, {
				method: 'GET',
				headers,
				signal,
			} );
			if ( reply.status !== 200 ) {
				throw await refusal( reply );
			}
			return reply.text( silenceMs );
		},
		close: () => pool.close(),
	};
}

function noteEnd(
	failures: FailureLog,
	provider: string,
	{ id }: Model,
	finishReason: FinishReason
): void {
	if ( finishReason === 'stop' ) {
		failures.succeeded( provider, id );
	} else {
		failures.failed(
			provider,
			id,
			finishReason === 'length' ? 'content_truncated' : 'content_policy'
		);
	}
}

/** That a recording is no longer kept is no failure: the caller sends its words. */
function noteFailure(
	failures: FailureLog,
	provider: string,
	{ id }: Model,
	{ code }: UpstreamError
): void {
	if ( code && code !== 'audio_expired' ) {
		failures.failed( provider, id, code );
	}
}

function withOwn(
	headers: Record< string, string >,
	requestId: string | undefined,
	contentType: string | undefined
): Record< string, string > {
	return requestId === undefined && contentType === undefined
		? headers
		: {
				...headers,
				...( requestId === undefined
					? {}
					: { 'x-client-request-id': requestId } ),
				...( contentType === undefined
					? {}
					: { 'content-type': contentType } ),
			};
}

function headersOf( {
	apiKey,
	headers,
	quirks,
}: CallsConfig ): Record< string, string > {
	return {
		accept: 'application/json',
		'content-type': 'application/json',
		'user-agent': 'docent-proxy',
		// In lower case, so that one of ours is replaced and not sent twice.
		...Object.fromEntries(
			Object.entries( headers ).map( ( [ name, value ] ) => [
				name.toLowerCase(),
				value,
			] )
		),
		...( quirks.auth === 'api-key'
			? { 'api-key': apiKey }
			: // Ollama and its like want something, whatever it is.
				{ authorization: `Bearer ${ apiKey || 'none' }` } ),
	};
}

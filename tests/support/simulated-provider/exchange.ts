/**
 * Carries one request of the simulated provider: its journal entry, its headers, its end.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Refusal } from './behaviour.ts';
import type { Dialect } from './dialect.ts';
import { carriesKey, refusalBody } from './dialects.ts';
import { readForm } from './form.ts';
import {
	type JournalEntry,
	preciseNowMs,
	type WritableJournal,
} from './journal.ts';

/** One request with everything needed to answer it. */
export interface Exchange {
	request: IncomingMessage;
	response: ServerResponse;
	entry: JournalEntry;
	/** Sends the status line and the headers every reply of the API carries. */
	head( status: number, headers?: Record< string, string > ): void;
	json(
		status: number,
		body: unknown,
		headers?: Record< string, string >
	): void;
	refuse( refusal: Refusal ): void;
	/** Marks the exchange as spoiled on purpose, so that its end is not taken for the client's doing. */
	markBroken(): void;
}

/** Reads the body and opens the journal entry. */
export async function openExchange(
	request: IncomingMessage,
	response: ServerResponse,
	journal: WritableJournal,
	dialect?: Dialect
): Promise< Exchange > {
	const startedAtMs = preciseNowMs();
	const {
		authorization: _bearer,
		'api-key': _key,
		...headers
	} = request.headers;
	const entry: JournalEntry = {
		requestId: `req_${ randomUUID().replaceAll( '-', '' ) }`,
		method: request.method ?? 'GET',
		path: ( request.url ?? '/' ).split( '?' )[ 0 ] ?? '/',
		headers,
		hasKey: carriesKey( dialect, request.headers ),
		...( await readBody( request ) ),
		receivedAtMs: startedAtMs,
		status: undefined,
		chunksProduced: 0,
		bytesProduced: 0,
		outcome: 'open',
		abortedAtMs: undefined,
		endedAtMs: undefined,
	};
	const end = ( outcome: JournalEntry[ 'outcome' ] ): void => {
		if ( entry.outcome === 'open' ) {
			entry.outcome = outcome;
		}
		entry.endedAtMs = preciseNowMs();
		if ( outcome === 'aborted' ) {
			entry.abortedAtMs = entry.endedAtMs;
		}
		journal.changed();
	};
	response.once( 'close', () =>
		end( response.writableFinished ? 'complete' : 'aborted' )
	);
	journal.add( entry );

	const head: Exchange[ 'head' ] = ( status, extra = {} ) => {
		entry.status = status;
		response.writeHead( status, {
			...standardHeaders( entry, startedAtMs, dialect ),
			...extra,
		} );
		journal.changed();
	};
	const json: Exchange[ 'json' ] = ( status, body, extra = {} ) => {
		const text = JSON.stringify( body );
		head( status, { 'content-type': 'application/json', ...extra } );
		entry.bytesProduced += Buffer.byteLength( text );
		response.end( text );
	};
	return {
		request,
		response,
		entry,
		head,
		json,
		refuse( refusal ) {
			const wait = {
				...( refusal.retryAfterSeconds === undefined
					? {}
					: { 'retry-after': String( refusal.retryAfterSeconds ) } ),
				...( refusal.retryAfterMs === undefined
					? {}
					: { 'retry-after-ms': String( refusal.retryAfterMs ) } ),
			};
			if ( refusal.body !== undefined ) {
				head( refusal.status, {
					'content-type': refusal.contentType ?? 'text/plain',
					...wait,
				} );
				response.end( refusal.body );
				return;
			}
			json( refusal.status, refusalBody( dialect, refusal ), wait );
		},
		markBroken() {
			entry.outcome = 'broken';
		},
	};
}

async function readBody(
	request: IncomingMessage
): Promise< { body: unknown; files: Map< string, Uint8Array > } > {
	const parts: Buffer[] = [];
	for await ( const part of request ) {
		parts.push( part as Buffer );
	}
	const bytes = Buffer.concat( parts );
	const type = request.headers[ 'content-type' ] ?? '';
	if ( type.startsWith( 'multipart/form-data' ) ) {
		return readForm( bytes, type );
	}
	const text = bytes.toString( 'utf8' );
	const files = new Map< string, Uint8Array >();
	try {
		return { body: text === '' ? undefined : JSON.parse( text ), files };
	} catch {
		return { body: text, files };
	}
}

function standardHeaders(
	entry: JournalEntry,
	startedAtMs: number,
	dialect: Dialect | undefined
): Record< string, string > {
	const headers: Record< string, string | null > = {
		'x-request-id': entry.requestId,
		'openai-version': '2020-10-01',
		'openai-processing-ms': String(
			Math.ceil( preciseNowMs() - startedAtMs )
		),
		'x-ratelimit-limit-requests': '10000',
		'x-ratelimit-remaining-requests': '9999',
		'x-ratelimit-reset-requests': '6ms',
		'x-ratelimit-limit-tokens': '2000000',
		'x-ratelimit-remaining-tokens': '1999000',
		'x-ratelimit-reset-tokens': '30ms',
		...dialect?.headers,
	};
	return Object.fromEntries(
		Object.entries( headers ).filter(
			( entry_ ): entry_ is [ string, string ] => entry_[ 1 ] !== null
		)
	);
}

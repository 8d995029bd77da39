/**
 * A visitor who wants an answer whatever happens: asks, follows a stream that broke off, and asks again when there is nothing to follow.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { mintToken, SITE_ORIGIN } from '../support/proxy/credentials.ts';
import { readEvents } from '../support/proxy/sse.ts';

/** A stream that is silent for so long is given up and followed anew; heartbeats come every ten seconds. */
const SILENCE_MS = 15_000;

/** The longest a visitor is asked to wait before the next attempt. */
const MAX_WAIT_MS = 3_000;

/** What became of one question. */
export interface Answered {
	text: string;
	/** How the answer came about, as `done` says it. */
	finishReason: string;
	cache: string;
	/** Streams that were opened for it. */
	attempts: number;
	/** Event ids that came twice or out of order; there must be none. */
	disorder: number;
}

interface Progress {
	key: string;
	turnId: string | undefined;
	lastId: number;
	text: string;
	attempts: number;
	disorder: number;
	/** The proxy that the turn runs on, when turns are not shared. */
	url: string;
}

/**
 * Asks one question until it is answered. `urls` are proxies of the same site; with `isShared` any of them can follow a turn of another.
 * Throws when there is no answer at `endsAt` (milliseconds of `performance.now()`).
 */
export async function askUntilAnswered(
	question: string,
	{
		urls,
		isShared,
		endsAt,
	}: { urls: readonly string[]; isShared: boolean; endsAt: number }
): Promise< Answered > {
	const token = mintToken();
	const anyUrl = () =>
		urls[ Math.floor( Math.random() * urls.length ) ] ?? '';
	const begin = ( attempts: number, disorder: number ): Progress => ( {
		key: crypto.randomUUID(),
		turnId: undefined,
		lastId: 0,
		text: '',
		attempts,
		disorder,
		url: anyUrl(),
	} );
	let progress = begin( 0, 0 );
	let lastProblem: unknown;

	while ( performance.now() < endsAt ) {
		progress.attempts++;
		if ( isShared || progress.turnId === undefined ) {
			progress.url = anyUrl();
		}
		try {
			const response = await open( question, token, progress );
			if ( ! response.ok ) {
				const wait = Number( response.headers.get( 'retry-after' ) );
				lastProblem = `${ response.status } ${ await response.text() }`;
				if (
					progress.turnId !== undefined &&
					response.status === 404
				) {
					// The turn went with its proxy: the question is asked again under the same key, so that nothing is paid twice.
					progress = {
						...begin( progress.attempts, progress.disorder ),
						key: progress.key,
					};
				}
				await pause( Math.min( MAX_WAIT_MS, wait * 1_000 || 200 ) );
				continue;
			}
			const ending = await read( response, progress );
			if ( ending?.event === 'done' && progress.text.trim() !== '' ) {
				return {
					text: progress.text,
					finishReason: ending.data.finishReason,
					cache: ending.data.cache,
					attempts: progress.attempts,
					disorder: progress.disorder,
				};
			}
			if ( ending ) {
				// The answer failed as a whole: whoever presses "try again" asks anew.
				lastProblem = JSON.stringify( ending );
				progress = begin( progress.attempts, progress.disorder );
				await pause( 300 );
			} else {
				lastProblem = `the stream of turn ${ progress.turnId } ended after event ${ progress.lastId } at ${ progress.url }`;
				await pause( 100 );
			}
		} catch ( error ) {
			lastProblem = error;
			await pause( 100 + Math.random() * 200 );
		}
	}
	throw new Error( `"${ question }" was not answered.`, {
		cause: lastProblem,
	} );
}

function open(
	question: string,
	token: string,
	{ url, key, turnId, lastId }: Progress
): Promise< Response > {
	const headers = {
		Authorization: `Bearer ${ token }`,
		Origin: SITE_ORIGIN,
	};
	return turnId === undefined
		? fetch( `${ url }/v1/ask`, {
				method: 'POST',
				headers: {
					...headers,
					'Content-Type': 'application/json',
					'Idempotency-Key': key,
				},
				body: JSON.stringify( { question } ),
				signal: AbortSignal.timeout( SILENCE_MS * 2 ),
			} )
		: fetch( `${ url }/v1/turns/${ turnId }`, {
				headers: { ...headers, 'Last-Event-ID': String( lastId ) },
				signal: AbortSignal.timeout( SILENCE_MS * 2 ),
			} );
}

/** Reads events into the progress; returns the last one when it ends the turn. */
async function read( response: Response, progress: Progress ) {
	for await ( const event of readEvents( response ) ) {
		if ( event.id !== progress.lastId + 1 ) {
			progress.disorder++;
		}
		progress.lastId = event.id;
		if ( event.event === 'turn' ) {
			progress.turnId = event.data.turnId;
		} else if ( event.event === 'text' ) {
			progress.text += event.data.delta;
		} else if ( event.event === 'done' || event.event === 'error' ) {
			return event;
		}
	}
	return undefined;
}

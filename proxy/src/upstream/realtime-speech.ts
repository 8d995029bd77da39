/**
 * Has text spoken by realtime models, which read it word for word.
 */
import type { FinishReason } from './chat.ts';
import { BYTES_PER_TOKEN, type ProviderCalls } from './provider-calls.ts';
import type { ReadingSession, ReadingSessions } from './reading-sessions.ts';
import {
	createReading,
	readingRequest,
	stopReading,
} from './realtime-reading.ts';
import type { SpeechPiece, SpeechRequest } from './voice.ts';

/** Speaks one text over a session that waits, or over a new one. Throws `UpstreamError`, and nothing else. */
export async function* speakByRealtime(
	calls: ProviderCalls,
	sessions: ReadingSessions,
	request: SpeechRequest
): AsyncGenerator< SpeechPiece[] > {
	const { model, text, maxOutputTokens, signal } = request;
	const call = calls.begin( {
		...request,
		tokens: Math.ceil( text.length / BYTES_PER_TOKEN ) + maxOutputTokens,
	} );
	let session: ReadingSession | undefined;
	const onAbort = () => {
		if ( session ) {
			session.reading?.fail( calls.errorOf( signal.reason, signal ) );
			stopReading( session.connection );
		}
	};
	try {
		await call.enter();
		signal.addEventListener( 'abort', onAbort, { once: true } );
		session = await sessions.waiting( request );
		let mayBeStale = session !== undefined;
		let finishReason: FinishReason | undefined;
		while ( finishReason === undefined ) {
			session ??= await sessions.open( request, call );
			signal.throwIfAborted();
			const reading = createReading( {
				silenceMs: calls.silenceMs,
				onDoubts: ( doubts ) =>
					calls.log?.warn(
						{
							provider: calls.config.name,
							model: model.id,
							doubts,
						},
						'a report of usage cannot be relied on'
					),
			} );
			session.reading = reading;
			session.connection.send( readingRequest( request ) );
			try {
				finishReason = yield* reading.pieces( call.endsAt );
			} catch ( error ) {
				// A session may have ended while it waited, and the provider has not seen the text then.
				if (
					! mayBeStale ||
					reading.hasBegun ||
					signal.aborted ||
					session.isOpen
				) {
					throw error;
				}
				mayBeStale = false;
				session = undefined;
			}
		}
		if ( session ) {
			sessions.keep( session );
			session = undefined;
		}
		call.ended( finishReason );
		yield [ { kind: 'end', finishReason } ];
	} catch ( error ) {
		throw call.failed( error );
	} finally {
		signal.removeEventListener( 'abort', onAbort );
		call.leave();
		if ( session ) {
			// Stopped, or failed in the middle: what would still come belongs to nobody.
			stopReading( session.connection );
		}
	}
}

/**
 * Hears and speaks with OpenAI, or with anything that speaks nearly the same; the model's `api` says by which route.
 */
import { converse, speakByChat } from './audio-chat.ts';
import { createLiveness, type Liveness } from './liveness.ts';
import type { ProviderCalls } from './provider-calls.ts';
import type { ReadingSessions } from './reading-sessions.ts';
import { speakByRealtime } from './realtime-speech.ts';
import { speakByRoute } from './speech-call.ts';
import { transcribe } from './transcription-call.ts';
import type {
	RealtimeConnection,
	RealtimeListener,
	RealtimeRequest,
	SpeechPiece,
	SpeechRequest,
	VoiceProvider,
} from './voice.ts';
import { notCalledSo } from './voice-refusals.ts';

/** How often an open session is asked for a sign of life, in milliseconds. */
const LIVENESS_MS = 20_000;

/** Makes a provider that hears and speaks over `calls`. WebSockets are loaded at the first need. */
export function createOpenAiVoice(
	calls: ProviderCalls,
	{
		livenessMs = LIVENESS_MS,
		idleMs,
	}: { livenessMs?: number | undefined; idleMs?: number | undefined } = {}
): VoiceProvider {
	const liveness = createLiveness( livenessMs );
	let loading: Promise< ReadingSessions > | undefined;
	const sessions = () =>
		( loading ??= import( './reading-sessions.ts' ).then(
			( { createReadingSessions } ) =>
				createReadingSessions( calls, liveness, { idleMs } )
		) );
	async function* speakOverSession(
		request: SpeechRequest
	): AsyncGenerator< SpeechPiece[] > {
		yield* speakByRealtime( calls, await sessions(), request );
	}
	return {
		transcribe: ( request ) => transcribe( calls, request ),
		prepare( { model, voice } ) {
			if ( model.api === 'realtime' ) {
				// Whoever speaks next meets the failure, and says it.
				sessions().then(
					( loaded ) => loaded.prepare( model, voice ),
					() => undefined
				);
			}
		},
		speak( request ) {
			switch ( request.model.api ) {
				case 'speech':
					return speakByRoute( calls, request );
				case 'realtime':
					return speakOverSession( request );
				case 'chat':
					return speakByChat( calls, request );
				default:
					return refuse( request );
			}
		},
		converse: ( request ) => converse( calls, request ),
		openRealtime: ( request, listener ) =>
			openRealtime( calls, liveness, request, listener ),
		async close() {
			( await loading )?.close();
			await calls.close();
		},
	};
}

async function* refuse( {
	model,
}: SpeechRequest ): AsyncGenerator< SpeechPiece[] > {
	throw notCalledSo( model );
}

async function openRealtime(
	calls: ProviderCalls,
	liveness: Liveness,
	request: RealtimeRequest,
	listener: RealtimeListener
): Promise< RealtimeConnection > {
	const { model, signal } = request;
	if ( model.api !== 'realtime' ) {
		throw notCalledSo( model );
	}
	// What the session will take of a limit on tokens is not known, and the provider says no in time.
	const call = calls.begin( { ...request, tokens: 0 } );
	try {
		await call.enter();
		const { connectRealtime } = await import( './realtime-connection.ts' );
		let isOver = false;
		const onAbort = () => connection.close();
		const connection = await connectRealtime(
			calls,
			liveness,
			{ ...request, onHead: call.heard },
			{
				onEvent: ( event ) => listener.onEvent( event ),
				onClose( error ) {
					isOver = true;
					signal.removeEventListener( 'abort', onAbort );
					listener.onClose( error && call.failed( error ) );
				},
			}
		);
		call.ended( 'stop' );
		if ( signal.aborted ) {
			connection.close();
		} else if ( ! isOver ) {
			signal.addEventListener( 'abort', onAbort, { once: true } );
		}
		return connection;
	} catch ( error ) {
		throw call.failed( error );
	} finally {
		// A session is let in like a call; how long it lasts is no business of the gate.
		call.leave();
	}
}

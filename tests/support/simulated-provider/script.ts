/**
 * Keeps what the simulated provider was told to do: a queue and a default for everything a behaviour can be aimed at.
 */
import type { Behaviour, ChatBehaviour } from './behaviour.ts';
import type { ChatRequest } from './chat-request.ts';
import type { VoiceAims } from './voice-behaviour.ts';

/** Everything a behaviour can be aimed at. */
export interface Aims extends VoiceAims {
	chat: { behaviour: ChatBehaviour; request: ChatRequest };
}

/** What is to be done. */
export interface Script {
	/** Queues behaviours; each is used once, by the first request of its aim that fits its `when`. */
	add( ...behaviours: Behaviour[] ): void;
	/** Sets what happens to requests of its aim once the queue is empty. */
	setDefault( behaviour: Behaviour ): void;
	/** Takes the behaviour for a request. */
	next< Aim extends keyof Aims >(
		aim: Aim,
		request: Aims[ Aim ][ 'request' ]
	): Aims[ Aim ][ 'behaviour' ];
	reset(): void;
}

/** Starts an empty script. */
export function createScript( initial: Behaviour ): Script {
	const aimOf = ( behaviour: Behaviour ): keyof Aims =>
		behaviour.for ?? 'chat';
	let queue: Behaviour[] = [];
	let defaults = new Map( [ [ aimOf( initial ), initial ] ] );
	return {
		add( ...behaviours ) {
			queue.push( ...behaviours );
		},
		setDefault( behaviour ) {
			defaults.set( aimOf( behaviour ), behaviour );
		},
		next( aim, request ) {
			const at = queue.findIndex( ( behaviour ) => {
				const when = behaviour.when as
					( ( asked: typeof request ) => boolean ) | undefined;
				return (
					aimOf( behaviour ) === aim && ( when?.( request ) ?? true )
				);
			} );
			return ( queue.splice( at, at < 0 ? 0 : 1 )[ 0 ] ??
				defaults.get( aim ) ??
				{} ) as Aims[ typeof aim ][ 'behaviour' ];
		},
		reset() {
			queue = [];
			defaults = new Map( [ [ aimOf( initial ), initial ] ] );
		},
	};
}

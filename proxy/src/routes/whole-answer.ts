/**
 * Answers with one JSON object when the turn has ended, for callers that have no use for a stream.
 */
import type { ServerResponse } from 'node:http';
import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import {
	withoutSpeech,
	type ReadableTurn,
	type StoredSpeechEvent,
	type TurnEvents,
} from '../ask/turn.ts';
import { DocentError } from '../errors.ts';
import type { Source } from '../types.ts';

/** An answer as a whole; parts are missing only when the caller has gone before its end. */
export type WholeAnswer = TurnEvents[ 'turn' ] &
	TurnEvents[ 'done' ] & {
		answer: string;
		sources: Source[];
		notices: Array< TurnEvents[ 'notice' ] >;
		/** What was heard, when the question was spoken. */
		transcript?: TurnEvents[ 'transcript' ];
		/** Where the spoken answer is, when it may be kept; an answer that is one visitor's own is only streamed. */
		speech?: StoredSpeechEvent;
	};

/** Tells whether a caller wants the answer whole: it names JSON and does not take a stream. */
export function wantsWholeAnswer( accept: string | undefined ): boolean {
	return (
		accept !== undefined &&
		accept.includes( 'application/json' ) &&
		! accept.includes( 'text/event-stream' )
	);
}

/** Waits for the end of a turn and answers with all of it. Throws the error that the turn ended with. */
export async function sendWhole(
	c: Context,
	turn: ReadableTurn
): Promise< Response > {
	await whenEnded(
		turn,
		( c.env as HttpBindings ).outgoing as ServerResponse
	);
	return c.json( readWhole( turn ) );
}

/** Resolves at the end of a turn, or when the caller has gone; the turn then has its grace, as after any reader. */
function whenEnded(
	turn: ReadableTurn,
	outgoing: ServerResponse
): Promise< void > {
	const detach = turn.attach();
	return new Promise( ( resolve ) => {
		const look = (): void => {
			if ( turn.isEnded || outgoing.destroyed ) {
				removeListener();
				outgoing.off( 'close', look );
				detach();
				resolve();
			}
		};
		const removeListener = turn.listen( look );
		outgoing.on( 'close', look );
		look();
	} );
}

function readWhole( turn: ReadableTurn ): Partial< WholeAnswer > {
	const whole: Partial< WholeAnswer > = {};
	let answer = '';
	const notices: WholeAnswer[ 'notices' ] = [];
	for ( const event of turn.eventsAfter( 0 ) ) {
		const [ , name = '', json = 'null' ] =
			/^event: (\w+)\ndata: (.*)$/m.exec( withoutSpeech( event ) ) ?? [];
		const data = JSON.parse( json );
		switch ( name as keyof TurnEvents ) {
			case 'turn':
			case 'done':
				Object.assign( whole, data );
				break;
			case 'text':
				answer += data.delta;
				break;
			case 'sources':
				whole.sources = data;
				break;
			case 'notice':
				notices.push( data );
				break;
			case 'transcript':
				whole.transcript = data;
				break;
			case 'audio':
				whole.speech = data;
				break;
			case 'error':
				throw new DocentError( data.code, data.message, {
					retryAfterMs: data.retryAfterMs,
				} );
		}
	}
	return { sources: [], ...whole, answer, notices };
}

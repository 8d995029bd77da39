/**
 * The reading of the one answer that runs at a time: begins it, ends it, and has the proxy end its work.
 */
import { asFailure } from './failure.ts';
import type { AssistantFailure } from './failure.ts';
import type { ProxyClient } from './proxy-client.ts';
import type { Connection, FollowOptions } from './turn-follower.ts';
import type { TurnEvent } from './turn-events.ts';

/** Longest wait for a stop to be confirmed before the next question goes out all the same. */
const STOP_WAIT_MS = 3_000;

export interface TurnReading {
	/** Names the turn that is being read. */
	readonly key: string | undefined;
	/** Whether the stream was cut and is being picked up again. */
	readonly isReconnecting: boolean;
	/** The turn whose stop the proxy has not confirmed yet. */
	readonly unconfirmedStop: string | undefined;
	/** Reads a turn to its end, whichever way it is begun; never rejects. */
	begin(
		key: string,
		how: ( options: FollowOptions ) => Promise< void >
	): Promise< void >;
	/**
	 * Ends the reading and the work. `turnId` is undefined while the proxy has not named the turn; then `onLateName` hears
	 * the conversation's name once it has.
	 */
	stop(
		turnId: string | undefined,
		onLateName: ( conversationId: string ) => void
	): void;
	/** Ends the reading and leaves the work to go on. */
	letGo(): void;
	/** Resolves once the proxy has confirmed the last stop, or after a while: until then it would call the conversation busy. */
	stopped(): Promise< void >;
}

interface Current {
	key: string;
	controller: AbortController;
	onTurn?: ( turnId: string, conversationId: string ) => void;
	onEnd?: () => void;
}

/** Creates the reading of one page. */
export function createTurnReading( {
	client,
	connection,
	onEvent,
	onFailure,
	onChange,
}: {
	client: ProxyClient;
	connection: Connection;
	onEvent: ( key: string, event: TurnEvent ) => void;
	onFailure: ( key: string, failure: AssistantFailure ) => void;
	/** Hears that something other than the conversation changed. */
	onChange: () => void;
} ): TurnReading {
	let current: Current | undefined;
	let isReconnecting = false;
	let stopping: { turnId?: string; confirmed: Promise< void > } | undefined;

	function confirm(
		turnId: string | undefined,
		work: Promise< void >
	): void {
		const confirmed = work
			// The proxy ends the work by itself once nobody has listened for a while.
			.catch( () => {} )
			.finally( () => {
				if ( stopping?.confirmed === confirmed ) {
					stopping = undefined;
				}
			} );
		stopping = { ...( turnId && { turnId } ), confirmed };
	}

	return {
		get key() {
			return current?.key;
		},
		get isReconnecting() {
			return isReconnecting;
		},
		get unconfirmedStop() {
			return stopping?.turnId;
		},
		async begin( key, how ) {
			const controller = new AbortController();
			const { signal } = controller;
			const own: Current = { key, controller };
			current = own;
			onChange();
			try {
				await how( {
					signal,
					onEvent: ( event ) => {
						onEvent( key, event );
						if ( event.type === 'turn' ) {
							own.onTurn?.( event.turnId, event.conversationId );
						}
					},
					onReconnecting: ( value ) => {
						if ( current === own && value !== isReconnecting ) {
							isReconnecting = value;
							onChange();
						}
					},
				} );
			} catch ( thrown ) {
				if ( ! signal.aborted ) {
					onFailure(
						key,
						asFailure( thrown, connection.isOnline() )
					);
				}
			} finally {
				if ( current === own ) {
					current = undefined;
					isReconnecting = false;
					onChange();
				}
				own.onEnd?.();
			}
		},
		stop( turnId, onLateName ) {
			const own = current;
			if ( ! own ) {
				return;
			}
			current = undefined;
			isReconnecting = false;
			if ( turnId ) {
				own.controller.abort();
				confirm( turnId, client.stop( turnId ) );
			} else {
				// Read on until the proxy names the turn, and stop it then.
				confirm(
					undefined,
					new Promise( ( resolve, reject ) => {
						own.onEnd = resolve;
						own.onTurn = ( lateTurnId, conversationId ) => {
							own.controller.abort();
							client.stop( lateTurnId ).then( resolve, reject );
							onLateName( conversationId );
						};
					} )
				);
			}
			onChange();
		},
		letGo() {
			current?.controller.abort();
			current = undefined;
			isReconnecting = false;
		},
		async stopped() {
			if ( stopping ) {
				await Promise.race( [
					stopping.confirmed,
					new Promise( ( resolve ) =>
						setTimeout( resolve, STOP_WAIT_MS )
					),
				] );
			}
		},
	};
}

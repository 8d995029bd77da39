/**
 * Listens to channels for as long as a connection lives, whichever socket it has.
 */
import type { Link } from './link.ts';

export interface Channels {
	/** Calls back with every message of a channel; returns what ends it. Messages of the time away are lost. */
	subscribe(
		channel: string,
		listener: ( message: string ) => void
	): () => void;
	/** Goes on listening on another socket. */
	moveTo( link: Link ): void;
}

/** Makes the listener; `currentLink` is the socket of now. */
export function createChannels(
	currentLink: () => Link | undefined
): Channels {
	const channels = new Map< string, Set< ( message: string ) => void > >();
	const listen = ( link: Link | undefined, channel: string ): void => {
		// A socket that is lost meanwhile is followed by another, which listens again.
		link?.subscribe( channel, ( message ) => {
			for ( const listener of [ ...( channels.get( channel ) ?? [] ) ] ) {
				listener( message );
			}
		} ).catch( () => undefined );
	};
	return {
		subscribe( channel, listener ) {
			const listeners = channels.get( channel ) ?? new Set();
			if ( listeners.size === 0 ) {
				channels.set( channel, listeners );
				listen( currentLink(), channel );
			}
			listeners.add( listener );
			return () => {
				listeners.delete( listener );
				if ( listeners.size === 0 && channels.delete( channel ) ) {
					currentLink()
						?.unsubscribe( channel )
						.catch( () => undefined );
				}
			};
		},
		moveTo( link ) {
			for ( const channel of channels.keys() ) {
				listen( link, channel );
			}
		},
	};
}

/**
 * Finds out that a connection is dead although nobody said so: one timer asks all of them in turn.
 */

/** A connection that is looked after. */
export interface Living {
	/** Set to true whenever anything arrives from the other side. */
	isAlive: boolean;
	/** Asks the other side for a sign of life. */
	ask(): void;
	/** Is told when no sign has come for a whole round. */
	lost(): void;
}

/** All connections of one provider. */
export interface Liveness {
	add( connection: Living ): void;
	remove( connection: Living ): void;
}

/** Looks after connections every `everyMs` milliseconds, and runs no timer while there are none. */
export function createLiveness( everyMs: number ): Liveness {
	const connections = new Set< Living >();
	let timer: NodeJS.Timeout | undefined;
	const look = () => {
		for ( const connection of connections ) {
			if ( connection.isAlive ) {
				connection.isAlive = false;
				connection.ask();
			} else {
				connections.delete( connection );
				connection.lost();
			}
		}
	};
	return {
		add( connection ) {
			connections.add( connection );
			timer ??= setInterval( look, everyMs ).unref();
		},
		remove( connection ) {
			connections.delete( connection );
			if ( connections.size === 0 ) {
				clearInterval( timer );
				timer = undefined;
			}
		},
	};
}

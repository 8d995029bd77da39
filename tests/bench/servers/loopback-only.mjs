/**
 * Loaded before a server that listens on every address of the machine: makes it listen on the loopback address only.
 */
import { Server } from 'node:net';

const listen = Server.prototype.listen;

Server.prototype.listen = function ( ...args ) {
	const [ first ] = args;
	if ( typeof first === 'number' || /^\d+$/.test( String( first ) ) ) {
		const callback = args.find( ( arg ) => typeof arg === 'function' );
		return listen.call(
			this,
			{ port: Number( first ), host: '127.0.0.1' },
			callback
		);
	}
	return listen.apply( this, args );
};

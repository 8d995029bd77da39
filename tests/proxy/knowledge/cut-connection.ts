/**
 * Cuts a real connection to Redis at a chosen command, as a proxy does that is killed at that moment.
 */
import type {
	CommandOptions,
	RedisConnection,
} from '../../../proxy/src/stores/redis/connection.ts';
import type { CommandArgument } from '../../../proxy/src/stores/redis/link.ts';
import type { RedisScript } from '../../../proxy/src/stores/redis/script.ts';
import { StoreAwayError } from '../../../proxy/src/stores/store-away.ts';

/** When the cut comes: before the command leaves, or after the server has done it and before the reply is read. */
export type Cut = 'before' | 'after';

/** A connection that counts its commands. */
export interface CutConnection extends RedisConnection {
	readonly commandCount: number;
}

/**
 * Passes the first commands on and fails at the one with the number `at` (from 1) and at all that follow. `beforeEach` is awaited
 * before every command, so that a test can do something in between.
 */
export function cutConnection(
	connection: RedisConnection,
	{
		at = Infinity,
		cut = 'before',
		before = async () => undefined,
	}: {
		at?: number;
		cut?: Cut;
		before?: ( what: string ) => Promise< unknown >;
	} = {}
): CutConnection {
	let count = 0;
	const pass = async < T >(
		what: string,
		run: () => Promise< T >
	): Promise< T > => {
		const number = ++count;
		await before( what );
		if ( number > at || ( number === at && cut === 'before' ) ) {
			throw new StoreAwayError( 'the test cut the connection' );
		}
		const reply = await run();
		if ( number === at ) {
			throw new StoreAwayError( 'the test cut the connection' );
		}
		return reply;
	};
	return {
		get commandCount() {
			return count;
		},
		get state() {
			return connection.state;
		},
		get epoch() {
			return connection.epoch;
		},
		command: < T >(
			args: readonly CommandArgument[],
			options?: CommandOptions
		) =>
			pass( String( args[ 0 ] ), () =>
				connection.command< T >( args, options )
			),
		script: < T >(
			script: RedisScript,
			keys: readonly string[],
			args: readonly CommandArgument[],
			options?: CommandOptions
		) =>
			pass( script.source, () =>
				connection.script< T >( script, keys, args, options )
			),
		transaction: < T extends unknown[] >(
			commands: ReadonlyArray< readonly CommandArgument[] >,
			options?: CommandOptions
		) =>
			pass( 'MULTI', () =>
				connection.transaction< T >( commands, options )
			),
		subscribe: connection.subscribe,
		onChange: connection.onChange,
		fork: connection.fork,
		close: connection.close,
	};
}

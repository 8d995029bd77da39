/**
 * Keeps a proxy connected to Redis, and never lets anybody wait for it for long: a server that is down, paused or slow counts as
 * away, commands fail within their time limit, and the connection comes back by itself.
 */
import type { Logger } from 'pino';
import { StoreAwayError } from '../store-away.ts';
import { createChannels, type Channels } from './channels.ts';
import { openLink, type CommandArgument, type Link } from './link.ts';
import type { RedisScript } from './script.ts';

/** Time limits of a command (unless it names its own) and of connecting, in milliseconds. */
const COMMAND_TIMEOUT_MS = 1_000;
const CONNECT_TIMEOUT_MS = 1_000;
/** Pauses between two attempts grow from the first to the last, in milliseconds; a random half of each is left out. */
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 1_000;
/** A command waits so long for a connection that was just lost, in milliseconds, and so many may wait. */
const GRACE_MS = 250;
const MAX_WAITING = 1_000;

/** Whether Redis answers; `reason` never holds a password. */
export type RedisState =
	{ kind: 'ready' } | { kind: 'away'; sinceMs: number; reason: string };

export interface CommandOptions {
	timeoutMs?: number | undefined;
	/** Bulk replies come as buffers rather than as text. */
	asBuffers?: boolean | undefined;
	/** Rejects with {@link isOtherSocket} unless the socket is still the one with this number: what the caller knows may not hold on another. */
	epoch?: number | undefined;
}

const OTHER_SOCKET = 'the connection was made anew';

/** Tells whether a command was not sent because the socket that it was meant for is gone. */
export function isOtherSocket( error: unknown ): boolean {
	return error instanceof StoreAwayError && error.reason === OTHER_SOCKET;
}

/** A lasting connection. Replies have the shapes of RESP3: integers as numbers, maps as objects. */
export interface RedisConnection {
	readonly state: RedisState;
	/** Counts the sockets so far: another number means that the server may be another, or have restarted. */
	readonly epoch: number;
	/** Runs one command; rejects with `StoreAwayError` when Redis is away, and with the server's error when the command is wrong. */
	command< T = unknown >(
		args: readonly CommandArgument[],
		options?: CommandOptions
	): Promise< T >;
	/** Runs a script by its hash, and sends it whole when the server does not know it (after a restart or flush). */
	script< T = unknown >(
		script: RedisScript,
		keys: readonly string[],
		args: readonly CommandArgument[],
		options?: CommandOptions
	): Promise< T >;
	/** Runs commands as one (`MULTI`, `EXEC`); returns their replies. */
	transaction< T extends unknown[] = unknown[] >(
		commands: ReadonlyArray< readonly CommandArgument[] >,
		options?: CommandOptions
	): Promise< T >;
	/** Listens to a channel over every reconnect; returns what ends it. */
	subscribe: Channels[ 'subscribe' ];
	/** Calls back on every change of state; returns what ends it. */
	onChange( listener: ( state: RedisState ) => void ): () => void;
	/** Opens another connection to the same server, for commands that block. */
	fork(): RedisConnection;
	close(): Promise< void >;
}

export interface ConnectionOptions {
	/** `redis://` or `rediss://` (TLS) with user, password and database. */
	url: string;
	log?: Pick< Logger, 'info' | 'warn' > | undefined;
	connectTimeoutMs?: number | undefined;
	graceMs?: number | undefined;
}

/**
 * Makes a connection. Resolves after the first attempt, whether it succeeded or not: a proxy starts without its Redis, says so, and works
 * with it as soon as it is there.
 */
export async function connectRedis(
	options: ConnectionOptions
): Promise< RedisConnection > {
	const { connection, firstAttempt } = startConnection( options );
	await firstAttempt;
	return connection;
}

function startConnection( options: ConnectionOptions ): {
	connection: RedisConnection;
	firstAttempt: Promise< void >;
} {
	const {
		url,
		log,
		connectTimeoutMs = CONNECT_TIMEOUT_MS,
		graceMs = GRACE_MS,
	} = options;
	const stateListeners = new Set< ( state: RedisState ) => void >();
	const waiting = new Set< () => void >();
	let link: Link | undefined;
	const channels = createChannels( () => link );
	let epoch = 0;
	let isClosed = false;
	let endPause = (): void => undefined;
	let state: RedisState = {
		kind: 'away',
		sinceMs: Date.now(),
		reason: 'not connected yet',
	};

	const change = ( next: RedisState ): void => {
		const wasReady = state.kind === 'ready';
		state = next;
		if ( next.kind === 'ready' ) {
			log?.info( 'Redis is there' );
		} else if ( wasReady || epoch === 0 ) {
			log?.warn( { reason: next.reason }, 'Redis is away' );
		}
		for ( const listener of [ ...stateListeners ] ) {
			listener( next );
		}
	};

	const attempt = async (): Promise< Link | undefined > => {
		try {
			const opened = await openLink( url, connectTimeoutMs );
			if ( isClosed ) {
				opened.drop( 'closed' );
				return undefined;
			}
			epoch++;
			link = opened;
			channels.moveTo( opened );
			change( { kind: 'ready' } );
			for ( const wake of [ ...waiting ] ) {
				wake();
			}
			return opened;
		} catch ( error ) {
			const reason = ( error as StoreAwayError ).reason;
			if ( state.kind === 'ready' || state.reason !== reason ) {
				change( {
					kind: 'away',
					sinceMs: state.kind === 'away' ? state.sinceMs : Date.now(),
					reason,
				} );
			}
			return undefined;
		}
	};

	const keepConnected = async ( first: Promise< Link | undefined > ) => {
		let opened = await first;
		let pauseMs = FIRST_PAUSE_MS;
		while ( ! isClosed ) {
			if ( opened ) {
				pauseMs = FIRST_PAUSE_MS;
				const reason = await opened.lost;
				link = undefined;
				if ( isClosed ) {
					return;
				}
				change( { kind: 'away', sinceMs: Date.now(), reason } );
			}
			await new Promise< void >( ( resolve ) => {
				const timer = setTimeout(
					resolve,
					pauseMs * ( 0.5 + Math.random() / 2 )
				);
				endPause = () => {
					clearTimeout( timer );
					resolve();
				};
			} );
			pauseMs = Math.min( LONGEST_PAUSE_MS, pauseMs * 2 );
			opened = isClosed ? undefined : await attempt();
		}
	};

	/** Waits for a socket that was lost a moment ago, so that a server's restart is not seen by those who ask. */
	const waitForLink = ( budgetMs: number ): Promise< Link > => {
		const awayMs = state.kind === 'away' ? Date.now() - state.sinceMs : 0;
		const waitMs = Math.min( graceMs - awayMs, budgetMs );
		if ( isClosed || waitMs <= 0 || waiting.size >= MAX_WAITING ) {
			return Promise.reject( away() );
		}
		return new Promise( ( resolve, reject ) => {
			const finish = (): void => {
				clearTimeout( timer );
				waiting.delete( finish );
				if ( link ) {
					resolve( link );
				} else {
					reject( away() );
				}
			};
			const timer = setTimeout( finish, waitMs );
			waiting.add( finish );
		} );
	};

	const away = (): StoreAwayError =>
		new StoreAwayError(
			state.kind === 'away' ? state.reason : 'the connection was closed'
		);

	const command = (
		args: readonly CommandArgument[],
		{
			timeoutMs = COMMAND_TIMEOUT_MS,
			asBuffers,
			epoch: wanted,
		}: CommandOptions = {}
	): Promise< unknown > => {
		const send = ( opened: Link ): Promise< unknown > =>
			wanted === undefined || wanted === epoch
				? opened.send( args, { timeoutMs, asBuffers } )
				: Promise.reject( new StoreAwayError( OTHER_SOCKET ) );
		return link ? send( link ) : waitForLink( timeoutMs ).then( send );
	};

	const run = async (
		script: RedisScript,
		keys: readonly string[],
		args: readonly CommandArgument[],
		commandOptions: CommandOptions = {}
	): Promise< unknown > => {
		const rest = [ String( keys.length ), ...keys, ...args ];
		try {
			return await command(
				[ 'EVALSHA', script.sha, ...rest ],
				commandOptions
			);
		} catch ( error ) {
			if (
				error instanceof Error &&
				error.message.startsWith( 'NOSCRIPT' )
			) {
				return command(
					[ 'EVAL', script.source, ...rest ],
					commandOptions
				);
			}
			throw error;
		}
	};

	const transact = async (
		commands: ReadonlyArray< readonly CommandArgument[] >,
		{ timeoutMs = COMMAND_TIMEOUT_MS, asBuffers }: CommandOptions = {}
	): Promise< unknown > => {
		const opened = link ?? ( await waitForLink( timeoutMs ) );
		// Handed over in one go, so that nothing can come between them on the socket.
		const replies = [ [ 'MULTI' ], ...commands, [ 'EXEC' ] ].map(
			( args ) => opened.send( args, { timeoutMs, asBuffers } )
		);
		const settled = await Promise.allSettled( replies );
		const failed = settled.find( ( { status } ) => status === 'rejected' );
		if ( failed?.status === 'rejected' ) {
			throw failed.reason;
		}
		return replies.at( -1 );
	};

	const first = attempt();
	const loop = keepConnected( first );
	const connection: RedisConnection = {
		get state() {
			return state;
		},
		get epoch() {
			return epoch;
		},
		command: ( args, commandOptions ) =>
			command( args, commandOptions ) as Promise< never >,
		script: ( script, keys, args, commandOptions ) =>
			run( script, keys, args, commandOptions ) as Promise< never >,
		transaction: ( commands, commandOptions ) =>
			transact( commands, commandOptions ) as Promise< never >,
		subscribe: channels.subscribe,
		onChange( listener ) {
			stateListeners.add( listener );
			return () => void stateListeners.delete( listener );
		},
		fork: () => startConnection( options ).connection,
		async close() {
			isClosed = true;
			endPause();
			link?.drop( 'closed' );
			for ( const wake of [ ...waiting ] ) {
				wake();
			}
			await loop;
		},
	};
	return { connection, firstAttempt: first.then( () => undefined ) };
}

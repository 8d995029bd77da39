/**
 * Shares running turns between proxies on one Redis. Every proxy has a channel for what others want of it, and a lease that says it is alive;
 * the events of a turn are in a stream while another proxy reads.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type {
	BeginOutcome,
	SharedTurn,
	TurnListeners,
	TurnRequest,
	TurnStore,
} from '../turn-store.ts';
import type { RedisConnection } from './connection.ts';
import { createBells } from './redis-turn-bells.ts';
import { eventsKey, readTurn } from './redis-turn-reading.ts';
import { siteKey } from './redis-site-key.ts';
import { readScript } from './script.ts';

const BEGIN = readScript(
	new URL( './redis-turn-begin.lua', import.meta.url )
);
const END = readScript( new URL( './redis-turn-end.lua', import.meta.url ) );
const APPEND = readScript(
	new URL( './redis-turn-append.lua', import.meta.url )
);

/** A proxy that has not said for so long that it is alive is dead, in milliseconds. It says so three times as often. */
const LEASE_MS = 3_000;

/** The channel that every proxy listens to. */
const EVERYBODY = 'docent:proxies';

/** Longer than any turn may take, in milliseconds; what is left behind goes by itself. */
const KEEP_MS = 15 * 60_000;
const KEEP_EVENTS_MS = 120_000;
/** A visitor's turn that began so long ago has ended, whatever its proxy says, in milliseconds. */
const SURELY_ENDED_MS = 5 * 60_000;
/** So long an ended turn can be found, in milliseconds. */
const KEEP_ENDED_MS = 60_000;

/** How often something is said again that nobody heard, and after how many milliseconds. */
const MAX_AGAIN = 20;
const AGAIN_MS = 100;

/** A proxy that ends does not wait longer for its last word, in milliseconds. */
const GOODBYE_TIMEOUT_MS = 200;

/** Makes a {@link TurnStore} over a connection, and tells the others that this proxy is there. */
export function createRedisTurnStore(
	redis: RedisConnection,
	{ leaseMs = LEASE_MS }: { leaseMs?: number } = {}
): TurnStore {
	const self = randomBytes( 8 ).toString( 'hex' );
	const bells = createBells();
	let listeners: TurnListeners | undefined;

	const stopListening = redis.subscribe( channelOf( self ), ( message ) => {
		const [ word = '', turnId = '', from = '' ] = message.split( ' ' );
		if ( word === 'news' ) {
			bells.ring( turnId );
		} else {
			listeners?.onRequest( turnId, word as TurnRequest, from );
		}
	} );

	const stopHearingAll = redis.subscribe( EVERYBODY, ( message ) => {
		const [ siteId = '', visitorId = '', conversationId = '' ] =
			message.split( ' ' );
		listeners?.onForget( siteId, visitorId, conversationId );
	} );

	const renew = (): Promise< unknown > =>
		redis
			.command( [
				'SET',
				channelOf( self ),
				'1',
				'PX',
				String( leaseMs ),
			] )
			.catch( () => undefined );
	let leased = renew();
	let backAt = -Infinity;
	const renewing = setInterval( () => {
		leased = renew();
	}, leaseMs / 3 ).unref();
	const stopWatching = redis.onChange( ( { kind } ) => {
		if ( kind === 'ready' ) {
			backAt = performance.now();
			leased = renew();
		}
	} );

	/** After Redis was away, everybody has the time of a lease to say that they are still there. */
	const isAlive = async ( proxy: string ): Promise< boolean > =>
		performance.now() - backAt < leaseMs ||
		( await redis.command< number >( [
			'EXISTS',
			channelOf( proxy ),
		] ) ) === 1;

	const send = (
		{ turnId, proxy = self }: SharedTurn,
		request: TurnRequest
	): Promise< number > =>
		redis.command( [
			'PUBLISH',
			channelOf( proxy ),
			`${ request } ${ turnId } ${ self }`,
		] );

	/** Tries to begin; `gone` is a proxy whose turns count for nothing. Names the proxy in the way, if there is one. */
	const begin = async (
		turn: SharedTurn,
		maxPerVisitor: number,
		gone: string
	): Promise< { outcome: BeginOutcome; proxy: string } > => {
		const [ kind, proxy = '', conversationId, visitorId, fingerprint ] =
			await redis.script< string[] >( BEGIN, keysOf( turn ), [
				siteKey( turn.siteId ),
				turn.turnId,
				self,
				turn.conversationId,
				turn.visitorId,
				turn.fingerprint,
				String( maxPerVisitor ),
				String( KEEP_MS ),
				String( SURELY_ENDED_MS ),
				gone,
			] );
		const outcome: BeginOutcome =
			kind === 'known'
				? {
						kind,
						turn: {
							turnId: turn.turnId,
							siteId: turn.siteId,
							conversationId: conversationId ?? '',
							visitorId: visitorId ?? '',
							fingerprint: fingerprint ?? '',
							proxy,
						},
					}
				: { kind: kind as 'begun' | 'conversation_busy' | 'too_many' };
		return { outcome, proxy };
	};

	return {
		async begin( turn, maxPerVisitor ) {
			await leased;
			const first = await begin( turn, maxPerVisitor, '' );
			// What this proxy holds without knowing of it is as good as a dead one's.
			const isInTheWay =
				first.proxy !== '' &&
				first.proxy !== self &&
				( await isAlive( first.proxy ) );
			return first.proxy === '' || isInTheWay
				? first.outcome
				: ( await begin( turn, maxPerVisitor, first.proxy ) ).outcome;
		},

		async append( turn, firstId, events, readers ) {
			await redis.script(
				APPEND,
				[ eventsKey( turn ) ],
				[
					String( firstId + events.length - 1 ),
					events.join( '' ),
					String( KEEP_EVENTS_MS ),
					`news ${ turn.turnId }`,
					...readers.map( channelOf ),
				]
			);
		},

		async end( turn, { isFindable } ) {
			await redis.script( END, keysOf( turn ), [
				turn.turnId,
				self,
				String( isFindable ? KEEP_ENDED_MS : 0 ),
			] );
		},

		async find( siteId, visitorId, turnId ) {
			const [ proxy, conversationId, visitor, fingerprint ] =
				await redis.command< Array< string | null > >( [
					'HMGET',
					siteKey( siteId, `running:${ turnId }` ),
					'proxy',
					'conversation',
					'visitor',
					'fingerprint',
				] );
			return proxy && visitor === visitorId
				? {
						turnId,
						siteId,
						visitorId,
						conversationId: conversationId ?? '',
						fingerprint: fingerprint ?? '',
						proxy,
					}
				: undefined;
		},

		follow: ( turn, signal ) =>
			readTurn( redis, turn, {
				signal,
				bell: bells.hang( turn.turnId, signal ),
				tell: ( request ) => send( turn, request ),
				isWorkedOn: () => isAlive( turn.proxy ?? self ),
			} ),

		async request( turn, request ) {
			let hearers = await send( turn, request );
			// A proxy that is just coming back to Redis hears nothing yet.
			for ( let again = 0; hearers === 0 && again < MAX_AGAIN; again++ ) {
				if ( ! ( await isAlive( turn.proxy ?? self ) ) ) {
					return;
				}
				await delay( AGAIN_MS );
				hearers = await send( turn, request );
			}
		},

		async forget( siteId, visitorId, conversationId ) {
			const [ holder ] = await Promise.all( [
				redis.command< string | null >( [
					'GET',
					siteKey(
						siteId,
						`running-in:${ visitorId }:${ conversationId }`
					),
				] ),
				redis.command( [
					'PUBLISH',
					EVERYBODY,
					`${ siteId } ${ visitorId } ${ conversationId }`,
				] ),
			] );
			return holder !== null;
		},

		listen( given ) {
			listeners = given;
		},

		async close() {
			clearInterval( renewing );
			stopWatching();
			stopListening();
			stopHearingAll();
			await redis
				.command( [ 'DEL', channelOf( self ) ], {
					timeoutMs: GOODBYE_TIMEOUT_MS,
				} )
				.catch( () => undefined );
		},
	};
}

/** Names the channel and the lease of a proxy. */
function channelOf( proxy: string ): string {
	return `docent:proxy:${ proxy }`;
}

function keysOf( turn: SharedTurn ): [ string, string, string ] {
	const { siteId, visitorId, turnId, conversationId } = turn;
	return [
		siteKey( siteId, `running:${ turnId }` ),
		siteKey( siteId, `running-in:${ visitorId }:${ conversationId }` ),
		siteKey( siteId, `running-of:${ visitorId }` ),
	];
}

/**
 * Makes trouble: kills, cuts, stalls and restarts whatever there is, one thing after the other, and counts what it did.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { FaultProxy } from '../support/fault-proxy/index.ts';
import type { RedisServer } from '../support/redis/index.ts';
import {
	faults,
	type Behaviour,
	type SimulatedProvider,
} from '../support/simulated-provider/index.ts';
import type { Cluster } from './cluster.ts';

/** What may be troubled. */
export interface Victims {
	cluster: Cluster;
	provider: SimulatedProvider;
	/** Between the proxies and the provider. */
	upstream: FaultProxy;
	redis: RedisServer | undefined;
	/** What the provider does when nothing is scripted. */
	usual: Behaviour;
}

/** Every way in which a provider fails, a few requests each. */
const PROVIDER_FAULTS: ReadonlyArray< () => Behaviour > = [
	() => faults.rateLimited( { retryAfterMs: 300 } ),
	faults.serverError,
	faults.overloaded,
	faults.badGateway,
	() => faults.garbageStream( 3 ),
	faults.emptyStream,
	() => faults.garbageBody(),
	() => faults.cutAfter( 2, 'reset' ),
	() => faults.cutAfter( 5, 'end' ),
	() => faults.cutAfter( 0, 'close' ),
	() => faults.stall( 2, 1_500 ),
	() => faults.wrongUsage( null ),
	faults.reset,
];

/** Makes trouble until `endsAt` (milliseconds of `performance.now()`), then heals everything. Returns how often it did what. */
export async function makeTrouble(
	victims: Victims,
	endsAt: number
): Promise< Record< string, number > > {
	const counts: Record< string, number > = {};
	const actions = actionsFor( victims );
	const inFlight: Array< Promise< unknown > > = [];
	while ( performance.now() < endsAt ) {
		const action = pick( actions );
		counts[ action.name ] = ( counts[ action.name ] ?? 0 ) + 1;
		const work = action.run().catch( ( error: unknown ) => {
			throw new Error( `${ action.name }: it did not come back`, {
				cause: error,
			} );
		} );
		// Whoever waits for all of it hears of it; until then it is nobody's.
		work.catch( () => undefined );
		inFlight.push( work );
		await pause( 300 + Math.random() * 900 );
	}
	await Promise.all( inFlight );
	victims.upstream.set( 'down', {} );
	victims.upstream.set( 'up', {} );
	victims.upstream.refuse( false );
	victims.provider.setDefault( victims.usual );
	return counts;
}

interface Action {
	name: string;
	run(): Promise< unknown >;
}

function actionsFor( {
	cluster,
	provider,
	upstream,
	redis,
}: Victims ): Action[] {
	/** Proxies that are being killed or restarted already are left to it. */
	const busy = new Set< unknown >();
	const withMember = async ( how: 'kill' | 'restart' ): Promise< void > => {
		const member = pick(
			cluster.members.filter( ( one ) => ! busy.has( one ) )
		);
		if ( member ) {
			busy.add( member );
			await member[ how ]().finally( () => busy.delete( member ) );
		}
	};
	let isRedisBusy = false;
	const withRedis = async (
		work: () => Promise< void >
	): Promise< void > => {
		if ( ! isRedisBusy ) {
			isRedisBusy = true;
			await work().finally( () => ( isRedisBusy = false ) );
		}
	};
	return [
		{ name: 'proxy killed', run: () => withMember( 'kill' ) },
		{ name: 'proxy killed', run: () => withMember( 'kill' ) },
		{ name: 'proxy restarted', run: () => withMember( 'restart' ) },
		{
			name: 'provider faults',
			async run() {
				provider.script(
					...Array.from( { length: 6 }, () =>
						pick( PROVIDER_FAULTS )()
					)
				);
			},
		},
		{
			name: 'provider connections reset',
			run: async () => upstream.resetAll(),
		},
		{
			name: 'provider stalled',
			async run() {
				upstream.set( 'down', { isPaused: true } );
				await pause( 800 );
				upstream.set( 'down', {} );
			},
		},
		{
			name: 'provider refused',
			async run() {
				upstream.refuse( true );
				upstream.resetAll();
				await pause( 600 );
				upstream.refuse( false );
			},
		},
		...( redis
			? [
					{
						name: 'Redis paused',
						run: () =>
							withRedis( async () => {
								redis.pause();
								await pause( 1_500 );
								redis.resume();
							} ),
					},
					{
						name: 'Redis restarted',
						run: () => withRedis( () => redis.restart() ),
					},
				]
			: [] ),
	];
}

function pick< T >( list: readonly T[] ): T {
	return list[ Math.floor( Math.random() * list.length ) ] as T;
}

/**
 * Measures how much more four proxies on one Redis carry than one, and where the processor time goes when they do.
 */
import { availableParallelism } from 'node:os';
import { stopProcess } from '../../dev/processes.ts';
import { startRedis } from '../support/redis/index.ts';
import { startDocent, type Docent } from './docent.ts';
import type { Figure } from './figures.ts';
import { runLoad } from './load.ts';
import { cpuMs } from './machine.ts';

const PROXIES = 4;
const CONNECTIONS = 64;

/** What four proxies must carry, in times what one does, where there are cores for all of them. */
const TIMES_ONE = 3;

interface Measured {
	streamsPerSecond: number;
	failed: number;
	firstFault: string | undefined;
	/** Processor time a stream in milliseconds, by who used it. */
	cpu: { proxies: number; redis: number; provider: number; load: number };
}

/** Measures one proxy and then four, none of them pinned, on a Redis of their own. */
export async function measureScaling( options: {
	ports: number[];
	upstreamOrigin: string;
	upstreamPid: number;
	warmupMs: number;
	measureMs: number;
} ): Promise< Figure[] > {
	const redis = await startRedis( { isDurable: false } );
	const proxies: Docent[] = [];
	try {
		const info = await redis.command< string >( 'INFO', 'server' );
		const redisPid = Number( /process_id:(\d+)/.exec( info )?.[ 1 ] );
		for ( const port of options.ports.slice( 0, PROXIES ) ) {
			proxies.push(
				await startDocent( {
					port,
					upstreamOrigin: options.upstreamOrigin,
					isPinned: false,
					env: { REDIS_URL: redis.url },
				} )
			);
		}
		const measure = ( some: Docent[] ) =>
			measureTogether( some, redisPid, options );
		const one = await measure( proxies.slice( 0, 1 ) );
		const all = await measure( proxies );
		return describeScaling( one, all );
	} finally {
		for ( const { child } of proxies ) {
			await stopProcess( child );
		}
		await redis.stop();
	}
}

async function measureTogether(
	proxies: Docent[],
	redisPid: number,
	{
		upstreamPid,
		warmupMs,
		measureMs,
	}: { upstreamPid: number; warmupMs: number; measureMs: number }
): Promise< Measured > {
	const readCpu = () => ( {
		proxies: proxies.reduce(
			( sum, { child } ) => sum + ( cpuMs( child.pid ?? 0 ) ?? 0 ),
			0
		),
		redis: cpuMs( redisPid ) ?? 0,
		provider: cpuMs( upstreamPid ) ?? 0,
		load: cpuMs( process.pid ) ?? 0,
	} );
	const before = readCpu();
	const results = await Promise.all(
		proxies.map( ( proxy ) =>
			runLoad( proxy, {
				connections: CONNECTIONS / proxies.length,
				warmupMs,
				measureMs,
			} )
		)
	);
	const after = readCpu();
	const sum = ( read: ( result: ( typeof results )[ number ] ) => number ) =>
		results.reduce( ( total, result ) => total + read( result ), 0 );
	// The processor times cover the warm-up, too; so must the number of streams they are shared out over.
	const share = measureMs / ( warmupMs + measureMs );
	const streams = Math.max( 1, sum( ( { streams: one } ) => one ) / share );
	const each = ( key: keyof typeof before ) =>
		( after[ key ] - before[ key ] ) / streams;
	return {
		streamsPerSecond: sum( ( { streamsPerSecond } ) => streamsPerSecond ),
		failed: sum( ( { failed } ) => failed ),
		firstFault: results.find( ( result ) => result.firstFault )?.firstFault,
		cpu: {
			proxies: each( 'proxies' ),
			redis: each( 'redis' ),
			provider: each( 'provider' ),
			load: each( 'load' ),
		},
	};
}

function describeScaling( one: Measured, all: Measured ): Figure[] {
	const cores = availableParallelism();
	const parts = ( { cpu }: Measured ) =>
		Object.entries( cpu )
			.map( ( [ who, ms ] ) => `${ who } ${ ms.toFixed( 2 ) }` )
			.join( ', ' );
	const total = Object.values( all.cpu ).reduce( ( sum, ms ) => sum + ms, 0 );
	const ceiling = ( cores * 1_000 ) / total;
	return [
		{
			id: 'scaling.one',
			title: 'streams: one proxy on Redis, not pinned',
			value: one.streamsPerSecond,
			unit: '/s',
			note: `processor ms a stream: ${ parts( one ) }`,
		},
		{
			id: 'scaling.four',
			title: 'streams: four proxies on one Redis, not pinned',
			value: all.streamsPerSecond,
			unit: '/s',
			note: `processor ms a stream: ${ parts( all ) }; ${ cores } cores carry ${ Math.round( ceiling ) }/s at that`,
		},
		{
			id: 'scaling.failed',
			title: 'failed streams on Redis',
			value: one.failed + all.failed,
			unit: '',
			target: { kind: 'at most', value: 0 },
			note: ( one.firstFault ?? all.firstFault ?? '' ).slice( 0, 300 ),
		},
		{
			id: 'scaling.ratio',
			title: `four proxies beside one, on ${ cores } cores that load, provider and Redis share`,
			value: all.streamsPerSecond / one.streamsPerSecond,
			unit: '×',
			target: { kind: 'at least', value: TIMES_ONE },
			note: 'below the target the cores are the bottleneck when four reach what the cores carry',
		},
	];
}

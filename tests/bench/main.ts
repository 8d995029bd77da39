/**
 * Runs the bench (`npm run bench`) and prints every figure beside its target.
 *
 * `--quick` takes about a minute; `--only streams,first-word,stop,memory,page,calls,ledger,redis,relay,voice` leaves the rest out; `--check` fails when a target
 * is missed; `--profile` writes a processor profile of the proxy under load to `.docent/bench`.
 */
import { parseArgs } from 'node:util';
import { nextFreePort } from '../../dev/ports.ts';
import { stopProcess } from '../../dev/processes.ts';
import { inProject } from '../../dev/project.ts';
import { say, step } from '../../dev/terminal.ts';
import { startSimulatedProvider } from '../support/simulated-provider/index.ts';
import { measureCallLog } from './calls.ts';
import { measureBurst } from './burst.ts';
import type { Contestant } from './contestant.ts';
import { startDocent, type Docent } from './docent.ts';
import { type Figure, formatFigures, isMet, writeRecord } from './figures.ts';
import { measureFirstWord } from './first-word.ts';
import { measureLedger } from './ledger.ts';
import { runLoad } from './load.ts';
import { canPin, describeMachine, LOAD_CORE, pinSelf } from './machine.ts';
import { measureJsonAnswers } from './json-answers.ts';
import { measureMemory } from './memory.ts';
import { weighPage } from './page-weight.ts';
import {
	startBareNode,
	startHono,
	startPortkey,
	startUpstream,
} from './servers/comparisons.ts';
import { benchDir } from './servers/processes.ts';
import { measureScaling } from './scaling.ts';
import { measureHangUps, measureStopLatency } from './stop-latency.ts';
import { measureRedisLedger } from './redis.ts';
import { allowCalls, measureCalls, measureRelayDelay } from './relay.ts';
import { measureStreams } from './streams.ts';
import { measureVoice } from './voice.ts';

/** Ports are looked for from here on. */
const FIRST_PORT = 9_501;

const ports: number[] = [];
for ( let count = 0; count < 5; count++ ) {
	ports.push(
		await nextFreePort( ( ports.at( -1 ) ?? FIRST_PORT - 1 ) + 1 )
	);
}
const [
	upstreamPort = 0,
	bareNodePort = 0,
	honoPort = 0,
	portkeyPort = 0,
	docentPort = 0,
] = ports;
const RECORD = inProject( '.docent', 'bench.json' );

const { values: options } = parseArgs( {
	options: {
		quick: { type: 'boolean', default: false },
		only: { type: 'string' },
		check: { type: 'boolean', default: false },
		profile: { type: 'boolean', default: false },
	},
} );
const isQuick = options.quick;
const isWanted = ( part: string ): boolean =>
	options.only === undefined || options.only.split( ',' ).includes( part );

/** Measures throughput and added latency with the zero-latency provider. */
async function measureServers(): Promise< Figure[] > {
	const running: Contestant[] = [];
	const upstream = await startUpstream( upstreamPort );
	const { origin } = upstream;
	try {
		const direct = await step( 'Starting the bare node:http server', () =>
			startBareNode( bareNodePort )
		);
		running.push( direct );
		const servers: Contestant[] = [];
		for ( const [ name, start ] of [
			[ 'the Hono pass-through', () => startHono( honoPort, origin ) ],
			[ "Portkey's gateway", () => startPortkey( portkeyPort, origin ) ],
			[
				'the proxy',
				() =>
					startDocent( {
						port: docentPort,
						upstreamOrigin: origin,
					} ),
			],
		] as Array< [ string, () => Promise< Contestant > ] > ) {
			const server = await step( `Starting ${ name }`, start );
			running.push( server );
			servers.push( server );
		}
		const figures: Figure[] = [];
		if ( isWanted( 'first-word' ) ) {
			figures.push(
				...( await step( 'Timing the first word', ( report ) =>
					measureFirstWord( direct, servers, {
						runs: 3,
						questions: isQuick ? 150 : 500,
						report,
					} )
				) )
			);
		}
		const [ docent, portkey ] = [ 'docent', 'portkey' ].map( ( id ) =>
			servers.find( ( server ) => server.id === id )
		);
		if ( isWanted( 'json' ) && docent && portkey ) {
			figures.push(
				...( await step( 'Counting answers as JSON', () =>
					measureJsonAnswers( docent as Docent, portkey, {
						runs: 3,
						warmupMs: isQuick ? 500 : 1_500,
						measureMs: isQuick ? 1_500 : 4_000,
						upstreamOrigin: origin,
					} )
				) )
			);
		}
		if ( isWanted( 'streams' ) ) {
			figures.push(
				...( await step( 'Counting streams a second', ( report ) =>
					measureStreams( [ direct, ...servers ], {
						runs: 3,
						warmupMs: isQuick ? 500 : 1_500,
						measureMs: isQuick ? 1_500 : 5_000,
						upstreamPid: upstream.child.pid ?? 0,
						report,
					} )
				) )
			);
		}
		return figures;
	} finally {
		for ( const { child } of running ) {
			await stopProcess( child );
		}
		await stopProcess( upstream.child );
	}
}

/** Measures stopping and memory with a provider that talks slowly. */
async function measureOpenAnswers(): Promise< Figure[] > {
	const provider = await startSimulatedProvider( { port: upstreamPort } );
	const docent = await startDocent( {
		port: docentPort,
		upstreamOrigin: `http://127.0.0.1:${ provider.port }`,
	} );
	try {
		const figures: Figure[] = [];
		if ( isWanted( 'memory' ) ) {
			figures.push(
				...( await step( 'Holding 1,000 answers open', () =>
					measureMemory( docent, provider, {
						streams: 1_000,
						holdMs: isQuick ? 3_000 : 10_000,
					} )
				) )
			);
		}
		if ( isWanted( 'stop' ) ) {
			figures.push(
				...( await step( 'Stopping answers', () =>
					measureStopLatency( docent, provider, isQuick ? 40 : 200 )
				) )
			);
			if ( ! isQuick ) {
				figures.push(
					...( await step( 'Hanging up on answers', () =>
						measureHangUps( docent, provider, 50 )
					) )
				);
			}
		}
		return figures;
	} finally {
		await stopProcess( docent.child );
		await provider.close();
	}
}

/** Relays live conversations: frames that come straight back, then two hundred conversations. */
async function measureRelay(): Promise< Figure[] > {
	const figures: Figure[] = [];
	for ( const isEcho of [ true, false ] ) {
		const upstream = await startUpstream(
			upstreamPort,
			isEcho ? [ '--echo' ] : []
		);
		const docent = await startDocent( {
			port: docentPort,
			upstreamOrigin: upstream.origin,
		} );
		try {
			await allowCalls( docent );
			figures.push(
				...( isEcho
					? await step( 'Relaying frames there and back', () =>
							measureRelayDelay( docent, upstreamPort, {
								calls: 10,
								frames: isQuick ? 200 : 600,
							} )
						)
					: await step( 'Holding 200 live conversations', () =>
							measureCalls( docent, {
								calls: 200,
								holdMs: isQuick ? 8_000 : 20_000,
							} )
						) )
			);
		} finally {
			await stopProcess( docent.child );
			await stopProcess( upstream.child );
		}
	}
	return figures;
}

/** Sends one burst through the proxy and one through a gateway with a limiter after the fact. */
async function measureBursts(): Promise< Figure[] > {
	const provider = await startSimulatedProvider( { port: upstreamPort } );
	const origin = `http://127.0.0.1:${ provider.port }`;
	const docent = await startDocent( {
		port: docentPort,
		upstreamOrigin: origin,
	} );
	const portkey = await startPortkey( portkeyPort, origin );
	try {
		return await step( 'Asking 500 questions at once', () =>
			measureBurst( { docent, portkey, provider }, 500 )
		);
	} finally {
		await stopProcess( docent.child );
		await stopProcess( portkey.child );
		await provider.close();
	}
}

/** Writes a processor profile of the proxy under load. */
async function profile(): Promise< void > {
	const upstream = await startUpstream( upstreamPort );
	const docent = await startDocent( {
		port: docentPort,
		upstreamOrigin: upstream.origin,
		nodeArgs: [ '--cpu-prof', `--cpu-prof-dir=${ benchDir }` ],
	} );
	const result = await runLoad( docent, {
		connections: 64,
		warmupMs: 2_000,
		measureMs: isQuick ? 4_000 : 10_000,
	} );
	say(
		`${ Math.round( result.streamsPerSecond ) } streams/s while profiled`
	);
	await stopProcess( docent.child, 20_000 );
	await stopProcess( upstream.child );
}

if ( options.profile ) {
	pinSelf( LOAD_CORE );
	await profile();
	process.exit( 0 );
}

const startedAt = new Date().toISOString();
if ( ! canPin ) {
	say(
		'This machine cannot pin processes to cores: figures vary more than usual.'
	);
}
const machine = describeMachine();
const figures: Figure[] = [];
// Before this process is pinned, because whatever it starts afterwards is pinned with it.
if ( isWanted( 'scaling' ) ) {
	const upstream = await startUpstream( upstreamPort );
	figures.push(
		...( await step( 'Putting four proxies on one Redis', () =>
			measureScaling( {
				ports: [ bareNodePort, honoPort, portkeyPort, docentPort ],
				upstreamOrigin: upstream.origin,
				upstreamPid: upstream.child.pid ?? 0,
				warmupMs: 1_500,
				measureMs: isQuick ? 2_000 : 6_000,
			} )
		) )
	);
	await stopProcess( upstream.child );
}
if ( isWanted( 'voice' ) ) {
	figures.push(
		...( await step( 'Speaking with the assistant', ( report ) =>
			measureVoice( { runs: isQuick ? 10 : 30, report } )
		) )
	);
}
pinSelf( LOAD_CORE );
if ( isWanted( 'page' ) ) {
	figures.push( ...weighPage() );
}
if ( isWanted( 'calls' ) ) {
	figures.push(
		...( await step( 'Reading a long call log', async ( report ) => [
			...( await measureCallLog( {
				kind: 'SQLite',
				calls: isQuick ? 200_000 : 1_000_000,
				report,
			} ) ),
			...( await measureCallLog( {
				kind: 'Redis',
				calls: isQuick ? 20_000 : 200_000,
				report,
			} ) ),
		] ) )
	);
}
if ( isWanted( 'ledger' ) ) {
	figures.push(
		...( await step( 'Reserving and settling', ( report ) =>
			measureLedger( {
				runs: 3,
				measureMs: isQuick ? 1_000 : 4_000,
				asks: isQuick ? 1_500 : 8_000,
				report,
			} )
		) )
	);
}
if ( isWanted( 'redis' ) ) {
	figures.push(
		...( await step( 'Reserving and settling in Redis', ( report ) =>
			measureRedisLedger( {
				runs: 3,
				measureMs: isQuick ? 1_000 : 3_000,
				report,
			} )
		) )
	);
}
if ( isWanted( 'relay' ) ) {
	figures.push( ...( await measureRelay() ) );
}
if ( isWanted( 'burst' ) ) {
	figures.push( ...( await measureBursts() ) );
}
if ( isWanted( 'memory' ) || isWanted( 'stop' ) ) {
	figures.push( ...( await measureOpenAnswers() ) );
}
if ( isWanted( 'first-word' ) || isWanted( 'streams' ) || isWanted( 'json' ) ) {
	figures.push( ...( await measureServers() ) );
}
writeRecord( RECORD, { startedAt, isQuick, machine, figures } );
const missed = figures.filter( ( figure ) => isMet( figure ) === false ).length;
say();
say( formatFigures( figures ) );
say();
say(
	`${ missed === 0 ? 'Every target is met' : `${ missed } target(s) missed` }. Written to .docent/bench.json.`
);
process.exit( options.check && missed > 0 ? 1 : 0 );

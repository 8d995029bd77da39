/**
 * Measures how much later the first word of an answer arrives through a server than straight from the provider, one question at a time.
 */
import type { Contestant } from './contestant.ts';
import type { Figure } from './figures.ts';
import { median, percentile } from './load.ts';
import { openRawConnection } from './raw-connection.ts';

const TARGETS = { p50: 1, p99: 8 } as const;
/** Every server is asked for so long before it is measured, as any that has been up for a while was; in milliseconds. */
const WARMUP_MS = 3_000;

/** Asks in turns, direct and through each server, so that both see the same machine. */
export async function measureFirstWord(
	direct: Contestant,
	servers: Contestant[],
	options: { runs: number; questions: number; report( detail: string ): void }
): Promise< Figure[] > {
	const added = new Map< string, { p50: number[]; p99: number[] } >();
	for ( let run = 0; run < options.runs; run++ ) {
		options.report( `run ${ run + 1 } of ${ options.runs }` );
		const times = await alternate(
			[ direct, ...servers ],
			run === 0 ? WARMUP_MS : 0,
			options.questions
		);
		const base = times.get( direct.id ) ?? [];
		for ( const { id } of servers ) {
			const own = times.get( id ) ?? [];
			const entry = added.get( id ) ?? { p50: [], p99: [] };
			entry.p50.push( percentile( own, 0.5 ) - percentile( base, 0.5 ) );
			entry.p99.push( percentile( own, 0.99 ) - percentile( base, 0.5 ) );
			added.set( id, entry );
		}
	}
	return servers.flatMap( ( { id, title } ) =>
		( [ 'p50', 'p99' ] as const ).map( ( share ): Figure => {
			const runs = added.get( id )?.[ share ] ?? [];
			return {
				id: `first-word.${ share }.${ id }`,
				title: `time to first word added, ${ share }: ${ title }`,
				value: median( runs ),
				unit: 'ms',
				runs,
				...( id === 'docent'
					? { target: { kind: 'at most', value: TARGETS[ share ] } }
					: {} ),
			};
		} )
	);
}

/** Asks every server once a round and returns the times of each, in milliseconds. */
async function alternate(
	servers: Contestant[],
	warmupMs: number,
	questions: number
): Promise< Map< string, number[] > > {
	const lanes = servers.map( ( server ): Lane => ( {
		server,
		connection: openRawConnection( server.port ),
		dialogue: server.startDialogue(),
		previous: undefined,
		times: [],
	} ) );
	for ( const lane of lanes ) {
		const endsAtMs = performance.now() + warmupMs;
		while ( performance.now() < endsAtMs ) {
			await askOnce( lane );
		}
	}
	for ( let round = 0; round < questions; round++ ) {
		for ( const lane of lanes ) {
			lane.times.push( await askOnce( lane ) );
		}
	}
	for ( const { connection } of lanes ) {
		connection.close();
	}
	return new Map(
		lanes.map( ( { server, times } ) => [ server.id, times ] )
	);
}

/** A server with its connection and where its conversation stands. */
interface Lane {
	server: Contestant;
	connection: ReturnType< typeof openRawConnection >;
	dialogue: ReturnType< Contestant[ 'startDialogue' ] >;
	previous: string | undefined;
	times: number[];
}

/** Asks one question to its end and returns when its first word came, in milliseconds. */
async function askOnce( lane: Lane ): Promise< number > {
	const request = lane.dialogue( lane.previous );
	const startedAtMs = performance.now();
	let firstWordMs: number | undefined;
	lane.previous = await new Promise< string >( ( resolve, reject ) =>
		lane.connection.exchange(
			request,
			( { status, text } ) => {
				const fault = lane.server.faultOf( text );
				if ( status === 200 && fault === undefined ) {
					resolve( text );
				} else {
					reject(
						new Error(
							`${ lane.server.title }: ${ fault } (${ status }): ${ text.slice( -300 ) }`
						)
					);
				}
			},
			( bytes ) => {
				if (
					firstWordMs === undefined &&
					bytes.includes( lane.server.firstWordMark )
				) {
					firstWordMs = performance.now() - startedAtMs;
				}
			}
		)
	);
	if ( firstWordMs === undefined ) {
		throw new Error( `${ lane.server.title }: an answer without a word` );
	}
	return firstWordMs;
}

/**
 * Measures how much later the first word of an answer arrives through a server than straight from the provider, one question at a time.
 */
import type { Contestant } from './contestant.ts';
import type { Figure } from './figures.ts';
import { median, percentile } from './load.ts';
import { openRawConnection } from './raw-connection.ts';

const TARGETS = { p50: 1, p99: 8 } as const;
const WARMUP = 200;

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
			run === 0 ? WARMUP : WARMUP / 4,
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
	warmup: number,
	questions: number
): Promise< Map< string, number[] > > {
	const lanes = servers.map( ( server ) => ( {
		server,
		connection: openRawConnection( server.port ),
		dialogue: server.startDialogue(),
		previous: undefined as string | undefined,
		times: [] as number[],
	} ) );
	for ( let round = 0; round < warmup + questions; round++ ) {
		for ( const lane of lanes ) {
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
			if ( round >= warmup && firstWordMs !== undefined ) {
				lane.times.push( firstWordMs );
			}
		}
	}
	for ( const { connection } of lanes ) {
		connection.close();
	}
	return new Map(
		lanes.map( ( { server, times } ) => [ server.id, times ] )
	);
}

/**
 * Measures how much later the first word of an answer arrives through a server than straight from the provider, one question at a time: back to
 * back, as a server with visitors sees them, and after pauses, when the processor has gone to sleep in between.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Contestant } from './contestant.ts';
import type { Figure } from './figures.ts';
import { median, percentile } from './load.ts';
import { openRawConnection } from './raw-connection.ts';

const TARGETS = { p50: 1, p99: 8 } as const;

/** Every server is asked for so long before it is measured, as any that has been up for a while was; in milliseconds. */
const WARMUP_MS = 3_000;

/** The servers take turns, so that all see the same machine: so many questions a turn. */
const QUESTIONS_A_TURN = 25;
const PAUSE_MS = 25;

type Times = Map< string, number[] >;

/** Asks in turns, direct and through each server. */
export async function measureFirstWord(
	direct: Contestant,
	servers: Contestant[],
	options: { runs: number; questions: number; report( detail: string ): void }
): Promise< Figure[] > {
	const lanes = [ direct, ...servers ].map( openLane );
	for ( const lane of lanes ) {
		const endsAtMs = performance.now() + WARMUP_MS;
		while ( performance.now() < endsAtMs ) {
			await askOnce( lane );
		}
	}
	const runs: Array< { backToBack: Times; paused: Times } > = [];
	for ( let run = 0; run < options.runs; run++ ) {
		options.report( `run ${ run + 1 } of ${ options.runs }` );
		runs.push( {
			backToBack: await takeTurns( lanes, options.questions, 0 ),
			paused: await takeTurns( lanes, options.questions / 4, PAUSE_MS ),
		} );
	}
	for ( const { connection } of lanes ) {
		connection.close();
	}
	const added = ( times: Times, id: string, share: number ) =>
		percentile( times.get( id ) ?? [], share ) -
		percentile( times.get( direct.id ) ?? [], 0.5 );
	return servers.flatMap( ( { id, title } ): Figure[] => {
		const paused = runs.map( ( run ) => added( run.paused, id, 0.5 ) );
		return [
			...( [ 'p50', 'p99' ] as const ).map( ( share ): Figure => {
				const values = runs.map( ( run ) =>
					added( run.backToBack, id, share === 'p50' ? 0.5 : 0.99 )
				);
				return {
					id: `first-word.${ share }.${ id }`,
					title: `time to first word added, ${ share }: ${ title }`,
					value: median( values ),
					unit: 'ms',
					runs: values,
					...( id === 'docent'
						? {
								target: {
									kind: 'at most',
									value: TARGETS[ share ],
								},
							}
						: {} ),
				};
			} ),
			{
				id: `first-word.paused.${ id }`,
				title: `time to first word added after pauses, p50: ${ title }`,
				value: median( paused ),
				unit: 'ms',
				runs: paused,
			},
		];
	} );
}

/** Asks every server in turns and returns the times of each, in milliseconds. */
async function takeTurns(
	lanes: Lane[],
	questions: number,
	pauseMs: number
): Promise< Times > {
	const times: Times = new Map(
		lanes.map( ( { server } ) => [ server.id, [] ] )
	);
	for ( let asked = 0; asked < questions; asked += QUESTIONS_A_TURN ) {
		for ( const lane of lanes ) {
			// The first one after somebody else's turn finds everything cold.
			await askOnce( lane );
			for ( let index = 0; index < QUESTIONS_A_TURN; index++ ) {
				if ( pauseMs > 0 ) {
					await delay( pauseMs );
				}
				times.get( lane.server.id )?.push( await askOnce( lane ) );
			}
		}
	}
	return times;
}

function openLane( server: Contestant ): Lane {
	return {
		server,
		connection: openRawConnection( server.port ),
		dialogue: server.startDialogue(),
		previous: undefined,
	};
}

/** A server with its connection and where its conversation stands. */
interface Lane {
	server: Contestant;
	connection: ReturnType< typeof openRawConnection >;
	dialogue: ReturnType< Contestant[ 'startDialogue' ] >;
	previous: string | undefined;
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

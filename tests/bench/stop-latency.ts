/**
 * Measures how soon the provider's call ends after a visitor has stopped the answer: for every one of many running answers.
 */
import { mintToken, SITE_ORIGIN } from '../support/proxy/credentials.ts';
import {
	type JournalEntry,
	preciseNowMs,
	type SimulatedProvider,
} from '../support/simulated-provider/index.ts';
import type { Docent } from './docent.ts';
import type { Figure } from './figures.ts';
import { percentile } from './load.ts';
import { questionAt } from './knowledge.ts';
import {
	openRawConnection,
	type RawConnection,
	requestBytes,
} from './raw-connection.ts';

/** Opens the text that `longText` makes: an answer that quotes the site instead is not what is measured. */
const FIRST_WORD = 'word0';
const MAX_MS = 50;
const WAIT_MS = 5_000;
/** How long an answer goes on for a visitor who may come back. */
const GRACE_MS = 15_000;

/** An answer that has begun and goes on. */
export interface OpenTurn {
	question: string;
	token: string;
	turnId: string;
	reading: RawConnection;
}

/** Opens a turn and resolves once its first words have come. */
export function openTurn(
	docent: Docent,
	question: string
): Promise< OpenTurn > {
	const token = mintToken();
	const reading = openRawConnection( docent.port );
	return new Promise( ( resolve, reject ) => {
		let isOpen = false;
		reading.exchange(
			docent.visitorRequest( 'POST', '/v1/ask', token, { question } ),
			( { text } ) => {
				if ( ! isOpen ) {
					reject(
						new Error(
							`The answer ended early: ${ text.slice( -300 ) }`
						)
					);
				}
			},
			( bytes ) => {
				if ( ! isOpen && bytes.includes( FIRST_WORD ) ) {
					isOpen = true;
					resolve( {
						question,
						token,
						turnId:
							/"turnId":"(\w+)"/.exec(
								bytes.toString()
							)?.[ 1 ] ?? '',
						reading,
					} );
				}
			}
		);
	} );
}

/** Stops a turn the way the button does, or by the beacon of a page that goes away; resolves with the time of the request. */
export function stopTurn(
	docent: Docent,
	turn: OpenTurn,
	how: 'delete' | 'beacon'
): Promise< number > {
	const connection = openRawConnection( docent.port );
	const request =
		how === 'delete'
			? docent.visitorRequest(
					'DELETE',
					`/v1/turns/${ turn.turnId }`,
					turn.token
				)
			: requestBytes( {
					method: 'POST',
					path: `/v1/turns/${ turn.turnId }/stop`,
					// As `navigator.sendBeacon` sends it: no token in a header, no JSON type.
					headers: {
						origin: SITE_ORIGIN,
						'content-type': 'text/plain',
					},
					body: { token: turn.token },
				} );
	const sentAtMs = preciseNowMs();
	return new Promise( ( resolve, reject ) => {
		connection.exchange( request, ( { status, text } ) => {
			connection.close();
			if ( status === 204 ) {
				resolve( sentAtMs );
			} else {
				reject(
					new Error( `Stopping failed: ${ text.slice( 0, 300 ) }` )
				);
			}
		} );
	} );
}

/** Opens `count` answers at once, stops each, and reads from the provider's journal when each call was aborted. */
export async function measureStopLatency(
	docent: Docent,
	provider: SimulatedProvider,
	count: number
): Promise< Figure[] > {
	const latencies: number[] = [];
	provider.reset();
	provider.setDefault( { chunks: 100, chunkDelayMs: 50, text: longText() } );
	const turns = await Promise.all(
		Array.from( { length: count }, ( _value, index ) =>
			openTurn( docent, questionAt( 1_000_000 + index ) )
		)
	);
	for ( const [ index, turn ] of turns.entries() ) {
		const sentAtMs = await stopTurn(
			docent,
			turn,
			index % 2 === 0 ? 'delete' : 'beacon'
		);
		const entry = await provider.journal
			.waitFor(
				( candidate ) =>
					asksFor( candidate, turn.question ) &&
					candidate.abortedAtMs !== undefined,
				WAIT_MS
			)
			.catch( () => undefined );
		latencies.push( ( entry?.abortedAtMs ?? Infinity ) - sentAtMs );
		turn.reading.close();
	}
	const inTime = latencies.filter( ( ms ) => ms <= MAX_MS ).length;
	return [
		{
			id: 'stop.share',
			title: `stopped answers whose upstream call ended within ${ MAX_MS } ms`,
			value: ( 100 * inTime ) / count,
			unit: '%',
			target: { kind: 'at least', value: 100 },
			note: `${ inTime } of ${ count }`,
		},
		{
			id: 'stop.slowest',
			title: 'stop to upstream abort, slowest',
			value: Math.max( ...latencies ),
			unit: 'ms',
			target: { kind: 'at most', value: MAX_MS },
			note: `p50 ${ percentile( latencies, 0.5 ).toFixed( 1 ) } ms`,
		},
	];
}

/** Opens answers and hangs up on all: after the grace in which a visitor may come back, the provider's calls must end. */
export async function measureHangUps(
	docent: Docent,
	provider: SimulatedProvider,
	count: number
): Promise< Figure[] > {
	provider.reset();
	provider.setDefault( {
		chunks: 100,
		chunkDelayMs: 1_000,
		text: longText(),
	} );
	const turns = await Promise.all(
		Array.from( { length: count }, ( _value, index ) =>
			openTurn( docent, questionAt( 3_000_000 + index ) )
		)
	);
	const lateness = await Promise.all(
		turns.map( async ( turn ) => {
			const leftAtMs = preciseNowMs();
			turn.reading.close();
			const entry = await provider.journal
				.waitFor(
					( candidate ) =>
						asksFor( candidate, turn.question ) &&
						candidate.abortedAtMs !== undefined,
					GRACE_MS + WAIT_MS
				)
				.catch( () => undefined );
			return ( entry?.abortedAtMs ?? Infinity ) - leftAtMs - GRACE_MS;
		} )
	);
	return [
		{
			id: 'hang-up.slowest',
			title: 'hang-up to upstream abort, beyond the grace of 15 s, slowest',
			value: Math.max( ...lateness ),
			unit: 'ms',
			note: `${ count } answers`,
		},
	];
}

/** Text for a hundred chunks. */
export function longText(): string {
	return Array.from( { length: 120 }, ( _value, n ) => `word${ n } ` ).join(
		''
	);
}

function asksFor( entry: JournalEntry, question: string ): boolean {
	return JSON.stringify( entry.body ).includes( question );
}

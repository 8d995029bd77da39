/**
 * Puts a closed loop of load on a server: each connection asks again as soon as it has its answer.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Contestant } from './contestant.ts';
import { cpuMs } from './machine.ts';
import { openRawConnection, type RawConnection } from './raw-connection.ts';

/** What one run of load found. */
export interface LoadResult {
	streamsPerSecond: number;
	/** Processor time of the server for one stream, in milliseconds: barely moved by what else the machine does. */
	cpuMsPerStream: number | undefined;
	p50Ms: number;
	p99Ms: number;
	streams: number;
	failed: number;
	firstFault: string | undefined;
}

/** Returns the value below which `share` of the values lie. */
export function percentile( values: number[], share: number ): number {
	const sorted = [ ...values ].sort( ( a, b ) => a - b );
	return (
		sorted[
			Math.min( sorted.length - 1, Math.floor( sorted.length * share ) )
		] ?? NaN
	);
}

/** Returns the middle value. */
export function median( values: number[] ): number {
	return percentile( values, 0.5 );
}

/** Runs load for `warmupMs` and then counts for `measureMs`. */
export async function runLoad(
	contestant: Contestant,
	options: { connections: number; warmupMs: number; measureMs: number }
): Promise< LoadResult > {
	const { pid = 0 } = contestant.child;
	let tookMs: number[] = [];
	let failed = 0;
	let firstFault: string | undefined;
	let isRunning = true;

	const keepAsking = ( connection: RawConnection ): void => {
		const dialogue = contestant.startDialogue();
		const ask = ( previous: string | undefined ): void => {
			const startedAtMs = performance.now();
			connection.exchange( dialogue( previous ), ( { status, text } ) => {
				const fault =
					status === 200
						? contestant.faultOf( text )
						: `status ${ status }`;
				if ( fault === undefined ) {
					tookMs.push( performance.now() - startedAtMs );
				} else {
					failed++;
					firstFault ??= `${ fault }: ${ text.slice( -300 ) }`;
				}
				if ( isRunning ) {
					// After a fault the next try waits for the event loop, so that a dead server cannot spin this one.
					setImmediate( ask, fault === undefined ? text : undefined );
				}
			} );
		};
		ask( undefined );
	};

	const connections = Array.from( { length: options.connections }, () =>
		openRawConnection( contestant.port )
	);
	connections.forEach( keepAsking );
	await delay( options.warmupMs );
	tookMs = [];
	failed = 0;
	const startedAtMs = performance.now();
	const cpuAtStartMs = cpuMs( pid );
	await delay( options.measureMs );
	const seconds = ( performance.now() - startedAtMs ) / 1_000;
	const cpuAtEndMs = cpuMs( pid );
	isRunning = false;
	const streams = tookMs.length;
	for ( const connection of connections ) {
		connection.close();
	}
	return {
		streamsPerSecond: streams / seconds,
		cpuMsPerStream:
			cpuAtStartMs === undefined || cpuAtEndMs === undefined
				? undefined
				: ( cpuAtEndMs - cpuAtStartMs ) /
					Math.max( 1, streams + failed ),
		p50Ms: percentile( tookMs, 0.5 ),
		p99Ms: percentile( tookMs, 0.99 ),
		streams,
		failed,
		firstFault,
	};
}

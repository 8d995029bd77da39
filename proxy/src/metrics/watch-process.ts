/**
 * Measures the process itself at every scrape: memory, processor time, and how late its event loop was.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Metrics } from './metrics.ts';

/** How often the event loop is looked at, in milliseconds. */
const RESOLUTION_MS = 20;

/** Adds the metrics of the process. The event loop is watched from the first scrape on: a proxy that nobody scrapes wakes up for nothing. */
export function watchProcess( metrics: Metrics, version: string ): void {
	let delay: ReturnType< typeof monitorEventLoopDelay > | undefined;
	let cpu: NodeJS.CpuUsage | undefined;
	const startedAt = Date.now() / 1_000 - process.uptime();

	metrics.onScrape( () => {
		metrics.set( 'docent_build_info', { version }, 1 );
		metrics.set( 'docent_process_start_time_seconds', {}, startedAt );
		const { rss, heapUsed } = process.memoryUsage();
		metrics.set( 'docent_process_resident_memory_bytes', {}, rss );
		metrics.set( 'docent_process_heap_used_bytes', {}, heapUsed );

		const total = process.cpuUsage();
		const before = cpu ?? { user: 0, system: 0 };
		cpu = total;
		metrics.count(
			'docent_process_cpu_seconds_total',
			{},
			( total.user + total.system - before.user - before.system ) /
				1_000_000
		);

		if ( delay ) {
			for ( const [ stat, nanoseconds ] of [
				[ 'p50', delay.percentile( 50 ) ],
				[ 'p99', delay.percentile( 99 ) ],
				[ 'max', delay.max ],
			] as const ) {
				// The histogram measures the whole interval, of which the resolution was meant to pass.
				const lag = nanoseconds / 1e9 - RESOLUTION_MS / 1_000;
				metrics.set(
					'docent_event_loop_lag_seconds',
					{ stat },
					Math.max( 0, lag )
				);
			}
			delay.reset();
		} else {
			delay = monitorEventLoopDelay( { resolution: RESOLUTION_MS } );
			delay.enable();
		}
	} );
}

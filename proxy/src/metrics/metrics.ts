/**
 * Counts and measures what the proxy does, for Prometheus.
 */
import prometheus from 'prom-client';
import {
	METRICS,
	type CounterName,
	type GaugeName,
	type HistogramName,
	type LabelsOf,
	type MetricDefinition,
} from './table.ts';

/** Labels whose values come from configuration keep so many values; the rest counts as `other`. */
const MAX_VALUES = 100;

/** Labels whose values are not a fixed list in the code. */
const OPEN_LABELS = new Set( [ 'site', 'model', 'provider', 'target' ] );

/** How long a scrape waits for what has to be asked first, in milliseconds. */
const COLLECT_MS = 1_500;

/** Takes what happens and writes it down in Prometheus's text format. */
export interface Metrics {
	/** Adds to a counter, 1 unless told. */
	count< Name extends CounterName >(
		name: Name,
		labels: LabelsOf< Name >,
		amount?: number
	): void;
	/** Measures a value in a histogram. */
	observe< Name extends HistogramName >(
		name: Name,
		labels: LabelsOf< Name >,
		value: number
	): void;
	/** Sets a gauge. */
	set< Name extends GaugeName >(
		name: Name,
		labels: LabelsOf< Name >,
		value: number
	): void;
	/** Forgets all values of a gauge, before they are set anew. */
	clear( name: GaugeName ): void;
	/** Calls `collect` before every scrape, for gauges that are cheaper to read than to keep. It may fail or be slow: the scrape goes on. */
	onScrape( collect: () => void | Promise< void > ): void;
	/** Writes everything down. */
	render(): Promise< { contentType: string; text: string } >;
}

/** Makes the metrics of one proxy, apart from those of any other in the same process. */
export function createMetrics( {
	collectMs = COLLECT_MS,
}: { collectMs?: number } = {} ): Metrics {
	const registry = new prometheus.Registry();
	const counters = new Map< string, prometheus.Counter >();
	const gauges = new Map< string, prometheus.Gauge >();
	const histograms = new Map< string, prometheus.Histogram >();
	for ( const [ name, definition ] of Object.entries< MetricDefinition >(
		METRICS
	) ) {
		const options = {
			name,
			help: definition.help,
			labelNames: [ ...definition.labels ],
			registers: [ registry ],
		};
		if ( definition.type === 'counter' ) {
			counters.set( name, new prometheus.Counter( options ) );
		} else if ( definition.type === 'gauge' ) {
			gauges.set( name, new prometheus.Gauge( options ) );
		} else {
			histograms.set(
				name,
				new prometheus.Histogram( {
					...options,
					buckets: [ ...( definition.buckets ?? [] ) ],
				} )
			);
		}
	}

	const seen = new Map< string, Set< string > >();
	const bounded = ( labels: Record< string, string > ) => {
		for ( const label of Object.keys( labels ) ) {
			if ( ! OPEN_LABELS.has( label ) ) {
				continue;
			}
			const values = seen.get( label ) ?? new Set();
			seen.set( label, values );
			const value = labels[ label ] as string;
			if ( ! values.has( value ) ) {
				if ( values.size >= MAX_VALUES ) {
					return { ...labels, [ label ]: 'other' };
				}
				values.add( value );
			}
		}
		return labels;
	};

	const collectors: Array< () => void | Promise< void > > = [];
	const collectAll = async (): Promise< void > => {
		let timer: NodeJS.Timeout | undefined;
		const late = new Promise< void >( ( resolve ) => {
			timer = setTimeout( resolve, collectMs );
		} );
		await Promise.race( [
			Promise.allSettled(
				collectors.map( async ( collect ) => collect() )
			),
			late,
		] );
		clearTimeout( timer );
	};

	return {
		count( name, labels, amount = 1 ) {
			// A counter that is told nonsense must not take the answer down with it.
			if ( amount > 0 && Number.isFinite( amount ) ) {
				counters.get( name )?.inc( bounded( labels ), amount );
			}
		},
		observe( name, labels, value ) {
			if ( Number.isFinite( value ) ) {
				histograms
					.get( name )
					?.observe( bounded( labels ), Math.max( 0, value ) );
			}
		},
		set( name, labels, value ) {
			if ( Number.isFinite( value ) ) {
				gauges.get( name )?.set( bounded( labels ), value );
			}
		},
		clear( name ) {
			gauges.get( name )?.reset();
		},
		onScrape( collect ) {
			collectors.push( collect );
		},
		async render() {
			await collectAll();
			return {
				contentType: registry.contentType,
				text: await registry.metrics(),
			};
		},
	};
}

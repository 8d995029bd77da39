/**
 * The one table of metrics: every name with its type, help, labels and buckets. The dashboard and the alert rules in `proxy/operations/`
 * are tested against it.
 */
import { USAGE_UNITS } from '../ledger/usage.ts';

/** How one metric is made. */
export interface MetricDefinition {
	type: 'counter' | 'gauge' | 'histogram';
	help: string;
	labels: readonly string[];
	/** Upper bounds, in the unit of the name; histograms only. */
	buckets?: readonly number[];
}

const SECONDS = [
	0.01, 0.025, 0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 20, 60,
] as const;
const QUEUE_SECONDS = [
	0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
] as const;
const TOKENS = [
	16, 64, 256, 512, 1_024, 2_048, 4_096, 8_192, 16_384, 65_536, 262_144,
] as const;
/** From a hundred-thousandth of a dollar to one dollar. */
const NANO_USD = [
	10_000, 50_000, 100_000, 500_000, 1_000_000, 5_000_000, 10_000_000,
	50_000_000, 100_000_000, 1_000_000_000,
] as const;

/** Values of the label `unit` of `docent_call_tokens`. */
export const TOKEN_UNITS = USAGE_UNITS.filter(
	( unit ) => unit !== 'seconds' && unit !== 'characters'
);

/** Every metric of the proxy. Label values are bounded: never a visitor, a question, an address or a path. */
export const METRICS = {
	docent_asks_total: {
		type: 'counter',
		help: 'Questions that came to an end, by where the answer came from and how it ended.',
		labels: [ 'cache', 'outcome', 'tier' ],
	},
	docent_ask_first_token_seconds: {
		type: 'histogram',
		help: 'Time from a question to the first word of its answer.',
		labels: [ 'cache', 'tier' ],
		buckets: SECONDS,
	},
	docent_ask_duration_seconds: {
		type: 'histogram',
		help: 'Time from a question to the end of its answer.',
		labels: [ 'cache', 'tier' ],
		buckets: SECONDS,
	},
	docent_calls_total: {
		type: 'counter',
		help: 'Requests to providers, by what they were for and how they ended.',
		labels: [ 'kind', 'provider', 'model', 'outcome' ],
	},
	docent_call_errors_total: {
		type: 'counter',
		help: 'Requests to providers that failed, by the stable code of the failure.',
		labels: [ 'code', 'provider' ],
	},
	docent_call_duration_seconds: {
		type: 'histogram',
		help: 'Time from sending a request to a provider to the end of its reply.',
		labels: [ 'kind', 'provider' ],
		buckets: SECONDS,
	},
	docent_call_queue_seconds: {
		type: 'histogram',
		help: 'Time that requests to a provider waited for their turn.',
		labels: [ 'provider' ],
		buckets: QUEUE_SECONDS,
	},
	docent_call_tokens: {
		type: 'histogram',
		help: 'Tokens of a request to a provider, by the unit they are priced in.',
		labels: [ 'unit' ],
		buckets: TOKENS,
	},
	docent_call_cost_nano_usd: {
		type: 'histogram',
		help: 'What a request to a provider cost, in nano-dollars.',
		labels: [ 'tier' ],
		buckets: NANO_USD,
	},
	docent_spent_nano_usd_total: {
		type: 'counter',
		help: 'What all requests of a site cost, in nano-dollars.',
		labels: [ 'site' ],
	},
	docent_saved_nano_usd_total: {
		type: 'counter',
		help: 'What cached answers of a site would have cost otherwise, in nano-dollars.',
		labels: [ 'site' ],
	},
	docent_refusals_total: {
		type: 'counter',
		help: 'Requests to providers that were not sent for want of money, by reason.',
		labels: [ 'reason' ],
	},
	docent_retries_total: {
		type: 'counter',
		help: 'Requests that were sent again to the same target.',
		labels: [ 'provider' ],
	},
	docent_fallbacks_total: {
		type: 'counter',
		help: 'Requests that the next target took over from one that failed.',
		labels: [ 'tier' ],
	},
	docent_breaker_state: {
		type: 'gauge',
		help: 'The circuit breaker of a target: 0 closed, 1 half open, 2 open.',
		labels: [ 'target' ],
	},
	docent_rate_limited_total: {
		type: 'counter',
		help: 'Requests that came faster than a limit allows, by the limit.',
		labels: [ 'limit' ],
	},
	docent_unpriced_model_total: {
		type: 'counter',
		help: 'Requests that a provider billed in units without a price, so that they count as much as was reserved.',
		labels: [ 'model' ],
	},
	docent_calls_unrecorded_total: {
		type: 'counter',
		help: 'Finished requests that could not be written into the call log.',
		labels: [],
	},
	docent_window_spent_nano_usd: {
		type: 'gauge',
		help: 'What a site has spent in the current day or month, in nano-dollars.',
		labels: [ 'site', 'window' ],
	},
	docent_window_held_nano_usd: {
		type: 'gauge',
		help: 'What is held for the running requests of a site, in nano-dollars.',
		labels: [ 'site', 'window' ],
	},
	docent_window_limit_nano_usd: {
		type: 'gauge',
		help: 'What a site may spend in a day or month, in nano-dollars.',
		labels: [ 'site', 'window' ],
	},
	docent_holds_open: {
		type: 'gauge',
		help: 'Reservations of this process that are neither settled, released nor run out.',
		labels: [],
	},
	docent_holds_expired_total: {
		type: 'counter',
		help: 'Reservations that nobody resolved in time, so that they count in full.',
		labels: [],
	},
	docent_turns_open: {
		type: 'gauge',
		help: 'Questions that are being answered.',
		labels: [],
	},
	docent_live_conversations_open: {
		type: 'gauge',
		help: 'Live conversations of this process, those included whose last call is being settled.',
		labels: [],
	},
	docent_store_up: {
		type: 'gauge',
		help: 'Whether the store can be written: 1 yes, 0 no.',
		labels: [ 'store' ],
	},
	docent_http_requests_total: {
		type: 'counter',
		help: 'HTTP requests, by route and status.',
		labels: [ 'method', 'route', 'status' ],
	},
	docent_http_request_duration_seconds: {
		type: 'histogram',
		help: 'Time until the head of an HTTP response was ready.',
		labels: [ 'route' ],
		buckets: QUEUE_SECONDS,
	},
	docent_event_loop_lag_seconds: {
		type: 'gauge',
		help: 'How late the event loop was since the last scrape.',
		labels: [ 'stat' ],
	},
	docent_process_resident_memory_bytes: {
		type: 'gauge',
		help: 'Resident memory of the process.',
		labels: [],
	},
	docent_process_heap_used_bytes: {
		type: 'gauge',
		help: 'JavaScript heap in use.',
		labels: [],
	},
	docent_process_cpu_seconds_total: {
		type: 'counter',
		help: 'Processor time of the process, user and system.',
		labels: [],
	},
	docent_process_start_time_seconds: {
		type: 'gauge',
		help: 'When the process began, in seconds since the epoch.',
		labels: [],
	},
	docent_build_info: {
		type: 'gauge',
		help: 'Always 1; the label tells the version.',
		labels: [ 'version' ],
	},
} as const satisfies Record< string, MetricDefinition >;

type Table = typeof METRICS;
type NameOf< Type extends MetricDefinition[ 'type' ] > = {
	[ Name in keyof Table ]: Table[ Name ][ 'type' ] extends Type
		? Name
		: never;
}[ keyof Table ];

export type CounterName = NameOf< 'counter' >;
export type GaugeName = NameOf< 'gauge' >;
export type HistogramName = NameOf< 'histogram' >;

/** The labels of a metric, each with its value. */
export type LabelsOf< Name extends keyof Table > = Record<
	Table[ Name ][ 'labels' ][ number ],
	string
>;

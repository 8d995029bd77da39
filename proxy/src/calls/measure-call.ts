/**
 * Counts finished calls and questions in the metrics.
 */
import type { Metrics } from '../metrics/metrics.ts';
import { TOKEN_UNITS } from '../metrics/table.ts';
import type { CallRecord } from '../stores/call-store.ts';
import type { EndedQuestion } from './calls.ts';

/** Names the target of a call. */
export function targetOf( {
	provider,
	model,
}: Pick< CallRecord, 'provider' | 'model' > ): string {
	return `${ provider }/${ model }`;
}

/**
 * Measures a record: as a request to a provider, as money. `failedTarget` is the one that failed just before in the
 * same turn: a retry asks it again, a fallback asks another.
 */
export function measureCall(
	metrics: Metrics,
	record: CallRecord,
	failedTarget?: string
): void {
	const { outcome, siteId: site } = record;
	metrics.count(
		'docent_saved_nano_usd_total',
		{ site },
		record.savedNanoUsd
	);
	if ( outcome === 'no_money' ) {
		metrics.count( 'docent_refusals_total', {
			reason: record.errorKind || 'limit',
		} );
	} else if ( record.model !== '' ) {
		measureRequest( metrics, record, failedTarget );
	}
}

/** Measures a question that has ended, from the visitor's side. */
export function measureQuestion(
	metrics: Metrics,
	{ cache, outcome, tier, firstWordMs, totalMs }: EndedQuestion
): void {
	metrics.count( 'docent_asks_total', { cache, outcome, tier } );
	metrics.observe(
		'docent_ask_duration_seconds',
		{ cache, tier },
		totalMs / 1_000
	);
	if ( firstWordMs !== undefined ) {
		metrics.observe(
			'docent_ask_first_token_seconds',
			{ cache, tier },
			firstWordMs / 1_000
		);
	}
}

/** Measures what was really sent to a provider. */
function measureRequest(
	metrics: Metrics,
	record: CallRecord,
	failedTarget: string | undefined
): void {
	const { kind, provider, model, outcome, tier, usage } = record;
	metrics.count( 'docent_calls_total', { kind, provider, model, outcome } );
	metrics.observe(
		'docent_call_duration_seconds',
		{ kind, provider },
		record.totalMs / 1_000
	);
	metrics.observe(
		'docent_call_queue_seconds',
		{ provider },
		record.queueMs / 1_000
	);
	if ( record.errorKind !== '' ) {
		metrics.count( 'docent_call_errors_total', {
			code: record.errorKind,
			provider,
		} );
	}
	if ( failedTarget === targetOf( record ) ) {
		metrics.count( 'docent_retries_total', { provider } );
	} else if ( failedTarget !== undefined ) {
		metrics.count( 'docent_fallbacks_total', { tier } );
	}
	for ( const unit of TOKEN_UNITS ) {
		const tokens = usage?.[ unit ];
		if ( tokens !== undefined && tokens > 0 ) {
			metrics.observe( 'docent_call_tokens', { unit }, tokens );
		}
	}
	metrics.observe(
		'docent_call_cost_nano_usd',
		{ tier },
		record.costNanoUsd
	);
	metrics.count(
		'docent_spent_nano_usd_total',
		{ site: record.siteId },
		record.costNanoUsd
	);
}

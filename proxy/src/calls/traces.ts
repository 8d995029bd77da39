/**
 * Sends traces to an OpenTelemetry collector, over OTLP as JSON (`POST …/v1/traces`). Loaded only when one is configured.
 *
 * Written by hand rather than with OpenTelemetry's own libraries: a finished call already holds all that a span says, and what is sent is one
 * small document, while those libraries would cost every proxy several megabytes.
 */
import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import type { CallRecord } from '../stores/call-store.ts';
import type { Clock } from '../types.ts';
import { endsQuestion } from './outcomes.ts';
import { callSpan, questionSpan, type Span } from './spans.ts';
import type { TracesConfig } from './traces-config.ts';

/** Spans leave together, so often, in milliseconds, and so many at a time. */
const SEND_EVERY_MS = 5_000;
const MAX_BATCH = 512;

/** More than this many waiting spans are dropped: a collector that is away must not fill the memory. */
const MAX_WAITING = 4_096;

const SEND_TIMEOUT_MS = 5_000;

/** A collector that does not answer is complained about so often, in milliseconds. */
const COMPLAIN_EVERY_MS = 60_000;

/** Of so many running turns it is remembered when they began. */
const MAX_TURNS = 10_000;

/** A question that ended with an error. */
export type FailedQuestion = Pick<
	CallRecord,
	'turnId' | 'siteId' | 'requestId'
>;

/** Takes what becomes spans. */
export interface Traces {
	call( record: CallRecord ): void;
	questionFailed( question: FailedQuestion ): void;
	/** Sends what is waiting. */
	close(): Promise< void >;
}

/** Starts sending traces to a collector. */
export function createTraces( {
	endpoint,
	headers,
	serviceName,
	version,
	clock,
	log,
	sendEveryMs = SEND_EVERY_MS,
}: TracesConfig & {
	version: string;
	clock: Clock;
	log: Logger;
	sendEveryMs?: number;
} ): Traces {
	const url = `${ endpoint.replace( /\/+$/, '' ) }/v1/traces`;
	const startTimes = new LRUCache< string, number >( { max: MAX_TURNS } );
	let waiting: Span[] = [];
	let sending: Promise< void > | undefined;
	let complainedAt = -Infinity;

	const send = async ( spans: Span[] ): Promise< void > => {
		try {
			const response = await fetch( url, {
				method: 'POST',
				headers: { ...headers, 'Content-Type': 'application/json' },
				body: JSON.stringify( {
					resourceSpans: [
						{
							resource: {
								attributes: [
									{
										key: 'service.name',
										value: { stringValue: serviceName },
									},
									{
										key: 'service.version',
										value: { stringValue: version },
									},
								],
							},
							scopeSpans: [
								{
									scope: { name: 'docent-proxy', version },
									spans,
								},
							],
						},
					],
				} ),
				redirect: 'error',
				signal: AbortSignal.timeout( SEND_TIMEOUT_MS ),
			} );
			await response.body?.cancel();
			if ( ! response.ok ) {
				throw new Error(
					`the collector answered ${ response.status }`
				);
			}
		} catch ( error ) {
			if ( clock() - complainedAt >= COMPLAIN_EVERY_MS ) {
				complainedAt = clock();
				log.warn(
					{ err: error, spans: spans.length },
					'traces could not be sent and are dropped'
				);
			}
		}
	};
	const flush = (): Promise< void > => {
		// One at a time: a slow collector gets the next ones when it has taken these.
		sending ??= ( async () => {
			while ( waiting.length > 0 ) {
				await send( waiting.splice( 0, MAX_BATCH ) );
			}
			sending = undefined;
		} )();
		return sending;
	};
	const timer = setInterval( () => void flush(), sendEveryMs ).unref();

	const add = ( span: Span ) => {
		if ( waiting.length < MAX_WAITING ) {
			waiting.push( span );
		}
		if ( waiting.length >= MAX_BATCH ) {
			void flush();
		}
	};
	/** Ends a question: its span reaches from the begin of its first call. */
	const endQuestion = (
		question: Omit<
			Parameters< typeof questionSpan >[ 0 ],
			'startedAt' | 'endedAt'
		>,
		latestStart: number,
		endedAt: number
	) => {
		const startedAt = Math.min(
			startTimes.get( question.turnId ) ?? latestStart,
			latestStart
		);
		startTimes.delete( question.turnId );
		add( questionSpan( { ...question, startedAt, endedAt } ) );
	};

	return {
		call( record ) {
			const { turnId, at, totalMs } = record;
			if ( record.model !== '' && record.outcome !== 'no_money' ) {
				const span = callSpan( record );
				if ( turnId === '' ) {
					delete span.parentSpanId;
				} else if ( ! startTimes.has( turnId ) ) {
					startTimes.set( turnId, at - totalMs );
				}
				add( span );
			}
			if ( turnId !== '' && endsQuestion( record ) ) {
				endQuestion( record, at - totalMs, at );
			}
		},
		questionFailed( question ) {
			endQuestion(
				{ ...question, cache: 'miss', outcome: 'failed', tier: 'none' },
				clock(),
				clock()
			);
		},
		async close() {
			clearInterval( timer );
			// A proxy that stops does not wait long for a collector that is away.
			waiting = waiting.slice( 0, MAX_BATCH );
			await flush();
		},
	};
}

/**
 * Sends traces to an OpenTelemetry collector, over OTLP as JSON (`POST …/v1/traces`). Loaded only when one is configured.
 *
 * Written by hand rather than with OpenTelemetry's own libraries: a finished call already holds all that a span says, and what is sent is one
 * small document, while those libraries would cost every proxy several megabytes.
 */
import type { Logger } from 'pino';
import type { CallRecord } from '../stores/call-store.ts';
import type { Clock } from '../types.ts';
import type { EndedQuestion } from './calls.ts';
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

/** Takes what becomes spans. */
export interface Traces {
	call( record: CallRecord ): void;
	question( question: EndedQuestion ): void;
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
	return {
		call( record ) {
			if ( record.model === '' || record.outcome === 'no_money' ) {
				return;
			}
			const span = callSpan( record );
			if ( record.turnId === '' ) {
				delete span.parentSpanId;
			}
			add( span );
		},
		question( question ) {
			add( questionSpan( question, clock() ) );
		},
		async close() {
			clearInterval( timer );
			// A proxy that stops does not wait long for a collector that is away.
			waiting = waiting.slice( 0, MAX_BATCH );
			await flush();
		},
	};
}

/**
 * Turns finished calls into the spans of a trace: one a call, and one for the question above them. Never what was asked or answered, nor by whom.
 */
import { createHash, randomBytes } from 'node:crypto';
import { inputTokens, outputTokens } from '../ledger/usage.ts';
import type { CallRecord } from '../stores/call-store.ts';
import type { EndedQuestion } from './calls.ts';

type Attribute = {
	key: string;
	value: { stringValue: string } | { intValue: string };
};

/** A span in the JSON of OTLP 1.x (opentelemetry-proto, `trace.proto`): ids in hex, 64-bit integers as text. */
export interface Span {
	traceId: string;
	spanId: string;
	parentSpanId?: string;
	name: string;
	/** 2: a server's work. 3: a request to another server. */
	kind: 2 | 3;
	startTimeUnixNano: string;
	endTimeUnixNano: string;
	attributes: Attribute[];
	events?: Array< { timeUnixNano: string; name: string } >;
	/** 0: nothing said. 2: it failed. */
	status: { code: 0 | 2 };
}

/** What the semantic conventions of OpenTelemetry call a kind of request to a model. */
const OPERATIONS: Partial< Record< CallRecord[ 'kind' ], string > > = {
	answer: 'chat',
	routing: 'chat',
	rewrite: 'chat',
	embedding: 'embeddings',
};

/** Makes the span of one request to a provider. */
export function callSpan( record: CallRecord ): Span {
	const { usage, firstTokenMs, at, totalMs } = record;
	const startedAt = at - totalMs;
	const operation = OPERATIONS[ record.kind ] ?? record.kind;
	return {
		...idsOf( record.turnId || record.id ),
		spanId: randomBytes( 8 ).toString( 'hex' ),
		name: `${ operation } ${ record.model }`,
		kind: 3,
		startTimeUnixNano: toNano( startedAt ),
		endTimeUnixNano: toNano( at ),
		attributes: toAttributes( {
			'gen_ai.operation.name': operation,
			'gen_ai.provider.name': record.provider,
			'gen_ai.request.model': record.model,
			'gen_ai.usage.input_tokens': usage && inputTokens( usage ),
			'gen_ai.usage.output_tokens': usage && outputTokens( usage ),
			'error.type': record.errorKind || undefined,
			'docent.kind': record.kind,
			'docent.outcome': record.outcome,
			'docent.tier': record.tier,
			'docent.reason': record.reason,
			'docent.attempt': record.attempt,
			'docent.cost_nano_usd': record.costNanoUsd,
			'docent.queue_ms': Math.round( record.queueMs ),
		} ),
		...firstWord( startedAt, firstTokenMs ),
		status: { code: record.outcome === 'failed' ? 2 : 0 },
	};
}

/** Makes the span of a question that ended at a moment, in milliseconds since the epoch; its calls hang below it. */
export function questionSpan(
	{
		turnId,
		siteId,
		requestId,
		cache,
		outcome,
		tier,
		firstWordMs,
		totalMs,
	}: EndedQuestion,
	endedAt: number
): Span {
	const { traceId, parentSpanId } = idsOf( turnId );
	const startedAt = endedAt - totalMs;
	return {
		traceId,
		spanId: parentSpanId,
		name: 'question',
		kind: 2,
		startTimeUnixNano: toNano( startedAt ),
		endTimeUnixNano: toNano( endedAt ),
		attributes: toAttributes( {
			'docent.site': siteId,
			'docent.request_id': requestId,
			'docent.turn_id': turnId,
			'docent.cache': cache,
			'docent.outcome': outcome,
			'docent.tier': tier,
		} ),
		...firstWord( startedAt, firstWordMs ),
		status: { code: outcome === 'failed' ? 2 : 0 },
	};
}

function firstWord(
	startedAt: number,
	afterMs: number | undefined
): Pick< Span, 'events' > {
	return afterMs === undefined
		? {}
		: {
				events: [
					{
						timeUnixNano: toNano( startedAt + afterMs ),
						name: 'first_token',
					},
				],
			};
}

/** A turn's id is as long as a trace's, so that one finds the other. Any other id is hashed to that length. */
function idsOf( id: string ): { traceId: string; parentSpanId: string } {
	const hash = createHash( 'sha256' ).update( id ).digest( 'hex' );
	return {
		traceId: /^(?!0+$)[0-9a-f]{32}$/.test( id ) ? id : hash.slice( 0, 32 ),
		parentSpanId: hash.slice( 32, 48 ),
	};
}

function toNano( ms: number ): string {
	return String( BigInt( Math.round( ms * 1_000 ) ) * 1_000n );
}

function toAttributes(
	values: Record< string, string | number | undefined >
): Attribute[] {
	return Object.entries( values )
		.filter( ( [ , value ] ) => value !== undefined && value !== '' )
		.map( ( [ key, value ] ) => ( {
			key,
			value:
				typeof value === 'number'
					? { intValue: String( value ) }
					: { stringValue: String( value ) },
		} ) );
}

/**
 * The one place where a finished call becomes a row of the call log, a metric and a line of the structured log.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import { inputTokens, outputTokens } from '../ledger/usage.ts';
import { dateIn } from '../ledger/windows.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { Sites } from '../sites.ts';
import type { CallRecord, CallStore } from '../stores/call-store.ts';
import type { Clock } from '../types.ts';
import { logCall } from './log-call.ts';
import { measureCall, measureQuestion, targetOf } from './measure-call.ts';
import type { Traces } from './traces.ts';

/** Hex digits of the hash that stand for a visitor: enough to tell visitors of one site apart, useless without the site's secret. */
const VISITOR_DIGITS = 12;

/** A site's time zone is believed for so long, in milliseconds. */
const TIME_ZONE_MS = 10_000;

/** Of so many turns it is remembered which target failed last. */
const MAX_FAILED = 10_000;

/** How a question ended, from the visitor's side; `failed` is one that ended with an error. */
export type EndedQuestion = Pick<
	CallRecord,
	'turnId' | 'siteId' | 'requestId' | 'cache' | 'outcome' | 'tier' | 'totalMs'
> & {
	/** Milliseconds to the first word of the answer, wherever it came from; undefined when there was none. */
	firstWordMs: number | undefined;
};

/** Takes finished calls. */
export interface Calls {
	/** Writes a finished call down. Never rejects: a call log that cannot be written takes no answer down with it. */
	record( record: CallRecord ): Promise< void >;
	/** Counts and traces a question that has ended, whatever it took; each is told once. */
	questionEnded( question: EndedQuestion ): void;
	/** Removes what the sites keep no longer, and returns how many calls that were. */
	forgetOld(): Promise< number >;
}

/** Makes the call log over a store. */
export function createCalls( {
	store,
	metrics,
	log,
	clock,
	sites,
	traces,
}: {
	store: CallStore;
	metrics: Metrics;
	log: Logger;
	clock: Clock;
	sites: Pick< Sites, 'all' | 'find' | 'settings' >;
	/** Absent unless a collector is configured. */
	traces?: Traces | undefined;
} ): Calls {
	const ownKey = randomBytes( 32 );
	const failedTargets = new LRUCache< string, string >( {
		max: MAX_FAILED,
	} );

	/** Remembers which target of a turn failed last, and returns which one had failed before. */
	const noteTarget = ( record: CallRecord ): string | undefined => {
		const before = failedTargets.get( record.turnId );
		if ( record.outcome === 'failed' ) {
			failedTargets.set( record.turnId, targetOf( record ) );
		} else if ( before !== undefined ) {
			failedTargets.delete( record.turnId );
		}
		return before;
	};

	const timeZones = new Map< string, { name: string; readAt: number } >();

	/** Returns a site's time zone, as it was a few seconds ago at most: a call must not ask a shared store for it each time. */
	const timeZoneOf = async ( siteId: string ): Promise< string > => {
		const now = clock();
		const known = timeZones.get( siteId );
		if ( known && Math.abs( now - known.readAt ) < TIME_ZONE_MS ) {
			return known.name;
		}
		const { limits } = await sites.settings( siteId );
		timeZones.set( siteId, { name: limits.timeZone, readAt: now } );
		return limits.timeZone;
	};

	const hashVisitor = ( siteId: string, visitorId: string ): string =>
		visitorId === ''
			? ''
			: createHmac( 'sha256', sites.find( siteId )?.secret ?? ownKey )
					.update( `docent call log visitor\n${ visitorId }` )
					.digest( 'hex' )
					.slice( 0, VISITOR_DIGITS );

	return {
		async record( record ) {
			measureCall( metrics, record, noteTarget( record ) );
			logCall( log, record );
			traces?.call( record );
			try {
				const { visitorId, usage, firstTokenMs, ...rest } = record;
				await store.add(
					{
						...rest,
						usage,
						visitor: hashVisitor( record.siteId, visitorId ),
						inputTokens: usage ? inputTokens( usage ) : 0,
						outputTokens: usage ? outputTokens( usage ) : 0,
						queueMs: Math.round( record.queueMs ),
						firstTokenMs:
							firstTokenMs === undefined
								? undefined
								: Math.round( firstTokenMs ),
						totalMs: Math.round( record.totalMs ),
					},
					dateIn( await timeZoneOf( record.siteId ), record.at )
				);
			} catch ( error ) {
				metrics.count( 'docent_calls_unrecorded_total', {} );
				log.error(
					{
						requestId: record.requestId,
						siteId: record.siteId,
						turnId: record.turnId,
						err: error,
					},
					'a call was not written into the call log'
				);
			}
		},

		questionEnded( question ) {
			measureQuestion( metrics, question );
			traces?.question( question );
		},

		async forgetOld() {
			let forgotten = 0;
			for ( const { id } of sites.all ) {
				const { retention } = await sites.settings( id );
				forgotten += await store.deleteOlderThan(
					id,
					clock() - retention.callDays * 86_400_000
				);
			}
			return forgotten;
		},
	};
}

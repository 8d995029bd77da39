/**
 * Knows what holds calls to one provider back: limits that the owner set for all its models, and those that it reports for each model.
 */
import type { CallPriority } from './chat.ts';
import { createMinuteWindow } from './minute-window.ts';
import type { Allowances } from './rate-headers.ts';
import { createReportedLimit, type ReportedLimit } from './reported-limit.ts';

/** The calls to one model. */
export interface Lane< Waiter > {
	waiting: Record< CallPriority, Set< Waiter > >;
	requests: ReportedLimit;
	tokens: ReportedLimit;
	/** Calls that were sent and whose reply has not begun: a report may not count them yet. */
	unheard: { calls: number; tokens: number };
	/** Until when the provider wants no calls to the model. */
	pausedUntil: number;
}

/** A call that was sent and has not been answered. */
export interface Unheard {
	/** Takes over what the reply says about limits. */
	report( allowances: Allowances, now: number ): void;
	/** Gives up listening. */
	forget(): void;
}

/** The lanes of one provider. Times are milliseconds of one clock that never goes back. */
export interface Lanes< Waiter > {
	of( model: string ): Lane< Waiter >;
	all(): Iterable< Lane< Waiter > >;
	/** Returns how long the provider's limits and pauses for the model hold a call back; another model may be free. */
	modelHeldMs( lane: Lane< Waiter >, tokens: number, now: number ): number;
	/** Returns how long anything holds a call back, the owner's limits for the whole provider included. */
	heldMs( lane: Lane< Waiter >, tokens: number, now: number ): number;
	/** Counts a call that is sent. */
	take( lane: Lane< Waiter >, tokens: number, now: number ): Unheard;
}

/** Makes the lanes; limits that are left out are not kept. */
export function createLanes< Waiter >( {
	requestsPerMinute,
	tokensPerMinute,
}: {
	requestsPerMinute: number | undefined;
	tokensPerMinute: number | undefined;
} ): Lanes< Waiter > {
	const requestWindow =
		requestsPerMinute === undefined
			? undefined
			: createMinuteWindow( requestsPerMinute );
	const tokenWindow =
		tokensPerMinute === undefined
			? undefined
			: createMinuteWindow( tokensPerMinute );
	const lanes = new Map< string, Lane< Waiter > >();

	const modelHeldMs: Lanes< Waiter >[ 'modelHeldMs' ] = (
		lane,
		tokens,
		now
	) =>
		Math.max(
			0,
			lane.pausedUntil - now,
			lane.requests.waitMs( 1, now ),
			lane.tokens.waitMs( tokens, now )
		);

	return {
		of( model ) {
			let lane = lanes.get( model );
			if ( ! lane ) {
				lane = {
					waiting: { visitor: new Set(), background: new Set() },
					requests: createReportedLimit(),
					tokens: createReportedLimit(),
					unheard: { calls: 0, tokens: 0 },
					pausedUntil: -Infinity,
				};
				lanes.set( model, lane );
			}
			return lane;
		},
		all: () => lanes.values(),
		modelHeldMs,
		heldMs: ( lane, tokens, now ) =>
			Math.max(
				modelHeldMs( lane, tokens, now ),
				requestWindow?.waitMs( 1, now ) ?? 0,
				tokenWindow?.waitMs( tokens, now ) ?? 0
			),
		take( lane, tokens, now ) {
			requestWindow?.add( 1, now );
			tokenWindow?.add( tokens, now );
			lane.requests.take( 1 );
			lane.tokens.take( tokens );
			lane.unheard.calls++;
			lane.unheard.tokens += tokens;
			let isUnheard = true;
			const forget = () => {
				if ( isUnheard ) {
					isUnheard = false;
					lane.unheard.calls--;
					lane.unheard.tokens -= tokens;
				}
			};
			return {
				forget,
				report( { requests, tokens: ofTokens }, at ) {
					forget();
					if ( requests ) {
						lane.requests.report(
							requests,
							lane.unheard.calls,
							at
						);
					}
					if ( ofTokens ) {
						lane.tokens.report( ofTokens, lane.unheard.tokens, at );
					}
				},
			};
		},
	};
}

/**
 * Routes recorded questions again with other settings or another catalog, and adds up what they would have cost.
 */
import { priceUsage } from '../ledger/pricing.ts';
import { outputTokens, type Usage } from '../ledger/usage.ts';
import type { Settings } from '../settings.ts';
import type { CallKind, CallOutcome } from '../stores/call-store.ts';
import { TIERS, type Catalog, type Model, type Tier } from './catalog.ts';
import { readFeatures, type RoutingFeatures } from './features.ts';
import { route, usableTiers } from './router.ts';

/** What a replay needs of a recorded call. */
export interface ReplayCall {
	turnId: string;
	kind: CallKind;
	model: string;
	tier: string;
	reason: string;
	outcome: CallOutcome;
	usage: Usage | undefined;
	costNanoUsd: number;
	features: unknown;
}

/** Questions and money of one tier. */
export interface TierSum {
	questions: number;
	costNanoUsd: number;
}

export type TierSums = Record< Tier, TierSum >;

/** What replaying came to. */
export interface Replayed {
	/** Questions that were routed again. */
	questions: number;
	/** Questions that cannot be: no features were kept, or no answer came that says how long it would be. */
	leftOut: number;
	before: TierSums;
	after: TierSums;
	/** Questions for which no tier would be left: they would be answered from the site, for nothing. */
	withoutTier: number;
	/** Questions that another tier would answer. */
	moved: number;
	/** Questions that a cheaper tier would have to answer than did, and what it would cost more if each were passed up. */
	lowered: number;
	ifPassedUpNanoUsd: number;
	/** How many questions went where for which reason, before and after. */
	reasonsBefore: Record< string, number >;
	reasonsAfter: Record< string, number >;
}

/** Takes recorded turns one by one, so that a long log need not fit into memory. */
export interface Replay {
	/** Adds the calls of one turn. */
	add( calls: readonly ReplayCall[] ): void;
	result(): Replayed;
}

/** In economy mode an answer is at most so long, in tokens (`ask/answer-money.ts`). */
const ECONOMY_TOKENS = 350;

/** Makes a replay with the settings that are to be tried. */
export function createReplay( {
	catalog,
	routing,
	softShare,
}: {
	catalog: Catalog;
	routing: Settings[ 'routing' ];
	softShare: number;
} ): Replay {
	const sums = (): TierSums => ( {
		economy: { questions: 0, costNanoUsd: 0 },
		standard: { questions: 0, costNanoUsd: 0 },
		premium: { questions: 0, costNanoUsd: 0 },
	} );
	const replayed: Replayed = {
		questions: 0,
		leftOut: 0,
		before: sums(),
		after: sums(),
		withoutTier: 0,
		moved: 0,
		lowered: 0,
		ifPassedUpNanoUsd: 0,
		reasonsBefore: {},
		reasonsAfter: {},
	};
	const canServe = ( tier: Tier ) => catalog.targets( tier ).length > 0;
	const usable = usableTiers( routing ).filter( canServe );

	/** Prices usage at the model that would be asked first in a tier; a model that is still in it keeps its place. */
	const priceIn = ( tier: Tier, usage: Usage, model?: string ): number => {
		const targets = catalog.targets( tier );
		const target =
			targets.find( ( { id } ) => id === model ) ??
			( targets[ 0 ] as Model );
		return priceUsage( target, usage );
	};

	return {
		add( calls ) {
			const asked = calls.filter(
				( call ) => call.kind === 'answer' && call.model !== ''
			);
			const last = asked.findLast( ( { outcome } ) =>
				ENDS.has( outcome )
			);
			const first = asked[ 0 ];
			if ( ! first ) {
				return;
			}
			const kept = readFeatures( first.features );
			if ( ! kept || ! last?.usage || ! isTier( last.tier ) ) {
				replayed.leftOut++;
				return;
			}
			replayed.questions++;
			const paid = calls.reduce(
				( sum, call ) => sum + call.costNanoUsd,
				0
			);
			put( replayed.before, last.tier, paid );
			count( replayed.reasonsBefore, last.reason );

			const features = asWouldBe( kept, routing );
			const chosen = route( features, routing, { softShare, canServe } );
			if ( ! chosen ) {
				replayed.withoutTier++;
				count( replayed.reasonsAfter, 'none' );
				return;
			}
			const isEconomy = chosen.reason === 'economy_mode';
			const usage = isEconomy ? shortened( last.usage ) : last.usage;
			// What asking a model for the tier cost, where it would still be asked.
			const decisions = features.decidedTier
				? sumOf( calls, ( { kind } ) => kind === 'routing' )
				: 0;

			const passed = asked.find(
				( { outcome } ) => outcome === 'passed_up'
			);
			const above = nextTier( usable, chosen.tier );
			const isPassedUp =
				passed !== undefined &&
				isTier( passed.tier ) &&
				rank( chosen.tier ) <= rank( passed.tier ) &&
				above !== undefined &&
				routing.passUp &&
				! isEconomy;
			const tier = isPassedUp ? above : chosen.tier;
			// The first try at the cheaper model is paid for as well, and so is what failed on the way.
			const onTheWay =
				( isPassedUp && passed.usage
					? priceIn( chosen.tier, passed.usage, passed.model )
					: 0 ) +
				sumOf( asked, ( { outcome } ) => outcome === 'failed' );
			const cost =
				decisions + onTheWay + priceIn( tier, usage, last.model );
			put( replayed.after, tier, cost );
			count(
				replayed.reasonsAfter,
				isPassedUp ? 'passed_up' : chosen.reason
			);
			replayed.moved += tier === last.tier ? 0 : 1;
			if ( ! isPassedUp && rank( tier ) < rank( last.tier ) ) {
				replayed.lowered++;
				if ( above && routing.passUp && ! isEconomy ) {
					replayed.ifPassedUpNanoUsd += priceIn( above, last.usage );
				}
			}
		},
		result: () => replayed,
	};
}

/** Outcomes of a call whose usage says how long the answer is. */
const ENDS: ReadonlySet< CallOutcome > = new Set( [ 'answered', 'stopped' ] );

/**
 * Takes out of features what the settings that are tried would not have brought about. The words of a question are not kept, so an owner's
 * rule holds for those it held for, unless there is no rule any more.
 */
function asWouldBe(
	features: RoutingFeatures,
	routing: Settings[ 'routing' ]
): RoutingFeatures {
	return {
		...features,
		ownerTier: routing.rules.length > 0 ? features.ownerTier : undefined,
		stickyTier: routing.passUp ? features.stickyTier : undefined,
		decidedTier: routing.decisionModel ? features.decidedTier : undefined,
	};
}

function shortened( usage: Usage ): Usage {
	return outputTokens( usage ) > ECONOMY_TOKENS
		? { ...usage, textOut: ECONOMY_TOKENS }
		: usage;
}

function nextTier( usable: readonly Tier[], tier: Tier ): Tier | undefined {
	return usable.find( ( other ) => rank( other ) > rank( tier ) );
}

const rank = ( tier: Tier ) => TIERS.indexOf( tier );

function isTier( tier: string ): tier is Tier {
	return TIERS.includes( tier as Tier );
}

function put( sums: TierSums, tier: Tier, costNanoUsd: number ): void {
	sums[ tier ].questions++;
	sums[ tier ].costNanoUsd += costNanoUsd;
}

function count( counts: Record< string, number >, name: string ): void {
	counts[ name ] = ( counts[ name ] ?? 0 ) + 1;
}

function sumOf(
	calls: readonly ReplayCall[],
	isCounted: ( call: ReplayCall ) => boolean
): number {
	return calls
		.filter( isCounted )
		.reduce( ( sum, { costNanoUsd } ) => sum + costNanoUsd, 0 );
}

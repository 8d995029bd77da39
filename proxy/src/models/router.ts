/**
 * Chooses the tier that a question needs, and says why. A pure function: the same features and settings always give the same tier.
 */
import { TIERS, type Tier } from './catalog.ts';
import type { RoutingFeatures } from './features.ts';
import { weighSigns } from './signs.ts';

/** Why a call went to its tier; stable codes, kept in the call log. */
export const ROUTE_REASONS = [
	/** Nothing asked for more than the cheapest tier. */
	'default',
	'owner_rule',
	/** The owner's tier for the language. */
	'language',
	/** The conversation stays where a pass-up brought it, which also keeps the provider's prompt cache warm. */
	'sticky',
	/** The visitor was unhappy with an earlier answer. */
	'thumbs_down',
	'difficult',
	'long_question',
	'low_coverage',
	'deep_conversation',
	/** No cheaper tier takes what the question comes with. */
	'modality',
	/** A model that was asked said so. */
	'decision',
	/** The site has spent its soft limit. */
	'economy_mode',
	/** A cheaper model passed this question up. */
	'passed_up',
	/** The model that was meant to answer did not. */
	'fallback',
	/** The money that was left did not reach for what was meant. */
	'fitted_to_limit',
] as const;

export type RouteReason = ( typeof ROUTE_REASONS )[ number ];

/** What the owner chose (`settings.routing`), as far as the tier depends on it. */
export interface RoutingChoices {
	tiers: readonly Tier[];
	maxTier: Tier;
	languageTiers: Readonly< Record< string, Tier > >;
}

export interface Route {
	tier: Tier;
	reason: RouteReason;
	/** Whether the rules could as well have said more: the place for asking a model. */
	isInDoubt: boolean;
}

/** The limits of the rules, each with what it separates. */
export const RULES = {
	/** Signs that weigh so much need the standard tier; up front where a small model cannot pass up. */
	difficultWeight: 3,
	difficultWeightUpFront: 2,
	/** Signs that weigh so much together need the best there is. */
	veryDifficultWeight: 7,
	/** A question of a hundred words tells a story. */
	longLength: 500,
	/** With less of the question in the passages, telling an answer from its neighbour takes judgement. */
	lowCoverage: 0.4,
	/** From so many turns on, what "it" and "the other one" are is no longer plain. */
	deepDepth: 4,
} as const;

/**
 * Returns the tier for a question, or undefined when the owner left no tier that could take it.
 *
 * `canServe` tells which tiers have a model for the question's modality; `softShare` is the share of a limit after which economy begins.
 */
export function route(
	features: RoutingFeatures,
	choices: RoutingChoices,
	{
		softShare,
		canServe,
	}: { softShare: number; canServe: ( tier: Tier ) => boolean }
): Route | undefined {
	const usable = usableTiers( choices ).filter( canServe );
	const cheapest = usable[ 0 ];
	if ( cheapest === undefined ) {
		return undefined;
	}
	if ( isEconomyMode( features.spentShare, softShare ) ) {
		return { tier: cheapest, reason: 'economy_mode', isInDoubt: false };
	}
	const wanted = wish( features, choices );
	const tier = nearest( usable, wanted.tier );
	return {
		...wanted,
		tier,
		// What nobody asked for came from what the question brings along.
		reason:
			wanted.reason === 'default' && tier !== TIERS[ 0 ]
				? 'modality'
				: wanted.reason,
		isInDoubt: wanted.isInDoubt && usable.at( -1 ) !== tier,
	};
}

/** Tells whether a site has truly spent more than its soft share; a limit of nothing has no soft part. */
export function isEconomyMode(
	spentShare: number,
	softShare: number
): boolean {
	return spentShare > softShare;
}

/** Lists the tiers that the owner allows, from the cheapest. */
export function usableTiers( {
	tiers,
	maxTier,
}: Pick< RoutingChoices, 'tiers' | 'maxTier' > ): Tier[] {
	const highest = TIERS.indexOf( maxTier );
	return TIERS.filter(
		( tier, rank ) => rank <= highest && tiers.includes( tier )
	);
}

/** What a question asks for when money and models are no matter. The first rule that speaks decides. */
function wish( features: RoutingFeatures, choices: RoutingChoices ): Route {
	const sure = ( tier: Tier, reason: RouteReason ): Route => ( {
		tier,
		reason,
		isInDoubt: false,
	} );
	if ( features.ownerTier ) {
		return sure( features.ownerTier, 'owner_rule' );
	}
	if ( features.decidedTier ) {
		return sure( features.decidedTier, 'decision' );
	}
	if ( features.stickyTier && features.stickyTier !== 'economy' ) {
		return sure( features.stickyTier, 'sticky' );
	}
	const languageTier = choices.languageTiers[ features.language ];
	if ( languageTier ) {
		return sure( languageTier, 'language' );
	}
	if ( features.hasThumbsDown ) {
		return sure( 'standard', 'thumbs_down' );
	}
	const weight =
		weighSigns( features.signs ) + ( features.isTranslated ? 1 : 0 );
	if ( weight >= RULES.veryDifficultWeight ) {
		return sure( 'premium', 'difficult' );
	}
	// What is spoken cannot wait for a second model, so doubt counts at once.
	const isUpFront =
		features.modality === 'voice' || features.modality === 'realtime';
	if (
		weight >=
		( isUpFront ? RULES.difficultWeightUpFront : RULES.difficultWeight )
	) {
		return sure( 'standard', 'difficult' );
	}
	if ( features.length > RULES.longLength ) {
		return sure( 'standard', 'long_question' );
	}
	if ( ! features.isConfident && features.coverage < RULES.lowCoverage ) {
		return sure( 'standard', 'low_coverage' );
	}
	if ( features.depth >= RULES.deepDepth && features.leansOnHistory ) {
		return sure( 'standard', 'deep_conversation' );
	}
	return { tier: 'economy', reason: 'default', isInDoubt: weight > 0 };
}

/** Finds the usable tier next to the one that is wanted; the cheaper of two. */
function nearest( usable: readonly Tier[], wanted: Tier ): Tier {
	const rank = TIERS.indexOf( wanted );
	return (
		usable.findLast( ( tier ) => TIERS.indexOf( tier ) <= rank ) ??
		( usable[ 0 ] as Tier )
	);
}

/**
 * Turns the choice of models into what its form holds, and what was changed there into a patch.
 */
import { parseUsd, usdForField } from '../money.ts';
import type { Routing, Tier } from '../types.ts';
import { readWords, writeWords } from './rule-words.ts';

/** The classes of models, from the cheapest. */
export const TIERS: readonly Tier[] = [ 'economy', 'standard', 'premium' ];

/** How many times the price of economy an answer costs, with the models and prices that come with the proxy. */
export const RELATIVE_PRICE: Record< Tier, number > = {
	economy: 1,
	standard: 10,
	premium: 20,
};

/** How many rules the proxy takes. */
export const MAX_RULES = 50;

/** What holds at the proxy until an owner says otherwise. */
export const USUAL_ROUTING: Routing = {
	tiers: [ 'economy', 'standard', 'premium' ],
	maxTier: 'premium',
	passUp: true,
	rules: [],
	languageTiers: {},
	decisionModel: false,
	decisionMaxNanoUsd: 200_000,
};

/** A rule as typed. */
export interface RuleRow {
	words: string;
	tier: Tier;
}

/** A language with its class; an empty code is a row where none was chosen yet. */
export interface LanguageRow {
	language: string;
	tier: Tier;
}

/** What the form holds; words and money as typed. */
export interface RoutingForm extends Pick<
	Routing,
	'tiers' | 'maxTier' | 'passUp' | 'decisionModel'
> {
	rules: RuleRow[];
	languages: LanguageRow[];
	decisionMaxUsd: string;
}

/** Fills the form. */
export function routingForm( routing: Routing ): RoutingForm {
	const { tiers, maxTier, passUp, decisionModel } = routing;
	return {
		tiers: inOrder( tiers ),
		maxTier,
		passUp,
		decisionModel,
		rules: routing.rules.map( ( { containing, tier } ) => ( {
			words: writeWords( containing ),
			tier,
		} ) ),
		languages: Object.entries( routing.languageTiers ).map(
			( [ language, tier ] ) => ( { language, tier } )
		),
		decisionMaxUsd: usdForField( routing.decisionMaxNanoUsd ),
	};
}

/** Answers only what changed, so that what was set elsewhere stays as it is; undefined when something is not valid. */
export function routingPatch(
	form: RoutingForm,
	saved: Routing
): Partial< Routing > | undefined {
	const read = readRoutingForm( form, saved );
	if ( ! read ) {
		return undefined;
	}
	const before = routingForm( saved );
	return {
		...( ! isSame( form.tiers, before.tiers ) && { tiers: read.tiers } ),
		...( form.maxTier !== before.maxTier && { maxTier: read.maxTier } ),
		...( form.passUp !== before.passUp && { passUp: read.passUp } ),
		...( ! isSame( form.rules, before.rules ) && { rules: read.rules } ),
		...( ! isSame( form.languages, before.languages ) && {
			languageTiers: read.languageTiers,
		} ),
		...( form.decisionModel !== before.decisionModel && {
			decisionModel: read.decisionModel,
		} ),
		...( read.decisionMaxNanoUsd !== saved.decisionMaxNanoUsd && {
			decisionMaxNanoUsd: read.decisionMaxNanoUsd,
		} ),
	};
}

/** Answers the patch that takes another one back. */
export function reversed(
	patch: Partial< Routing >,
	saved: Routing
): Partial< Routing > {
	return Object.fromEntries(
		Object.entries( saved ).filter( ( [ name ] ) => name in patch )
	);
}

/** Lists the classes that can answer with these choices, from the cheapest. */
export function answeringTiers( {
	tiers,
	maxTier,
}: Pick< Routing, 'tiers' | 'maxTier' > ): Tier[] {
	const highest = TIERS.indexOf( maxTier );
	return TIERS.filter(
		( tier, rank ) => rank <= highest && tiers.includes( tier )
	);
}

/** Answers which class takes a question that asks for one: that, or the next cheaper that can, or else the cheapest of all. */
export function standIn(
	wanted: Tier,
	answering: readonly Tier[]
): Tier | undefined {
	return (
		answering.findLast(
			( tier ) => TIERS.indexOf( tier ) <= TIERS.indexOf( wanted )
		) ?? answering[ 0 ]
	);
}

/** Switches a class on or off and keeps the order, so that a change and its reverse are no change. */
export function withTier(
	tiers: readonly Tier[],
	tier: Tier,
	isOn: boolean
): Tier[] {
	return TIERS.filter( ( other ) =>
		other === tier ? isOn : tiers.includes( other )
	);
}

/** Says whether a language is chosen in an earlier row too; the later one would win. */
export function isRepeated(
	languages: readonly LanguageRow[],
	index: number
): boolean {
	return languages
		.slice( 0, index )
		.some( ( { language } ) => language === languages[ index ]?.language );
}

function readRoutingForm(
	form: RoutingForm,
	saved: Routing
): Routing | undefined {
	const { tiers, maxTier, passUp, decisionModel } = form;
	// While no model is asked its price is not on the screen, so it cannot be mended and does not count.
	const price = decisionModel
		? parseUsd( form.decisionMaxUsd )
		: { isValid: true as const, nanoUsd: saved.decisionMaxNanoUsd };
	const rules = form.rules.map( ( { words, tier } ) => {
		const parsed = readWords( words );
		return parsed.isValid ? { containing: parsed.words, tier } : undefined;
	} );
	const areLanguagesChosen = form.languages.every(
		( { language }, index ) =>
			language !== '' && ! isRepeated( form.languages, index )
	);
	if (
		! price.isValid ||
		! areLanguagesChosen ||
		! rules.every( ( rule ) => rule !== undefined )
	) {
		return undefined;
	}
	return {
		tiers,
		maxTier,
		passUp,
		rules,
		languageTiers: Object.fromEntries(
			form.languages.map( ( { language, tier } ) => [ language, tier ] )
		),
		decisionModel,
		decisionMaxNanoUsd: price.nanoUsd,
	};
}

function inOrder( tiers: readonly Tier[] ): Tier[] {
	return TIERS.filter( ( tier ) => tiers.includes( tier ) );
}

function isSame( one: object, other: object ): boolean {
	return JSON.stringify( one ) === JSON.stringify( other );
}

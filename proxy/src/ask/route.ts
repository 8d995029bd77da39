/**
 * Finds out what a question needs: gathers what its tier depends on, and has the router, or a model, choose.
 */
import { baseLanguage } from '../knowledge/language.ts';
import type { Model, Tier } from '../models/catalog.ts';
import {
	readQuestion,
	type Modality,
	type RoutingFeatures,
} from '../models/features.ts';
import { route, usableTiers, type Route } from '../models/router.ts';
import type { Settings } from '../settings.ts';
import type { PastTurn } from '../stores/conversation-store.ts';
import type { Passage } from '../types.ts';
import { leansOnHistory } from './history.ts';
import type { ModelServices } from './model-services.ts';

/** What the tier of a question depends on. */
export interface Routable {
	siteId: string;
	question: string;
	settings: Settings;
	/** BCP 47 tag of the answer. */
	language: string;
	history: PastTurn[];
	found: { passages: Passage[]; coverage: number; isConfident: boolean };
	modality: Modality;
	stickyTier: Tier | undefined;
}

/** Where a question goes, and what that rests on. */
export interface RoutedQuestion {
	/** Undefined when no tier that the owner allows takes it. */
	route: Route | undefined;
	features: RoutingFeatures;
	/** The tiers that may be used for it, from the cheapest. */
	usable: Tier[];
}

/** Reads what the router looks at. */
export async function describeQuestion(
	{
		siteId,
		question,
		settings,
		language,
		history,
		found,
		modality,
		stickyTier,
	}: Routable,
	{ spentShare }: Pick< ModelServices, 'spentShare' >
): Promise< RoutingFeatures > {
	const base = baseLanguage( language );
	const [ best ] = found.passages;
	return {
		...readQuestion( question, settings.routing.rules ),
		modality,
		coverage: found.coverage,
		isConfident: found.isConfident,
		language: base,
		isTranslated:
			best !== undefined && baseLanguage( best.language ) !== base,
		depth: history.length,
		leansOnHistory: leansOnHistory( question, history ),
		stickyTier,
		hasThumbsDown: history.some( ( { rating } ) => rating === 'down' ),
		spentShare: await spentShare( siteId, settings.limits ),
		decidedTier: undefined,
	};
}

/** Chooses by the rules alone. */
export function routeQuestion(
	features: RoutingFeatures,
	{ routing, limits }: Settings,
	services: Pick< ModelServices, 'catalog' | 'providers' >
): RoutedQuestion {
	const canServe = ( tier: Tier ) =>
		modelsFor( services, tier, features.modality ).length > 0;
	return {
		route: route( features, routing, {
			softShare: limits.softShare,
			canServe,
		} ),
		features,
		usable: usableTiers( routing ).filter( canServe ),
	};
}

/** Lists the models of a tier that take what a question comes with, and whose provider is configured. */
export function modelsFor(
	{ catalog, providers }: Pick< ModelServices, 'catalog' | 'providers' >,
	tier: Tier,
	modality: Modality
): Model[] {
	// What is spoken was written down before it comes here.
	const needed = modality === 'image' ? 'image' : 'text';
	return catalog
		.targets( tier )
		.filter(
			( { modalities, provider } ) =>
				modalities.in.includes( needed ) &&
				providers.chat( provider ) !== undefined
		);
}

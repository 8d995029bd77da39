/**
 * Describes a question by what its tier depends on, without its words: small enough to be kept with every call, enough to route it again.
 */
import type { Tier } from './catalog.ts';
import { TIERS } from './catalog.ts';
import { findSigns, SIGNS, type Sign } from './signs.ts';

/** What a question comes with, or how its answer is to be given. */
export type Modality = 'text' | 'image' | 'voice' | 'realtime';

const MODALITIES: readonly Modality[] = [
	'text',
	'image',
	'voice',
	'realtime',
];

/** What the choice of a tier rests on. */
export interface RoutingFeatures {
	modality: Modality;
	/** How much is asked, in characters of a script with letters; a character of Chinese or Japanese says as much as three. */
	length: number;
	/** The share of the question that the best passage covers, from 0 to 1. */
	coverage: number;
	isConfident: boolean;
	/** Base tag of the language of the answer. */
	language: string;
	/** Whether the passages are in another language than the question. */
	isTranslated: boolean;
	/** How many turns the conversation had before. */
	depth: number;
	/** Whether the question can only be understood with what was said before. */
	leansOnHistory: boolean;
	signs: Sign[];
	/** The tier that the first fitting rule of the owner asks for. */
	ownerTier: Tier | undefined;
	/** The tier that the conversation was raised to before, because a cheaper model passed a question up. */
	stickyTier: Tier | undefined;
	/** Whether the visitor was unhappy with an earlier answer of the conversation. */
	hasThumbsDown: boolean;
	/** The largest share of a spending limit of the site that was spent before this question, from 0. */
	spentShare: number;
	/** The tier that a model asked for, when one was asked. */
	decidedTier: Tier | undefined;
}

/** Characters of these scripts stand for words or syllables. */
const DENSE =
	/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/gu;
const ASCII_ONLY = /^[\0-\x7f]*$/;
const LETTERS_PER_DENSE = 3;

/** Measures how much a question says, comparable between scripts. */
export function measureLength( question: string ): number {
	const dense = ASCII_ONLY.test( question )
		? 0
		: ( question.match( DENSE )?.length ?? 0 );
	return question.length + dense * ( LETTERS_PER_DENSE - 1 );
}

/** What the words of a question show. */
export function readQuestion(
	question: string,
	rules: ReadonlyArray< { containing: string[]; tier: Tier } >
): Pick< RoutingFeatures, 'length' | 'signs' | 'ownerTier' > {
	return {
		length: measureLength( question ),
		signs: findSigns( question ),
		ownerTier: findOwnerTier( question, rules ),
	};
}

function findOwnerTier(
	question: string,
	rules: ReadonlyArray< { containing: string[]; tier: Tier } >
): Tier | undefined {
	if ( rules.length === 0 ) {
		return undefined;
	}
	const text = question.toLowerCase();
	return rules.find( ( { containing } ) =>
		containing.some( ( words ) => text.includes( words.toLowerCase() ) )
	)?.tier;
}

/** Features as the call log keeps them: flat, and without what is as usual, because there is one of these for every call. */
export type KeptFeatures = Readonly<
	Record< string, string | number | boolean | null >
>;

/** Puts features into the shape of the call log. */
export function keepFeatures( features: RoutingFeatures ): KeptFeatures {
	const { signs, coverage, spentShare, ...rest } = features;
	const kept: Record< string, string | number | boolean > = {
		coverage: Math.round( coverage * 100 ) / 100,
	};
	if ( spentShare > 0 ) {
		kept.spentShare = Math.round( spentShare * 1_000 ) / 1_000;
	}
	if ( signs.length > 0 ) {
		kept.signs = signs.join( ' ' );
	}
	for ( const [ name, value ] of Object.entries( rest ) ) {
		if (
			value !== USUAL[ name as keyof typeof USUAL ] &&
			value !== undefined
		) {
			kept[ name ] = value;
		}
	}
	return kept;
}

const USUAL: RoutingFeatures = {
	modality: 'text',
	length: 0,
	coverage: 0,
	isConfident: true,
	language: 'en',
	isTranslated: false,
	depth: 0,
	leansOnHistory: false,
	signs: [],
	ownerTier: undefined,
	stickyTier: undefined,
	hasThumbsDown: false,
	spentShare: 0,
	decidedTier: undefined,
};

/** Reads what {@link keepFeatures} made; undefined for anything else. */
export function readFeatures( kept: unknown ): RoutingFeatures | undefined {
	if ( typeof kept !== 'object' || kept === null || Array.isArray( kept ) ) {
		return undefined;
	}
	const { signs = '', ...rest } = kept as Record< string, unknown >;
	const features = {
		...USUAL,
		...rest,
		signs: String( signs ).split( ' ' ).filter( Boolean ),
	} as RoutingFeatures;
	const isTier = ( tier: unknown ) =>
		tier === undefined || TIERS.includes( tier as Tier );
	const isWhole =
		MODALITIES.includes( features.modality ) &&
		[
			features.length,
			features.coverage,
			features.depth,
			features.spentShare,
		].every( ( value ) => Number.isFinite( value ) ) &&
		typeof features.language === 'string' &&
		features.signs.every( ( sign ) => SIGNS.includes( sign ) ) &&
		isTier( features.ownerTier ) &&
		isTier( features.stickyTier ) &&
		isTier( features.decidedTier );
	return isWhole ? features : undefined;
}

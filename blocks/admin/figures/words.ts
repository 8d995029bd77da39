/**
 * Says the codes of the call log in plain words.
 */
import { __ } from '@wordpress/i18n';

/** How questions and calls end, in the order of the filter. */
export function outcomeWords(): Record< string, string > {
	return {
		answered: __( 'Answered by a model', 'docent' ),
		cached: __( 'From saved answers', 'docent' ),
		extractive: __( 'Quoted from your site', 'docent' ),
		abstained: __( 'Not in your site', 'docent' ),
		stopped: __( 'Stopped by the visitor', 'docent' ),
		passed_up: __( 'Passed to a stronger model', 'docent' ),
		no_money: __( 'No money left', 'docent' ),
		failed: __( 'Failed', 'docent' ),
	};
}

/** The classes of models, from the cheapest to the dearest. */
export function tierWords(): Record< string, string > {
	return {
		economy: __( 'Economy', 'docent' ),
		standard: __( 'Standard', 'docent' ),
		premium: __( 'Premium', 'docent' ),
		none: __( 'No model', 'docent' ),
	};
}

/** What calls are for. */
export function kindWords(): Record< string, string > {
	return {
		answer: __( 'Answer', 'docent' ),
		routing: __( 'Choice of the model', 'docent' ),
		rewrite: __( 'Rewording of a question', 'docent' ),
		embedding: __( 'Search by meaning', 'docent' ),
		transcription: __( 'Listening', 'docent' ),
		speech: __( 'Speaking', 'docent' ),
		realtime: __( 'Live conversation', 'docent' ),
		image: __( 'Picture', 'docent' ),
	};
}

/** Why a tier was chosen. */
export function reasonWords(): Record< string, string > {
	return {
		default: __( 'An ordinary question', 'docent' ),
		owner_rule: __( 'Your own rule', 'docent' ),
		language: __( 'Your choice for the language', 'docent' ),
		sticky: __( 'The conversation had needed it before', 'docent' ),
		thumbs_down: __( 'An earlier answer was not liked', 'docent' ),
		difficult: __( 'A difficult question', 'docent' ),
		long_question: __( 'A long question', 'docent' ),
		low_coverage: __( 'Your site says little about it', 'docent' ),
		deep_conversation: __( 'A long conversation', 'docent' ),
		modality: __( 'What the question came with', 'docent' ),
		decision: __( 'A model was asked', 'docent' ),
		economy_mode: __( 'Most of the limit is spent', 'docent' ),
		passed_up: __( 'The cheaper model passed it up', 'docent' ),
		fallback: __( 'The first model did not answer', 'docent' ),
		fitted_to_limit: __( 'Fitted to what was left', 'docent' ),
	};
}

/** What went wrong with a call. */
export function failureWords(): Record< string, string > {
	return {
		network_timeout: __( 'The provider was too slow', 'docent' ),
		network_refused: __( 'The provider could not be reached', 'docent' ),
		network_dns: __( 'The provider’s address is unknown', 'docent' ),
		network_tls: __( 'The provider’s certificate was refused', 'docent' ),
		network_proxy: __( 'A web proxy did not let it through', 'docent' ),
		provider_address: __( 'The address is not a provider’s', 'docent' ),
		provider_auth: __( 'The key was not accepted', 'docent' ),
		provider_rate: __( 'Too many requests at the provider', 'docent' ),
		provider_quota: __( 'No credit left at the provider', 'docent' ),
		provider_model_gone: __( 'The model is not available', 'docent' ),
		provider_unavailable: __( 'The provider had a fault', 'docent' ),
		provider_busy: __( 'Too many calls were waiting', 'docent' ),
		provider_cut: __( 'The provider broke off', 'docent' ),
		provider_garbage: __( 'The provider sent no answer', 'docent' ),
		provider_rejected: __( 'The provider rejected it', 'docent' ),
		image_too_big: __( 'The picture was too large', 'docent' ),
		image_format: __( 'The picture’s format is not taken', 'docent' ),
		image_unreachable: __( 'The picture could not be fetched', 'docent' ),
		image_corrupt: __( 'The picture was damaged', 'docent' ),
		content_policy: __( 'Refused by the provider’s rules', 'docent' ),
		content_too_long: __( 'Too long for the model', 'docent' ),
		content_truncated: __( 'Cut at the longest length', 'docent' ),
		limit_reached: __( 'The spending limit was reached', 'docent' ),
		store_unavailable: __( 'The proxy could not save', 'docent' ),
	};
}

/** Looks a code up; a code that is newer than this page is shown as it is. */
export function inWords(
	words: Record< string, string >,
	code: string
): string {
	return words[ code ] ?? code;
}

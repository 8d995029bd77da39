/**
 * Recognises a question that is asked again with the same key, so that it is answered, and paid for, once. The ids of its turn follow from
 * the key: whoever meets the repetition, another proxy or this one after a restart, looks for the same turn.
 */
import { hash } from 'node:crypto';
import { DocentError } from '../errors.ts';
import type { FinishedTurn } from '../stores/conversation-store.ts';
import type { AudioFile, PageScope } from '../types.ts';

/** What a client may choose as a key. */
export const IDEMPOTENCY_KEY = /^[A-Za-z0-9_-]{8,64}$/;

/** A question as far as its repetitions must be equal. */
export interface Repeatable {
	siteId: string;
	visitorId: string;
	text: string;
	conversationId: string | undefined;
	scope: PageScope | undefined;
	audio?: AudioFile | undefined;
}

/** What a question with a key goes under. */
export interface KeyedTurn {
	turnId: string;
	/** The question's own conversation, or the one that it begins. */
	conversationId: string;
	/** Differs when anything differs that changes the answer. */
	fingerprint: string;
}

/** Derives the ids of a question from its key. They belong to the visitor, so nobody else's key leads to them. */
export function identify(
	key: string,
	{ siteId, visitorId, text, conversationId, scope, audio }: Repeatable
): KeyedTurn {
	const fingerprint = digest( [
		text,
		conversationId ?? null,
		scope?.postId ?? null,
		scope?.url ?? null,
		...( audio ? [ hash( 'sha256', audio.bytes ) ] : [] ),
	] );
	return {
		turnId: digest( [ 'turn', siteId, visitorId, key ] ),
		conversationId:
			conversationId ??
			digest( [ 'conversation', siteId, visitorId, key, fingerprint ] ),
		fingerprint,
	};
}

/** Throws `idempotency_key_reused` unless a turn that has the key answers the same question. */
export function requireSame(
	{ fingerprint }: KeyedTurn,
	known: { fingerprint?: string | undefined }
): void {
	if ( known.fingerprint !== fingerprint ) {
		throw keyReused();
	}
}

/**
 * Throws `idempotency_key_reused` unless a saved turn answers the same question. Nothing but the question and its conversation was saved, and the
 * id of a conversation that the question began holds the rest.
 */
export function requireSameSaved(
	{ conversationId }: KeyedTurn,
	{ text, audio }: Pick< Repeatable, 'text' | 'audio' >,
	saved: FinishedTurn
): void {
	// What was saved of a spoken question is the words that were heard.
	const isOther = ! audio && saved.question !== text;
	if ( isOther || saved.conversationId !== conversationId ) {
		throw keyReused();
	}
}

function keyReused(): DocentError {
	return new DocentError(
		'idempotency_key_reused',
		'This key was used for another question. Send a new key with every new question.'
	);
}

/** 128 bits as 32 hex digits, as ids are written. */
function digest( parts: unknown[] ): string {
	return hash( 'sha256', JSON.stringify( parts ) ).slice( 0, 32 );
}

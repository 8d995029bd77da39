/**
 * Enters what a reply cost, and what the next one will read because of it.
 */
import { outputTokens, type Usage } from '../../ledger/usage.ts';
import type { LiveMoney } from './live-money.ts';
import type { Reply } from './reply.ts';
import { TOKENS_PER_ITEM, type LiveSession } from './session.ts';

/** Bounds what the next answer will read: all that this one read and said, and what came meanwhile. */
export function countContext(
	session: LiveSession | undefined,
	reply: Reply,
	usage: Usage | undefined
): void {
	if ( ! session || ! reply.isInThread ) {
		return;
	}
	if ( ! usage ) {
		session.audioTokens += reply.cap;
		return;
	}
	const { textIn = 0, textCachedIn = 0, textOut = 0 } = usage;
	const { audioIn = 0, audioCachedIn = 0, audioOut = 0 } = usage;
	session.textTokens =
		textIn +
		textCachedIn +
		textOut +
		TOKENS_PER_ITEM +
		session.newTextTokens;
	session.audioTokens =
		audioIn + audioCachedIn + audioOut + session.newAudioTokens;
}

/** Settles a reply by what the provider reported, and in full where it reported nothing that can be relied on. */
export function settleReply(
	money: LiveMoney,
	reply: Reply,
	{
		usage,
		outcome,
		errorKind,
		now,
	}: {
		usage: Usage | undefined;
		outcome: 'answered' | 'stopped' | 'failed';
		errorKind: string;
		now: number;
	}
): void {
	const { reservation, exchange } = reply;
	const spoken = Math.ceil( reply.sentMs / 1_000 );
	const voiceSeconds = Math.max(
		spoken,
		usage && outputTokens( usage ) > 0 ? 1 : 0
	);
	const settlement = usage
		? reservation.settle( usage, { voiceSeconds } )
		: reservation.settleInFull();
	if ( exchange ) {
		exchange.costNanoUsd += settlement.costNanoUsd;
	}
	money.ended( {
		kind: 'realtime',
		model: reply.model,
		turnId: reply.turnId,
		reservation,
		outcome,
		errorKind: outcome === 'failed' ? errorKind : '',
		settlement,
		usage,
		isEstimated: ! usage,
		voiceSeconds,
		firstTokenMs: reply.firstMs,
		totalMs: now - reply.askedAt,
	} );
}

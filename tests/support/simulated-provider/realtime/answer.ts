/**
 * Gives one answer in a call: its events in their order, at its pace, with its bill, until it is done or broken off.
 */
import type { AnswerReply } from '../voice-behaviour.ts';
import {
	account,
	type AnswerParts,
	type AnswerWork,
	begin,
	callFunction,
	done,
	end,
	sendStep,
} from './answer-events.ts';
import { abortable, paced, wait } from './answer-wait.ts';
import type { Item, WireItem } from './conversation.ts';

/** Why an answer ended before its end. */
export type BreakOff = 'turn_detected' | 'client_cancelled';

/** Gives the answer; resolves when it is over, however it ended. */
export async function giveAnswer( work: AnswerWork ): Promise< void > {
	const { wire, signal } = work;
	wire.send( {
		type: 'response.created',
		response: account( work, 'in_progress', {}, [] ),
	} );
	wire.send( {
		type: 'rate_limits.updated',
		rate_limits: [
			{
				name: 'tokens',
				limit: 2_000_000,
				remaining: 1_999_000,
				reset_seconds: 0.03,
			},
		],
	} );
	const progress: { item?: Item; words: string } = { words: '' };
	let parts: AnswerParts | undefined;
	try {
		parts = await abortable( work.prepare(), signal );
		await wait( parts.reply.firstChunkDelayMs ?? 0, signal );
		if ( await isBroken( work, parts.reply, 0 ) ) {
			return;
		}
		if ( parts.reply.calls ) {
			finish( work, parts, callFunction( work, parts.reply.calls ) );
			return;
		}
		progress.item = begin( work );
		const startedAt = performance.now();
		for ( const [ at, step ] of parts.steps.entries() ) {
			await paced( work, parts.reply, step, startedAt );
			if ( ! wire.isOpen ) {
				return;
			}
			sendStep( work, progress.item, step );
			progress.words += step.words;
			if ( await isBroken( work, parts.reply, at + 1 ) ) {
				return;
			}
		}
		finish(
			work,
			parts,
			end( work, {
				...progress,
				item: progress.item,
				isFinished: ! parts.isCut,
			} )
		);
	} catch ( error ) {
		if ( ! signal.aborted ) {
			throw error;
		}
		const item =
			progress.item &&
			end( work, {
				...progress,
				item: progress.item,
				isFinished: false,
			} );
		const reason = signal.reason as BreakOff;
		done( work, parts?.reply, 'cancelled', item, { reason } );
	}
}

/** Tells the end of an answer that ran to its end. */
function finish( work: AnswerWork, parts: AnswerParts, item: WireItem ): void {
	const { reply, isCut } = parts;
	if ( reply.fails === 'content_filter' ) {
		done( work, reply, 'incomplete', item, { reason: 'content_filter' } );
	} else if ( reply.fails ) {
		done( work, reply, 'failed', item, { error: reply.fails } );
	} else if ( isCut ) {
		done( work, reply, 'incomplete', item, {
			reason: 'max_output_tokens',
		} );
	} else {
		done( work, reply, 'completed', item, {} );
	}
}

/** Does the scripted damage that is due after `produced` pieces; true when the connection is gone. */
async function isBroken(
	{ wire, signal }: AnswerWork,
	reply: AnswerReply,
	produced: number
): Promise< boolean > {
	if ( reply.stall?.afterChunks === produced ) {
		await wait( reply.stall.forMs ?? Infinity, signal );
	}
	if ( reply.garbage?.afterChunks === produced ) {
		wire.sendRaw( reply.garbage.bytes );
	}
	if ( reply.cut?.afterChunks === produced ) {
		// Lets what was written reach the client first: a reset throws away what is still in the buffers.
		await wait( 5, signal );
		wire.drop( reply.cut.how );
		return true;
	}
	return false;
}

/**
 * Gives one answer in a call: its events in their order, at its pace, with its bill, until it is done or broken off.
 */
import {
	setImmediate as turnOfLoop,
	setTimeout as delay,
} from 'node:timers/promises';
import { bytesOf } from '../../speech/index.ts';
import type { BillEntry } from '../bill.ts';
import type { AnswerReply, Pace } from '../voice-behaviour.ts';
import { answerUsage } from './answer-usage.ts';
import type { AnswerStep } from './answer-plan.ts';
import { type Item, newId, shownItem, type WireItem } from './conversation.ts';
import type { CallWire } from './wire.ts';

/** Why an answer ended before its end. */
export type BreakOff = 'turn_detected' | 'client_cancelled';

/** What the answer is made of; it is known once what was asked has been heard. */
export interface AnswerParts {
	steps: AnswerStep[];
	/** The limit of tokens cut it. */
	isCut: boolean;
	reply: AnswerReply;
}

/** What an answer needs. */
export interface AnswerWork {
	id: string;
	wire: CallWire;
	billed: BillEntry;
	isSpoken: boolean;
	/** Fields that every account of the answer repeats: voice, limit, metadata, conversation. */
	described: Record< string, unknown >;
	pace: Pace;
	signal: AbortSignal;
	prepare(): Promise< AnswerParts >;
	/** Is given the item when it begins, so that it becomes part of the conversation, and says which item stands before it. */
	addItem( item: Item ): string | null;
	/** Is told each time that some of the answer is out. */
	onStep( item: Item, step: AnswerStep ): void;
}

interface Progress {
	item: Item;
	words: string;
	isFinished: boolean;
}

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

function begin( work: AnswerWork ): Item {
	const { wire, isSpoken } = work;
	const item: Item = {
		id: newId( 'item' ),
		wire: {
			type: 'message',
			role: 'assistant',
			status: 'in_progress',
			content: [],
		},
		audioMs: 0,
		version: 0,
	};
	announce( work, item );
	wire.send( {
		type: 'response.content_part.added',
		...placeOf( work, item ),
		part: isSpoken
			? { type: 'audio', transcript: '' }
			: { type: 'text', text: '' },
	} );
	return item;
}

function announce( work: AnswerWork, item: Item ): void {
	work.wire.send( {
		type: 'response.output_item.added',
		response_id: work.id,
		output_index: 0,
		item: shownItem( item ),
	} );
	const previous = work.addItem( item );
	if ( work.described.conversation_id ) {
		work.wire.send( {
			type: 'conversation.item.added',
			previous_item_id: previous,
			item: shownItem( item ),
		} );
	}
}

function sendStep( work: AnswerWork, item: Item, step: AnswerStep ): void {
	const { wire, isSpoken, billed } = work;
	// Billed before it is sent: what the model produced costs money whether or not it arrives.
	billed.tokens.output = step.textTokens;
	billed.tokens.audioOutput = step.audioTokens;
	const place = placeOf( work, item );
	if ( step.words !== '' ) {
		wire.send( {
			type: isSpoken
				? 'response.output_audio_transcript.delta'
				: 'response.output_text.delta',
			...place,
			delta: step.words,
		} );
	}
	if ( step.pcm.length > 0 ) {
		wire.send( {
			type: 'response.output_audio.delta',
			...place,
			delta: bytesOf( step.pcm ).toString( 'base64' ),
		} );
	}
	work.onStep( item, step );
}

/** Closes the item, finished or not. */
function end(
	work: AnswerWork,
	{ item, words, isFinished }: Progress
): WireItem {
	const { wire, isSpoken } = work;
	const place = placeOf( work, item );
	item.wire = {
		...item.wire,
		status: isFinished ? 'completed' : 'incomplete',
		content: [
			isSpoken
				? { type: 'output_audio', transcript: words }
				: { type: 'output_text', text: words },
		],
	};
	if ( isSpoken ) {
		wire.send( { type: 'response.output_audio.done', ...place } );
		wire.send( {
			type: 'response.output_audio_transcript.done',
			...place,
			transcript: words,
		} );
	} else {
		wire.send( {
			type: 'response.output_text.done',
			...place,
			text: words,
		} );
	}
	wire.send( {
		type: 'response.content_part.done',
		...place,
		part: isSpoken
			? { type: 'audio', transcript: words }
			: { type: 'text', text: words },
	} );
	return closed( work, item );
}

function closed( work: AnswerWork, item: Item ): WireItem {
	const shown = shownItem( item );
	if ( work.described.conversation_id ) {
		work.wire.send( { type: 'conversation.item.done', item: shown } );
	}
	work.wire.send( {
		type: 'response.output_item.done',
		response_id: work.id,
		output_index: 0,
		item: shown,
	} );
	return shown;
}

function callFunction(
	work: AnswerWork,
	call: { name: string; arguments: string }
): WireItem {
	const item: Item = {
		id: newId( 'item' ),
		wire: {
			type: 'function_call',
			status: 'in_progress',
			call_id: newId( 'call' ),
			name: call.name,
			arguments: '',
		},
		audioMs: 0,
		version: 0,
	};
	announce( work, item );
	const place = {
		response_id: work.id,
		item_id: item.id,
		output_index: 0,
		call_id: item.wire.call_id,
	};
	const type = 'response.function_call_arguments';
	work.wire.send( {
		type: `${ type }.delta`,
		...place,
		delta: call.arguments,
	} );
	work.wire.send( {
		type: `${ type }.done`,
		...place,
		name: call.name,
		arguments: call.arguments,
	} );
	item.wire = {
		...item.wire,
		status: 'completed',
		arguments: call.arguments,
	};
	return closed( work, item );
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

function done(
	work: AnswerWork,
	reply: AnswerReply | undefined,
	status: string,
	item: WireItem | undefined,
	details: Record< string, unknown >
): void {
	const usage =
		reply?.reportedUsage === null
			? {}
			: {
					usage:
						reply?.reportedUsage ??
						answerUsage( work.billed.tokens ),
				};
	work.wire.send( {
		type: 'response.done',
		response: {
			...account( work, status, details, item ? [ item ] : [] ),
			...usage,
		},
	} );
}

function account(
	work: AnswerWork,
	status: string,
	details: Record< string, unknown >,
	output: WireItem[]
): Record< string, unknown > {
	return {
		object: 'realtime.response',
		id: work.id,
		status,
		...( status === 'completed' || status === 'in_progress'
			? {}
			: { status_details: { type: status, ...details } } ),
		output,
		...work.described,
	};
}

function placeOf( work: AnswerWork, item: Item ): Record< string, unknown > {
	return {
		response_id: work.id,
		item_id: item.id,
		output_index: 0,
		content_index: 0,
	};
}

/** Waits until a piece is due. */
async function paced(
	{ pace, signal }: AnswerWork,
	reply: AnswerReply,
	step: AnswerStep,
	startedAt: number
): Promise< void > {
	const chosen = reply.pace ?? pace;
	if ( reply.chunkDelayMs !== undefined ) {
		await wait( reply.chunkDelayMs, signal );
	}
	if ( chosen === 'fast' ) {
		// Lets events of the client in between two pieces.
		await turnOfLoop( undefined, { signal } );
		return;
	}
	const speed = chosen === 'realtime' ? 1 : chosen;
	await wait( startedAt + step.atMs / speed - performance.now(), signal );
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

async function wait( ms: number, signal: AbortSignal ): Promise< void > {
	signal.throwIfAborted();
	if ( ms === Infinity ) {
		await abortable( new Promise( () => undefined ), signal );
	} else if ( ms > 0 ) {
		await delay( ms, undefined, { signal } );
	}
}

/** Gives up waiting when the answer is broken off. */
async function abortable< Value >(
	promise: Promise< Value >,
	signal: AbortSignal
): Promise< Value > {
	signal.throwIfAborted();
	const { promise: aborted, reject } = Promise.withResolvers< never >();
	const onAbort = (): void => reject( signal.reason );
	signal.addEventListener( 'abort', onAbort );
	try {
		return await Promise.race( [ promise, aborted ] );
	} finally {
		signal.removeEventListener( 'abort', onAbort );
	}
}

/**
 * Sends the events of one answer in a call, in the shapes of the wire.
 */
import { bytesOf } from '../../speech/index.ts';
import type { BillEntry } from '../bill.ts';
import type { AnswerReply, Pace } from '../voice-behaviour.ts';
import type { AnswerStep } from './answer-plan.ts';
import { answerUsage } from './answer-usage.ts';
import { type Item, newId, shownItem, type WireItem } from './conversation.ts';
import type { CallWire } from './wire.ts';

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

/** Begins the item of an answer. */
export function begin( work: AnswerWork ): Item {
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

/** Sends one piece. */
export function sendStep(
	work: AnswerWork,
	item: Item,
	step: AnswerStep
): void {
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
export function end(
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

/** Calls a function instead of saying anything. */
export function callFunction(
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

/** Tells the end of an answer. */
export function done(
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

/** Gives the account of an answer that its first and its last event carry. */
export function account(
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

/**
 * Writes the events of prebuilt calls: the same turn and the same answer every time.
 */
import type { BilledTokens } from '../prices.ts';
import { answerUsage } from './answer-usage.ts';
import { defaultSettings } from './session-settings.ts';

/** The model of every call. */
export const MODEL = 'gpt-realtime-2.1-mini';
const HEARD = 'How long may I return a tent?';
/** What every answer says. */
export const SAID =
	'You may return a tent within thirty days, as long as it is clean and dry and in the bag that it came in.';
/** Where every piece of an answer belongs. */
export const PLACE = {
	response_id: 'resp_fast',
	item_id: 'itemanswer_fast',
	output_index: 0,
	content_index: 0,
};
/** What every answer uses. */
export const TOKENS: BilledTokens = {
	input: 400,
	cachedInput: 0,
	cacheWrite: 0,
	output: 30,
	audioInput: 30,
	audioOutput: 150,
};

/** An event of either side. */
export interface FastEvent {
	type: string;
	session?: object;
	item?: { id?: string; content?: object[] };
	item_id?: string | undefined;
	audio_end_ms?: number;
	[ name: string ]: unknown;
}

/** Writes an event as a frame. */
export function text( event: FastEvent ): string {
	return JSON.stringify( { event_id: 'event_0', ...event } );
}

/** The session as it is shown. */
export function session(): object {
	return {
		type: 'realtime',
		object: 'realtime.session',
		id: 'sess_0',
		...defaultSettings( MODEL ),
	};
}

/** What follows on a turn of the client. */
export function committed( itemId: string ): FastEvent[] {
	const item = {
		id: itemId,
		object: 'realtime.item',
		type: 'message',
		role: 'user',
		status: 'completed',
		content: [ { type: 'input_audio', transcript: null } ],
	};
	const type = 'conversation.item.input_audio_transcription';
	const place = { item_id: itemId, content_index: 0 };
	return [
		{ type: 'input_audio_buffer.committed', item_id: itemId },
		{ type: 'conversation.item.added', item },
		{ type: 'conversation.item.done', item },
		{ type: `${ type }.delta`, ...place, delta: HEARD },
		{
			type: `${ type }.completed`,
			...place,
			transcript: HEARD,
			usage: { type: 'duration', seconds: 3 },
		},
	];
}

function answerItem( status: string ): object {
	return {
		id: PLACE.item_id,
		object: 'realtime.item',
		type: 'message',
		role: 'assistant',
		status,
		content:
			status === 'in_progress'
				? []
				: [ { type: 'output_audio', transcript: SAID } ],
	};
}

function response( status: string ): Record< string, unknown > {
	return {
		object: 'realtime.response',
		id: PLACE.response_id,
		status,
		output: [],
		conversation_id: 'conv_0',
		output_modalities: [ 'audio' ],
	};
}

/** What an answer begins with. */
export function beginning(): FastEvent[] {
	const item = answerItem( 'in_progress' );
	return [
		{ type: 'response.created', response: response( 'in_progress' ) },
		{
			type: 'response.output_item.added',
			response_id: PLACE.response_id,
			output_index: 0,
			item,
		},
		{ type: 'conversation.item.added', item },
		{
			type: 'response.content_part.added',
			...PLACE,
			part: { type: 'audio', transcript: '' },
		},
	] as FastEvent[];
}

/** What an answer ends with. */
export function ending( status: string ): FastEvent[] {
	const item = answerItem(
		status === 'completed' ? 'completed' : 'incomplete'
	);
	return [
		{ type: 'response.output_audio.done', ...PLACE },
		{
			type: 'response.output_audio_transcript.done',
			...PLACE,
			transcript: SAID,
		},
		{
			type: 'response.content_part.done',
			...PLACE,
			part: { type: 'audio', transcript: SAID },
		},
		{ type: 'conversation.item.done', item },
		{
			type: 'response.output_item.done',
			response_id: PLACE.response_id,
			output_index: 0,
			item,
		},
		{
			type: 'response.done',
			response: {
				...response( status ),
				...( status === 'completed'
					? {}
					: {
							status_details: {
								type: status,
								reason: 'client_cancelled',
							},
						} ),
				output: [ item ],
				usage: answerUsage( TOKENS ),
			},
		},
	] as FastEvent[];
}

/**
 * Plans the answer to a chat with audio: its words, its speech, and where a limit of tokens cuts it.
 */
import type { Reply } from '../behaviour.ts';
import type { ChatMessage, ChatRequest } from '../chat-request.ts';
import type { Exchange } from '../exchange.ts';
import {
	type AnswerStep,
	capSteps,
	planSpoken,
	planWritten,
} from '../realtime/answer-plan.ts';
import { spokenReply } from '../spoken-reply.ts';
import type { VoiceServices } from '../voice-services.ts';
import { wantsSpeech } from './audio-request.ts';

const PIECE_MS = 200;

/** What is said, before it is sent. */
export interface SpokenPlan {
	id: string;
	created: number;
	model: string;
	isSpoken: boolean;
	steps: AnswerStep[];
	finishReason: string;
}

/** Works out what is said. */
export async function planSpokenReply( {
	exchange,
	services,
	request,
	reply,
	messages,
}: {
	exchange: Exchange;
	services: VoiceServices;
	request: ChatRequest;
	reply: Reply;
	messages: ChatMessage[];
} ): Promise< SpokenPlan > {
	const isSpoken = wantsSpeech( request );
	const scripted =
		typeof reply.text === 'function' ? reply.text( request ) : reply.text;
	const chunked = Array.isArray( reply.chunks )
		? reply.chunks.join( '' )
		: undefined;
	const text = chunked ?? scripted ?? spokenReply( messages );
	const { steps, isCut } = capSteps(
		isSpoken
			? planSpoken( text, await services.say( text ), PIECE_MS )
			: planWritten( text ),
		request.max_completion_tokens ?? request.max_tokens ?? 'inf'
	);
	return {
		id: `chatcmpl-${ exchange.entry.requestId.slice( 4, 33 ) }`,
		created: Math.floor( exchange.entry.receivedAtMs / 1_000 ),
		model: request.model,
		isSpoken,
		steps,
		finishReason: reply.finishReason ?? ( isCut ? 'length' : 'stop' ),
	};
}

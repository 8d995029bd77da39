/**
 * Begins, interrupts and bills the answers of a call: at most one in the conversation, any number beside it.
 */
import { spokenReply } from '../spoken-reply.ts';
import { countTokens } from '../tokens.ts';
import type { AnswerReply, Pace } from '../voice-behaviour.ts';
import type { VoiceServices } from '../voice-services.ts';
import { type BreakOff, giveAnswer } from './answer.ts';
import type { AnswerParts } from './answer-events.ts';
import { capSteps, planSpoken, planWritten } from './answer-plan.ts';
import { countPrompt } from './answer-usage.ts';
import { CallError } from './call-error.ts';
import {
	asMessages,
	countItem,
	type Item,
	newId,
	type PromptUnit,
	readItem,
} from './conversation.ts';
import { refuseUnknown } from './fields.ts';
import { checkAnswerFields, type SessionSettings } from './session-settings.ts';
import type { CallWire } from './wire.ts';

/** The answers of a call. */
export interface Answers {
	/** Whether the model has spoken; from then on its voice stays. */
	readonly hasSpoken: boolean;
	/** Whether one is being given in the conversation. */
	readonly isBusy: boolean;
	/** Begins one as `response.create` wants it; throws {@link CallError} when it is refused. */
	begin( wanted: Record< string, unknown > ): void;
	/** Breaks off the one in the conversation, if there is one. */
	interrupt( why: BreakOff ): void;
	/** Breaks one off; throws {@link CallError} when there is none. */
	cancel( id: unknown ): void;
	/** Lets go of everything: the call is over. */
	end(): void;
}

const PIECE_MS = 100;
const FIELDS = [
	...[ 'conversation', 'input', 'instructions', 'output_modalities' ],
	...[ 'max_output_tokens', 'metadata', 'audio', 'tools', 'tool_choice' ],
	...[ 'parallel_tool_calls', 'reasoning', 'prompt' ],
];

interface Running {
	id: string;
	isInConversation: boolean;
	breakOff: AbortController;
}

/** Starts without an answer. */
export function createAnswers( {
	items,
	wire,
	services,
	pace,
	settings,
}: {
	/** The conversation; answers that belong to it are added. */
	items: Item[];
	wire: CallWire;
	services: VoiceServices;
	pace: Pace;
	settings: () => SessionSettings;
} ): Answers {
	const conversationId = newId( 'conv' );
	const running = new Set< Running >();
	let seen: string[] = [];
	let hasSpoken = false;

	const active = (): Running | undefined =>
		[ ...running ].find( ( answer ) => answer.isInConversation );
	const start = ( wanted: Record< string, unknown > ): void => {
		const session = settings();
		const isInConversation = wanted.conversation !== 'none';
		const answer: Running = {
			id: newId( 'resp' ),
			isInConversation,
			breakOff: new AbortController(),
		};
		const asked = Array.isArray( wanted.input )
			? wanted.input.map( ( item ) => inputItem( item, items ) )
			: [ ...items ];
		const instructions = String(
			wanted.instructions ?? session.instructions
		);
		const modalities = ( wanted.output_modalities ??
			session.output_modalities ) as string[];
		const isSpoken = modalities.includes( 'audio' );
		const cap = ( wanted.max_output_tokens ??
			session.max_output_tokens ) as number | 'inf';
		const units = [
			instructionsUnit( instructions, session.tools ),
			...asked.map( countItem ),
		];
		const billed = services.bill.open(
			answer.id,
			session.model,
			countPrompt( units, isInConversation ? seen : [] )
		);
		const output = wanted.audio as
			{ output?: { voice?: string } } | undefined;
		running.add( answer );
		void giveAnswer( {
			id: answer.id,
			wire,
			billed,
			isSpoken,
			described: {
				output_modalities: modalities,
				max_output_tokens: cap,
				...( wanted.metadata ? { metadata: wanted.metadata } : {} ),
				...( isInConversation
					? { conversation_id: conversationId }
					: {} ),
				audio: {
					output: {
						format: session.audio.output.format,
						voice:
							output?.output?.voice ?? session.audio.output.voice,
					},
				},
			},
			pace,
			signal: answer.breakOff.signal,
			prepare: () =>
				prepareAnswer( {
					instructions,
					asked,
					isSpoken,
					cap,
					isInConversation,
					model: session.model,
					services,
				} ),
			addItem( item ) {
				const previous = items.at( -1 )?.id ?? null;
				if ( isInConversation ) {
					items.push( item );
				}
				return previous;
			},
			onStep( item, step ) {
				item.audioMs = step.atMs + step.pcm.length / 24;
				hasSpoken ||= step.pcm.length > 0;
			},
		} ).then(
			() => {
				running.delete( answer );
				if ( isInConversation ) {
					seen = units
						.map( ( unit ) => unit.key )
						.concat(
							items
								.slice( asked.length )
								.map( ( item ) => countItem( item ).key )
						);
				}
			},
			( error: unknown ) => {
				running.delete( answer );
				wire.send( {
					type: 'error',
					error: {
						type: 'server_error',
						code: null,
						message: String( error ),
						param: null,
						event_id: null,
					},
				} );
			}
		);
	};

	return {
		get hasSpoken() {
			return hasSpoken;
		},
		get isBusy() {
			return active() !== undefined;
		},
		begin( wanted ) {
			refuseUnknown( wanted, FIELDS, 'response' );
			checkAnswerFields( wanted, 'response' );
			const other = active();
			if ( other && wanted.conversation !== 'none' ) {
				throw new CallError(
					`Conversation already has an active response in progress: ${ other.id }. Wait until the response is finished before creating a new one.`,
					'conversation_already_has_active_response'
				);
			}
			start( wanted );
		},
		interrupt( why ) {
			for ( const answer of running ) {
				if ( answer.isInConversation ) {
					running.delete( answer );
					answer.breakOff.abort( why );
				}
			}
		},
		cancel( id ) {
			const answer = [ ...running ].find( ( one ) =>
				id === undefined ? one.isInConversation : one.id === id
			);
			if ( ! answer ) {
				throw new CallError(
					'Cancellation failed: no active response found',
					'response_cancel_not_active'
				);
			}
			running.delete( answer );
			answer.breakOff.abort( 'client_cancelled' satisfies BreakOff );
		},
		end() {
			for ( const answer of running ) {
				answer.breakOff.abort( 'client_cancelled' satisfies BreakOff );
			}
		},
	};
}

/** Works out what is said. */
async function prepareAnswer( {
	instructions,
	asked,
	isSpoken,
	cap,
	isInConversation,
	model,
	services,
}: {
	instructions: string;
	asked: Item[];
	isSpoken: boolean;
	cap: number | 'inf';
	isInConversation: boolean;
	model: string;
	services: VoiceServices;
} ): Promise< AnswerParts > {
	const messages = await asMessages( instructions, asked );
	const last = messages.findLast( ( { role } ) => role === 'user' );
	const request = {
		model,
		instructions,
		question: String( last?.content ?? '' ),
		isInConversation,
	};
	const reply: AnswerReply = services.script.next( 'answer', request );
	const text =
		( typeof reply.text === 'function'
			? reply.text( request )
			: reply.text ) ?? spokenReply( messages );
	const steps = isSpoken
		? planSpoken(
				text,
				await services.say( text ),
				reply.pieceMs ?? PIECE_MS
			)
		: planWritten( text );
	return { ...capSteps( steps, cap ), reply };
}

/** An answer beside the conversation may be given items of its own, or be referred to those of the conversation. */
function inputItem( value: unknown, items: readonly Item[] ): Item {
	const reference = value as { type?: string; id?: string };
	if ( reference.type !== 'item_reference' ) {
		return readItem( value );
	}
	const item = items.find( ( { id } ) => id === reference.id );
	if ( ! item ) {
		throw new CallError(
			`Item with item_id not found: ${ reference.id }`,
			'item_not_found',
			'response.input'
		);
	}
	return item;
}

function instructionsUnit(
	instructions: string,
	tools: readonly object[]
): PromptUnit {
	const text =
		instructions + ( tools.length > 0 ? JSON.stringify( tools ) : '' );
	return { key: text, text: countTokens( text ), audio: 0, image: 0 };
}

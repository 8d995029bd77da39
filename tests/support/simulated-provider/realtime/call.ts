/**
 * Holds one call: what the client may say, what it does to the session, and which answer is being given.
 */
import { bytesOf } from '../../speech/index.ts';
import type { CallReply } from '../voice-behaviour.ts';
import type { VoiceServices } from '../voice-services.ts';
import { createAnswers } from './answers.ts';
import { CallError } from './call-error.ts';
import { type ClientEvent, createItemHandlers } from './call-items.ts';
import { type Item, newId } from './conversation.ts';
import { listen } from './hearing.ts';
import { createInputAudio, readAppended } from './input-audio.ts';
import { changedSettings, defaultSettings } from './session-settings.ts';
import { createTurnDetector, type TurnEdge } from './turn-detector.ts';
import type { CallWire } from './wire.ts';

/** One call, from its first event to its last. */
export interface Call {
	/** Says that the session is there. */
	open(): void;
	/** Does what the client wants; throws {@link CallError} when it is refused. */
	take( event: ClientEvent ): void;
	/** Ends whatever goes on. */
	end(): void;
}

const MIN_COMMIT_MS = 100;
const MAX_APPEND_BYTES = 15 * 1024 * 1024;
const SESSION_SECONDS = 3_600;
/** Silence that is kept before a turn begins. */
const KEPT_MS = 10_000;

/** Starts a call of a model. */
export function createCall( {
	model,
	reply,
	wire,
	services,
}: {
	model: string;
	reply: CallReply;
	wire: CallWire;
	services: VoiceServices;
} ): Call {
	const id = newId( 'sess' );
	const expiresAt = Math.floor( Date.now() / 1_000 ) + SESSION_SECONDS;
	const items: Item[] = [];
	const audio = createInputAudio();
	let settings = defaultSettings( model );
	let detector = createTurnDetector( { type: 'server_vad' } );
	let turn: { itemId: string; fromMs: number } | undefined;
	const itemHandlers = createItemHandlers( items, wire );
	const answers = createAnswers( {
		items,
		wire,
		services,
		pace: reply.pace ?? services.pace,
		settings: () => settings,
	} );

	const shownSession = (): Record< string, unknown > => ( {
		type: 'realtime',
		object: 'realtime.session',
		id,
		expires_at: expiresAt,
		...settings,
	} );
	const addSaid = ( pcm: Int16Array, itemId: string ): void => {
		const previous = items.at( -1 )?.id ?? null;
		const item: Item = {
			id: itemId,
			wire: {
				type: 'message',
				role: 'user',
				status: 'completed',
				content: [
					{
						type: 'input_audio',
						transcript: null,
						audio: bytesOf( pcm ).toString( 'base64' ),
					},
				],
			},
			audioMs: pcm.length / 24,
			version: 0,
		};
		items.push( item );
		wire.send( {
			type: 'input_audio_buffer.committed',
			previous_item_id: previous,
			item_id: itemId,
		} );
		itemHandlers.announce( item, previous );
		item.words = listen( {
			itemId,
			pcm,
			transcription: settings.audio.input.transcription,
			wire,
			services,
		} ).then( ( words ) => {
			const [ part ] = item.wire.content ?? [];
			if ( part ) {
				part.transcript = words;
			}
			return words;
		} );
	};
	const hearEdge = ( { kind, atMs }: TurnEdge ): void => {
		const turns = settings.audio.input.turn_detection;
		if ( kind === 'started' ) {
			turn = { itemId: newId( 'item' ), fromMs: atMs };
			wire.send( {
				type: 'input_audio_buffer.speech_started',
				audio_start_ms: Math.round( atMs ),
				item_id: turn.itemId,
			} );
			if ( turns?.interrupt_response ) {
				answers.interrupt( 'turn_detected' );
			}
		} else if ( turn ) {
			const { itemId, fromMs } = turn;
			turn = undefined;
			wire.send( {
				type: 'input_audio_buffer.speech_stopped',
				audio_end_ms: Math.round( atMs ),
				item_id: itemId,
			} );
			addSaid( audio.take( fromMs, atMs ), itemId );
			if ( turns?.create_response && ! answers.isBusy ) {
				answers.begin( {} );
			}
		}
	};
	const append = ( sent: unknown ): void => {
		const pcm = readAppended( sent );
		if ( ! pcm ) {
			throw new CallError(
				"Invalid 'audio'. Expected base64-encoded audio bytes of 16-bit samples.",
				'invalid_value',
				'audio'
			);
		}
		if ( pcm.byteLength > MAX_APPEND_BYTES ) {
			throw new CallError(
				"Invalid 'audio': more than 15 MiB in one event.",
				'invalid_value',
				'audio'
			);
		}
		audio.append( pcm );
		if ( settings.audio.input.turn_detection ) {
			detector.feed( pcm ).forEach( hearEdge );
			if ( ! turn && audio.waitingMs > 2 * KEPT_MS ) {
				audio.take( undefined, audio.totalMs - KEPT_MS );
			}
		}
	};
	const commit = (): void => {
		if ( audio.waitingMs < MIN_COMMIT_MS ) {
			throw new CallError(
				`Error committing input audio buffer: buffer too small. Expected at least ${ MIN_COMMIT_MS }ms of audio, but buffer only has ${ audio.waitingMs.toFixed( 2 ) }ms of audio.`,
				'input_audio_buffer_commit_empty'
			);
		}
		const itemId = turn?.itemId ?? newId( 'item' );
		const fromMs = turn?.fromMs;
		turn = undefined;
		detector.reset();
		addSaid( audio.take( fromMs ), itemId );
	};
	const update = ( change: unknown ): void => {
		const next = changedSettings( settings, change, answers.hasSpoken );
		const { turn_detection: turns } = next.audio.input;
		if ( turns && turns !== settings.audio.input.turn_detection ) {
			detector = createTurnDetector( turns, audio.totalMs );
			turn = undefined;
		}
		settings = next;
		wire.send( { type: 'session.updated', session: shownSession() } );
	};
	const handlers: Record< string, ( event: ClientEvent ) => void > = {
		'session.update': ( { session } ) => update( session ),
		'input_audio_buffer.append': ( event ) => append( event.audio ),
		'input_audio_buffer.commit': commit,
		'input_audio_buffer.clear': () => {
			audio.clear();
			detector.reset();
			turn = undefined;
			wire.send( { type: 'input_audio_buffer.cleared' } );
		},
		...itemHandlers.events,
		'response.create': ( { response } ) =>
			answers.begin( ( response ?? {} ) as Record< string, unknown > ),
		'response.cancel': ( event ) => answers.cancel( event.response_id ),
	};
	return {
		open: () =>
			wire.send( { type: 'session.created', session: shownSession() } ),
		take( event ) {
			const handle = Object.hasOwn( handlers, event.type )
				? handlers[ event.type ]
				: undefined;
			if ( ! handle ) {
				throw new CallError(
					`Invalid value: '${ event.type }'. Supported values are: ${ Object.keys(
						handlers
					)
						.map( ( name ) => `'${ name }'` )
						.join( ', ' ) }.`,
					'invalid_value',
					'type'
				);
			}
			handle( event );
		},
		end: () => answers.end(),
	};
}

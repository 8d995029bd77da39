/**
 * Starts the simulated provider: a local server that speaks OpenAI's wire format, fails on command and keeps its own bill.
 */
import { once } from 'node:events';
import {
	createServer,
	type IncomingMessage,
	type ServerResponse,
} from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { createAudioMemory } from './audio-chat/audio-memory.ts';
import type { Behaviour } from './behaviour.ts';
import { type Bill, createBill } from './bill.ts';
import { answerChat } from './chat-completions.ts';
import { answerDecision } from './decisions.ts';
import { answerControl } from './control.ts';
import { type Exchange, openExchange } from './exchange.ts';
import { DIALECTS, type DialectName } from './dialects.ts';
import type { Dialect } from './dialect.ts';
import { createFastLane } from './fast-lane.ts';
import { createJournal, type Journal } from './journal.ts';
import { answerModels } from './models.ts';
import { createPromptCache } from './prompt-cache.ts';
import { createCallDoor } from './realtime/call-door.ts';
import { createFastCallDoor } from './realtime/fast-calls.ts';
import { createScript } from './script.ts';
import { answerSpeech } from './speech/answer-speech.ts';
import { answerTranscription } from './transcriptions/answer-transcription.ts';
import type { Pace } from './voice-behaviour.ts';
import { createVoiceServices } from './voice-services.ts';

export {
	type Behaviour,
	type ChatBehaviour,
	faults,
	type Reply,
} from './behaviour.ts';
export type { Bill, BillEntry } from './bill.ts';
export type { Journal, JournalEntry } from './journal.ts';
export { DIALECTS, type DialectName } from './dialects.ts';
export type { CallEvent, CallRecord } from './journal.ts';
export { preciseNowMs } from './journal.ts';
export { PRICES } from './prices.ts';
export { VOICE_PRICES } from './voice-prices.ts';
export type * from './voice-behaviour.ts';

/** Judges requests and replies against the API's own description; returns one sentence a fault. */
export type Inspector = ( schema: string, value: unknown ) => string[];

const AUDIO_LIFETIME_MS = 3_600_000;

/** A running provider. */
export interface SimulatedProvider {
	/** For `OPENAI_BASE_URL`, with `/v1`, or with what a dialect has in its place. */
	readonly baseUrl: string;
	readonly port: number;
	readonly bill: Bill;
	readonly journal: Journal;
	/** What the inspector found wrong, on either side of the wire. */
	readonly violations: readonly string[];
	/** Queues behaviours; each is used for one request, in this order, by the first request that fits its `when`. */
	script( ...behaviours: Behaviour[] ): void;
	/** Sets what happens once the queue is empty. */
	setDefault( behaviour: Behaviour ): void;
	/** Forgets queue, default, bill, journal and violations. */
	reset(): void;
	/** Closes the server and every connection to it. */
	close(): Promise< void >;
}

/** Options of {@link startSimulatedProvider}. */
export interface SimulatedProviderOptions {
	/** 0, the default, takes any free port. */
	port?: number;
	/** What happens when nothing is scripted; default: the grounded reply. */
	behaviour?: Behaviour;
	/** Takes only this key; default: any. */
	apiKey?: string;
	/**
	 * Prebuilt streams of this many chunks, and prebuilt calls, without journal, script or checks: for load runs. With
	 * `isEcho` the audio of a call comes straight back.
	 */
	fast?: { chunks: number; isEcho?: boolean };
	/** Whether long prompts are cached and billed as the real API does it; default true. */
	hasPromptCache?: boolean;
	/** Speaks like another provider. */
	dialect?: DialectName;
	/** Whether it speaks and listens with the programs of this machine, where it has them; default true. Else tones stand for speech. */
	hasRealSpeech?: boolean;
	/** How fast calls are answered; default: as fast as it goes. */
	pace?: Pace;
	/** How long a spoken answer of a chat can be referred to; default: an hour. */
	audioLifetimeMs?: number;
	/** Holds requests and replies against the API's description; see `tests/support/openapi`. */
	inspector?: Inspector;
}

/** Starts the provider on the loopback address. */
export async function startSimulatedProvider(
	options: SimulatedProviderOptions = {}
): Promise< SimulatedProvider > {
	const { behaviour: initial = {}, hasPromptCache = true } = options;
	const bill = createBill();
	const journal = createJournal();
	const dialect: Dialect | undefined =
		options.dialect && DIALECTS[ options.dialect ];
	const basePath = dialect?.basePath ?? '/v1';
	const promptCache = hasPromptCache ? createPromptCache() : undefined;
	const script = createScript( initial );
	let violations: string[] = [];

	const shared = {
		bill,
		journal,
		script,
		pace: options.pace ?? 'fast',
		audioMemory: createAudioMemory(
			options.audioLifetimeMs ?? AUDIO_LIFETIME_MS
		),
	};
	const inspect = ( schema: string, value: unknown ): void => {
		violations.push( ...( options.inspector?.( schema, value ) ?? [] ) );
	};
	const voice = createVoiceServices(
		{ ...shared, inspect },
		options.hasRealSpeech ?? true
	);
	const controls = {
		script: script.add,
		setDefault: script.setDefault,
		reset() {
			script.reset();
			violations = [];
			bill.clear();
			journal.clear();
			promptCache?.clear();
		},
	};

	const route = async ( exchange: Exchange ): Promise< void > => {
		const { method, url = '/' } = exchange.request;
		const { authorization, 'api-key': apiKey } = exchange.request.headers;
		const path = url.startsWith( basePath )
			? url.slice( basePath.length )
			: url;
		const isPublic = dialect?.keyPath !== undefined && path === '/models';
		const isAllowed =
			isPublic ||
			( exchange.entry.hasKey &&
				( options.apiKey === undefined ||
					authorization === `Bearer ${ options.apiKey }` ||
					apiKey === options.apiKey ) );
		if ( ! isAllowed ) {
			exchange.refuse( {
				kind: 'refusal',
				status: 401,
				error: {
					message: exchange.entry.hasKey
						? 'Incorrect API key provided.'
						: "You didn't provide an API key.",
					type: 'invalid_request_error',
					code: 'invalid_api_key',
				},
			} );
			return;
		}
		const [ resource ] = path.split( '?' );
		const isChat = dialect?.chatPath?.test( path );
		switch ( `${ method } ${ isChat ? '/chat/completions' : resource }` ) {
			case 'GET /models':
				return answerModels( exchange, inspect, {
					...( dialect ? { dialect } : {} ),
					...( options.dialect &&
					! options.dialect.startsWith( 'azure' )
						? { seller: options.dialect }
						: {} ),
				} );
			case `GET ${ dialect?.keyPath }`:
				return exchange.json( 200, {
					data: { label: 'key', usage: 0 },
				} );
			case 'POST /chat/completions':
				return answerChat( exchange, {
					bill,
					promptCache,
					nextBehaviour: ( request ) =>
						script.next( 'chat', request ),
					inspect,
					dialect,
					voice,
				} );
			case 'POST /decisions':
				return answerDecision( exchange, {
					bill,
					nextBehaviour: ( request ) =>
						script.next( 'chat', request ),
				} );
			case 'POST /audio/transcriptions':
				return answerTranscription( exchange, voice );
			case 'POST /audio/speech':
				return answerSpeech( exchange, voice );
			default:
				exchange.refuse( {
					kind: 'refusal',
					status: 404,
					error: {
						message: `Invalid URL (${ exchange.entry.method } ${ exchange.entry.path })`,
						type: 'invalid_request_error',
						code: null,
					},
				} );
		}
	};

	const fastLane = options.fast
		? createFastLane( options.fast.chunks, bill )
		: undefined;
	const server = createServer(
		( request: IncomingMessage, response: ServerResponse ) => {
			if ( request.url?.startsWith( '/__' ) ) {
				void answerControl( request, response, {
					bill,
					journal,
					...controls,
				} );
			} else if ( fastLane ) {
				fastLane( request, response );
			} else {
				openExchange( request, response, journal, dialect ).then(
					route,
					() =>
						// The client left in the middle of its own request: there is nobody to answer.
						response.destroy()
				);
			}
		}
	);
	const door = options.fast
		? createFastCallDoor( bill, options.fast )
		: createCallDoor( {
				services: voice,
				path: `${ basePath }/realtime`,
				isKey: ( key ) =>
					options.apiKey === undefined || key === options.apiKey,
			} );
	server.on( 'upgrade', ( request, socket, head ) =>
		door.upgrade( request, socket as Socket, head )
	);
	server.listen( options.port ?? 0, '127.0.0.1' );
	await once( server, 'listening' );
	const { port } = server.address() as AddressInfo;

	return {
		baseUrl: `http://127.0.0.1:${ port }${ basePath }`,
		port,
		bill,
		journal,
		get violations() {
			return violations;
		},
		...controls,
		async close() {
			const closed = once( server, 'close' );
			door.close();
			server.close();
			server.closeAllConnections();
			await closed;
		},
	};
}

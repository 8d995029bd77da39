/**
 * Wires the proxy together: configuration in, services out.
 */
import { readFileSync } from 'node:fs';
import type { Logger } from 'pino';
import { createAnswers, type Answers } from './answers/answers.ts';
import { createUnanswered, type Unanswered } from './answers/unanswered.ts';
import { createAskCoalescing } from './ask/ask.ts';
import { createAsk, type Ask } from './ask/run-turn.ts';
import {
	createModelServices,
	type ModelServices,
} from './ask/model-services.ts';
import { createSpeechMemory } from './ask/speech-memory.ts';
import { createSpokenAnswers } from './ask/spoken-answers.ts';
import { createLiveServices } from './ask/live.ts';
import { createTurns, type Turns } from './ask/turns.ts';
import { createCalls, type Calls } from './calls/calls.ts';
import type { Config } from './config.ts';
import { ConfigError } from './errors.ts';
import { createKnowledge, type Knowledge } from './knowledge/knowledge.ts';
import { createLedger, type Ledger } from './ledger/ledger.ts';
import {
	createRateLimiter,
	type RateLimiter,
} from './middleware/rate-limit.ts';
import {
	createVisitorVerifier,
	type VerifyVisitor,
} from './middleware/visitor-auth.ts';
import { createMetrics, type Metrics } from './metrics/metrics.ts';
import { watchProcess } from './metrics/watch-process.ts';
import { watchState } from './metrics/watch-state.ts';
import { loadCatalog } from './models/catalog.ts';
import {
	createShutdownWatch,
	type ShutdownWatch,
} from './models/shutdown-watch.ts';
import { createHeartbeat, type Heartbeat } from './routes/heartbeat.ts';
import { createSites, type Sites } from './sites.ts';
import type { ConversationStore } from './stores/conversation-store.ts';
import { openSqliteStores } from './stores/sqlite/sqlite-stores.ts';
import type { Stores } from './stores/stores.ts';
import type { Clock } from './types.ts';
import { createProviders } from './upstream/providers.ts';
import {
	createListenQueue,
	type ListenQueue,
} from './voice/listen/background.ts';
import { createListen, type Listen } from './voice/listen/listen.ts';
import { createLiveCalls, type LiveCalls } from './voice/live/live-calls.ts';
import type { LiveTimes } from './voice/live/live-times.ts';
import { createSpeaker } from './voice/speech/create-speaker.ts';
import type { Speaker } from './voice/speech/speaker.ts';
import { voiceOf } from './voice/voice-of.ts';
import { createTranscriber } from './voice/transcription/create-transcriber.ts';

/** Stored speech that nobody heard for so long is forgotten, in milliseconds. */
const SPEECH_UNUSED_MS = 90 * 86_400_000;

export interface Services {
	config: Config;
	clock: Clock;
	log: Logger;
	stores: Stores;
	sites: Sites;
	knowledge: Knowledge;
	answers: Answers;
	unanswered: Unanswered;
	conversations: ConversationStore;
	ledger: Ledger;
	/** Takes every finished call. */
	calls: Calls;
	metrics: Metrics;
	turns: Turns;
	/** Absent without a provider's key: answers are quoted from the site. */
	models: ModelServices | undefined;
	/** Knows which models in use will be switched off; absent with the models. */
	shutdowns: ShutdownWatch | undefined;
	/** Speaks answers and articles; absent with the models. */
	speaker: Speaker | undefined;
	/** Reads articles aloud; without a speaker only what is stored. */
	listen: Listen;
	listenQueue: ListenQueue;
	/** Live conversations; nobody is there to speak with without the models. */
	live: LiveCalls;
	ask: Ask;
	rateLimiter: RateLimiter;
	heartbeat: Heartbeat;
	verifyVisitor: VerifyVisitor;
	version: string;
	/** Clears what is due: expired reservations, old conversations. */
	tidy(): Promise< void >;
	close(): Promise< void >;
}

/** What tests set and a running proxy leaves alone. */
export interface ServiceOptions {
	clock?: Clock;
	graceMs?: number;
	heartbeatMs?: number;
	/** How long a provider may be silent, in milliseconds. */
	silenceMs?: number;
	/** Chance from 0 to 1, which spreads waits. */
	random?: () => number;
	/** How long a visitor waits for the first words, in milliseconds. */
	firstWordsMs?: number;
	/** How long things take in live conversations. */
	liveTimes?: Partial< LiveTimes >;
	/** What recordings and speech of running answers may hold of the memory, in bytes. */
	maxSoundBytes?: number;
}

/** Builds every service; throws `ConfigError` or an error that says why the data cannot be kept. */
export async function createServices(
	config: Config,
	log: Logger,
	{
		clock = Date.now,
		graceMs,
		silenceMs,
		heartbeatMs,
		random,
		firstWordsMs,
		liveTimes,
		maxSoundBytes,
	}: ServiceOptions = {}
): Promise< Services > {
	const catalog = loadCatalog( config.modelsFile, {
		providers: config.providers,
		clock,
	} );
	for ( const warning of catalog.warnings ) {
		log.warn( `DOCENT_MODELS_FILE: ${ warning }` );
	}
	const stores = await openStores( config, log );
	const { conversations } = stores;
	const sites = createSites( { sites: config.sites, store: stores.sites } );
	const knowledge = createKnowledge( { store: stores.knowledge, clock } );
	const answers = createAnswers( { store: stores.answers, clock } );
	const unanswered = createUnanswered( { store: stores.unanswered, clock } );
	const metrics = createMetrics();
	const ledger = createLedger( {
		store: stores.ledger,
		clock,
		log,
		onUnpriced: ( model ) =>
			metrics.count( 'docent_unpriced_model_total', { model } ),
	} );
	const version = readVersion();
	const traces =
		config.traces &&
		( await import( './calls/traces.ts' ) ).createTraces( {
			...config.traces,
			version,
			clock,
			log,
		} );
	const calls = createCalls( {
		store: stores.calls,
		metrics,
		log,
		clock,
		sites,
		traces,
	} );
	const heartbeat = createHeartbeat( heartbeatMs );
	const turns = createTurns( {
		graceMs,
		store: stores.turns,
		onForget: ( ...conversation ) => live.forget( ...conversation ),
		log,
	} );
	watchProcess( metrics, version );
	const models: ModelServices | undefined =
		config.providers.length === 0
			? undefined
			: createModelServices( {
					providers: createProviders( config.providers, {
						silenceMs,
						clock,
						log,
					} ),
					catalog,
					ledger,
					calls,
					clock,
					random,
					firstWordsMs,
					log,
				} );
	const speaker =
		models &&
		createSpeaker( {
			...models,
			store: stores.speech,
			secretOf: ( siteId ) => sites.find( siteId )?.secret ?? '',
		} );
	const voice =
		models && speaker
			? {
					transcriber: createTranscriber( models ),
					speaker,
					aloud: {
						...models,
						spokenAnswers: createSpokenAnswers( clock ),
					},
					memory: createSpeechMemory( maxSoundBytes ),
				}
			: undefined;
	const rateLimiter = createRateLimiter( {
		store: stores.rateLimits,
		clock,
	} );
	const live = createLiveCalls(
		models &&
			createLiveServices( models, {
				sites,
				knowledge,
				unanswered,
				conversations,
				async mayType( { settings, ...caller } ) {
					const { retryAfterMs } = await rateLimiter.take( {
						...caller,
						route: 'ask',
						limits: settings.rateLimits,
					} );
					return retryAfterMs === undefined;
				},
			} ),
		liveTimes
	);
	const listen = createListen( { knowledge: stores.knowledge, speaker } );
	const listenQueue = createListenQueue( {
		listen,
		settingsOf: ( siteId ) => sites.settings( siteId ),
		voiceOf: ( settings ) => voiceOf( settings, undefined ),
		log,
	} );
	watchState( metrics, {
		sites,
		ledger,
		turns,
		live,
		stores,
		health: models?.health,
	} );

	const shutdowns =
		models &&
		createShutdownWatch( {
			catalog,
			providers: models.providers,
			roles: [
				'decision',
				'transcription',
				'speech',
				'audioChat',
				'realtime',
			],
			clock,
			random,
			log,
		} );

	return {
		config,
		clock,
		log,
		stores,
		sites,
		knowledge,
		answers,
		unanswered,
		conversations,
		ledger,
		calls,
		metrics,
		turns,
		models,
		shutdowns,
		speaker,
		listen,
		live,
		listenQueue,
		ask: createAsk( {
			knowledge,
			answers,
			unanswered,
			conversations,
			turns,
			models,
			voice,
			coalescing: createAskCoalescing(),
			calls,
			clock,
			log,
		} ),
		rateLimiter,
		heartbeat,
		verifyVisitor: createVisitorVerifier( { sites, clock } ),
		version,
		async tidy() {
			const expired = await ledger.expire();
			metrics.count( 'docent_holds_expired_total', {}, expired );
			if ( expired > 0 ) {
				log.warn(
					{ expired },
					'reservations ran out and count as spent'
				);
			}
			await answers.deleteExpired();
			await calls.forgetOld();
			await stores.speech.deleteUnusedSince( clock() - SPEECH_UNUSED_MS );
			for ( const { id } of sites.all ) {
				const { retention } = await sites.settings( id );
				await conversations.forgetOlderThan(
					id,
					clock() - retention.conversationHours * 3_600_000
				);
			}
		},
		async close() {
			heartbeat.stop();
			await listenQueue.close();
			await listen.close();
			shutdowns?.stop();
			await models?.providers.close();
			await models?.estimates.close();
			await answers.flush();
			await traces?.close();
			await stores.close();
		},
	};
}

async function openStores(
	{ dataDir, redisUrl }: Config,
	log: Logger
): Promise< Stores > {
	if ( redisUrl !== undefined ) {
		// Loaded only when it is used: an idle proxy with a file need not hold it.
		const { openRedisStores } =
			await import( './stores/redis/redis-stores.ts' );
		return openRedisStores( redisUrl, { dataDir, log } );
	}
	try {
		return openSqliteStores( dataDir );
	} catch ( error ) {
		throw new ConfigError( [
			`DOCENT_DATA_DIR: ${ dataDir } cannot be used (${
				error instanceof Error ? error.message : error
			}). Name a folder that the proxy may write to.`,
		] );
	}
}

function readVersion(): string {
	const { version } = JSON.parse(
		readFileSync( new URL( '../package.json', import.meta.url ), 'utf8' )
	) as { version: string };
	return version;
}

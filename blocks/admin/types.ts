/**
 * Describes what the settings page exchanges with WordPress (`docent/v1`).
 */

/** How this site is connected to a proxy; the secret never leaves the server. */
export interface Connection {
	isConnected: boolean;
	/** Where the connection was found: a constant in wp-config.php wins over the saved option. */
	source: 'constant' | 'option' | 'none';
	proxyUrl: string;
	siteId: string;
	/** Says why a connection that is set cannot be used. */
	error?: string;
}

/** A public content type the assistant may answer from. */
export interface ContentType {
	name: string;
	label: string;
	/** Published entries. */
	count: number;
	isSelected: boolean;
}

/** Spending limits in nano-dollars (1 USD = 1,000,000,000). Zero spends nothing. */
export interface Limits {
	siteDayNanoUsd: number;
	siteMonthNanoUsd: number;
	visitorDayNanoUsd: number;
	/** Share of a limit of the whole site at which saving begins, from 0 to 1. */
	softShare: number;
	/** Pictures looked at in a day. */
	imagesDay: number;
}

/** Questions a minute that are answered. */
export interface RateLimits {
	visitorPerMinute: number;
	/** Of one network address, behind which may be a whole office. */
	addressPerMinute: number;
	/** Of all visitors together. */
	sitePerMinute: number;
}

/** A class of models; the proxy says which models are in it. */
export type Tier = 'economy' | 'standard' | 'premium';

/** Which class answers what. */
export interface Routing {
	/** The classes that may answer. */
	tiers: Tier[];
	maxTier: Tier;
	/** Whether a model may hand a question to the next class instead of answering. */
	passUp: boolean;
	/** The first rule of whose words a question contains one decides. */
	rules: Array< { containing: string[]; tier: Tier } >;
	/** Classes by language (`de`). */
	languageTiers: Record< string, Tier >;
	/** Whether a model is asked for the class of a doubtful question. */
	decisionModel: boolean;
	/** The most that asking it once may cost. */
	decisionMaxNanoUsd: number;
}

/** Who the assistant is. */
export interface Assistant {
	name: string;
	instructions: string;
}

/** The round button on every page. */
export interface Launcher {
	isEnabled: boolean;
	position: 'end' | 'start';
}

/** How long the proxy keeps conversations, and its log of calls. */
export interface Retention {
	conversationHours: number;
	callDays: number;
}

/** A voice with a manner of its own, which a block can ask for by `id`. */
export interface VoiceRole {
	id: string;
	name: string;
	voice: string;
	instructions: string;
}

/** A model that serves voice; the prices of a minute are null where it does not do that, or nobody knows them. */
export interface VoiceAbility {
	model: string;
	heardMinuteNanoUsd: number | null;
	spokenMinuteNanoUsd: number | null;
}

/** What is offered of voice, and how it sounds. */
export interface VoiceSettings {
	enabled: boolean;
	/** Whether live conversations are offered. */
	realtime: boolean;
	/** Whether one model hears the question and speaks the answer. */
	expressive: boolean;
	/** The assistant's own voice, by the provider's name. */
	voice: string;
	instructions: string;
	roles: VoiceRole[];
	/** Who speaks answers. */
	speech: 'provider' | 'browser';
	browserTranscription: boolean;
	maxQuestionSeconds: number;
	liveMaxSeconds: number;
	/** Heard and spoken in a day. */
	voiceSecondsDay: number;
	showSpent: boolean;
	/** Whether articles are spoken by the provider. */
	readAloud: boolean;
	download: boolean;
	/** What the proxy has a model and a key for; null when it does not tell. */
	abilities: Record<
		'transcription' | 'speech' | 'audioChat' | 'realtime',
		VoiceAbility | null
	> | null;
}

/** How articles are read aloud, as far as this site knows it. */
export interface ReadAloud {
	/** Whether their speech is made when they are published. */
	isMadeAhead: boolean;
}

/** Everything the settings page shows. */
export interface Settings {
	connection: Connection;
	assistant: Assistant;
	contentTypes: ContentType[];
	launcher: Launcher;
	limits: Limits;
	rateLimits: RateLimits;
	retention: Retention;
	/** Null when the proxy did not answer, or is too old to speak. */
	voice: VoiceSettings | null;
	readAloud: ReadAloud;
	/** Null when the proxy did not answer, or is too old to choose between models. */
	routing: Routing | null;
	/** Says why the values kept by the proxy could not be read. */
	limitsError?: string;
}

/** Any part of the settings, as `PUT /settings` takes it. */
export interface SettingsPatch {
	assistant?: Partial< Assistant >;
	contentTypes?: string[];
	launcher?: Partial< Launcher >;
	limits?: Partial< Limits >;
	rateLimits?: Partial< RateLimits >;
	retention?: Partial< Retention >;
	voice?: Partial< Omit< VoiceSettings, 'abilities' > >;
	readAloud?: Partial< ReadAloud >;
	routing?: Partial< Routing >;
}

/** One line of the connection test. */
export interface Check {
	id: string;
	status: 'ok' | 'warning' | 'error';
	message: string;
	remedy?: string;
}

/** How far the copy of the site's content in the proxy has come. */
export interface Sync {
	status: 'idle' | 'running' | 'stopped' | 'failed' | 'done';
	total: number;
	sent: number;
	failed: number;
	startedAt: number | string | null;
	finishedAt: number | string | null;
	message: string | null;
}

/** Money spent in one window against its limit. */
export interface UsageWindow {
	window: string;
	spentNanoUsd: number;
	/** Reserved for answers that are being written. */
	heldNanoUsd: number;
	limitNanoUsd: number;
}

/** What the proxy spent and answered. */
export interface Usage {
	day: UsageWindow;
	month: UsageWindow;
	answers: {
		total: number;
		cached: number;
		extractive: number;
		unanswered: number;
	};
}

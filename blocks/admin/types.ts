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

/** How long the proxy keeps conversations. */
export interface Retention {
	conversationHours: number;
}

/** Everything the settings page shows. */
export interface Settings {
	connection: Connection;
	assistant: Assistant;
	contentTypes: ContentType[];
	launcher: Launcher;
	limits: Limits;
	retention: Retention;
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
	retention?: Partial< Retention >;
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

/**
 * Names what the page prints for the players, which WordPress translates.
 */

/** The words of a player. */
export type Strings = Record<
	| 'pause'
	| 'goOn'
	| 'again'
	| 'loading'
	| 'paused'
	| 'ended'
	| 'blocked'
	| 'failed'
	| 'nothing'
	| 'recordedVoice'
	| 'browserVoice'
	| 'fallback'
	| 'resumed'
	| 'silentSwitch'
	| 'position'
	| 'downloading'
	| 'downloadFailed',
	string
>;

/** What the page prints once for all players. */
export interface ListenConfig {
	tokenUrl: string;
	/** Empty without a connection. */
	proxyUrl: string;
	workletUrl: string;
	siteName: string;
	strings: Strings;
}

/** What the page prints for each player. */
export interface ListenContext {
	/** Empty when there are no recordings of this article. */
	documentId: string;
	title: string;
	what: 'article' | 'section';
	voiceRole: string;
}

/**
 * Names what a page prints about voice.
 */

/** What the owner offers of voice. */
export interface VoiceConfig {
	isOffered: boolean;
	/** `cascade` and `expressive` take one spoken question at a time; `live` is a conversation without buttons. */
	kinds: Array< 'cascade' | 'expressive' | 'live' >;
	/** The longest spoken question. */
	maxSeconds: number;
	/** Whether a browser that writes speech down on the device itself may do so. */
	browserTranscription: boolean;
	/** Who speaks answers. */
	speech: 'provider' | 'browser';
}

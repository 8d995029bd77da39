/**
 * What a page fetches of voice at the first tap on the microphone or a speaker.
 */
import type { Assistant } from '../../../shared/assistant.ts';
import { createPlayer } from '../../../shared/voice/playback/player.ts';
import type { Player } from '../../../shared/voice/playback/player.ts';
import type { PanelConfig } from '../panel.ts';
import { createPageSpeech } from './page-speech.ts';
import type { PageSpeech } from './page-speech.ts';
import { markSpoken } from './spoken-mark.ts';

export { startRecorder } from './recorder.ts';

/** Fetches what a live conversation needs beside this. */
export const loadLive = () => import( '../live/index.ts' );

/** What all panels of a page share of voice. */
export interface PageVoice {
	player: Player;
	speech: PageSpeech;
}

let shared: PageVoice | undefined;

/** Returns it, made at the first call. */
export function pageVoice(
	assistant: Assistant,
	{ workletUrl, proxyUrl, voice }: PanelConfig
): PageVoice {
	if ( ! shared ) {
		const player = createPlayer( { workletUrl } );
		const speech = createPageSpeech( {
			assistant,
			player,
			proxyUrl: proxyUrl.replace( /\/+$/, '' ),
			hasProvider: voice.speech === 'provider',
			pageLanguage: document.documentElement.lang || 'en',
		} );
		const mark = () => {
			const { spoken } = speech;
			markSpoken( spoken?.key ?? '', shownSentence( speech ) );
		};
		speech.subscribe( mark );
		// The text around a mark may have changed; after the panels have drawn it.
		assistant.subscribe( () => requestAnimationFrame( mark ) );
		shared = { player, speech };
	}
	return shared;
}

/** The sentence that is heard now; what is over or stands still for good is not marked. */
function shownSentence( { spoken }: PageSpeech ): string {
	return spoken && [ 'playing', 'paused', 'waiting' ].includes( spoken.state )
		? spoken.sentence
		: '';
}

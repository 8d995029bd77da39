/**
 * Hearing answers, as far as one panel has a part in it: fetches the voice in the tap that needs it, and shows what it is doing.
 */
import type { Assistant } from '../../shared/assistant.ts';
import type { Turn } from '../../shared/conversation.ts';
import { unlock } from '../../shared/voice/playback/unlock.ts';
import { loadVoice } from './load-voice.ts';
import type { PanelConfig } from './panel.ts';
import type { PageVoice } from './voice/index.ts';
import type { Spoken } from './voice/page-speech.ts';

export interface Listening {
	/** What is heard on this page. */
	readonly spoken: Spoken | undefined;
	/** Opens the page's sound in the tap, and resolves when an answer can be heard; to whether it can. */
	prepare(): Promise< boolean >;
	/** The answer of this turn shall be heard as it comes. */
	expect( key: string ): void;
	toggle( turn: Turn ): void;
	/** Ends what is heard. Returns whether anything was. */
	stop(): boolean;
}

/** Creates it. */
export function createListening( {
	assistant,
	config,
	tell,
	onChange,
	onUnheard,
}: {
	assistant: Assistant;
	config: PanelConfig;
	tell: ( saying: string ) => void;
	onChange: () => void;
	/** An answer that should have been heard cannot be: it has to be read. */
	onUnheard: ( key: string ) => void;
} ): Listening {
	const { strings } = config;
	let voice: PageVoice | undefined;
	let lastState = '';

	function follow( { player, speech }: PageVoice ): void {
		const state = speech.spoken?.state ?? '';
		if ( state !== lastState ) {
			lastState = state;
			if ( state === 'playing' ) {
				tell(
					player.takeSilentSwitchHint() ? strings.silentSwitch : ''
				);
			} else if ( state === 'blocked' ) {
				tell( strings.soundBlocked );
			} else if ( state === 'failed' && speech.spoken ) {
				tell( strings.noSpeech );
				onUnheard( speech.spoken.key );
			}
		}
		onChange();
	}

	async function load(): Promise< PageVoice > {
		const { pageVoice } = await loadVoice();
		if ( ! voice ) {
			voice = pageVoice( assistant, config );
			const { speech } = voice;
			speech.subscribe( () => voice && follow( voice ) );
		}
		return voice;
	}

	return {
		get spoken() {
			return voice?.speech.spoken;
		},
		async prepare() {
			unlock();
			try {
				await load();
				return true;
			} catch {
				return false;
			}
		},
		expect: ( key ) => voice?.speech.expect( key ),
		toggle( turn ) {
			unlock();
			load().then(
				( { speech } ) => speech.toggle( turn ),
				() => tell( strings.failure_unreachable ?? '' )
			);
		},
		stop: () => voice?.speech.stop() ?? false,
	};
}

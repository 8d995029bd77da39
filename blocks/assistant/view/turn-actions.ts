/**
 * What a visitor can do with an answer besides hearing it: rate it and copy it.
 */
import type { Assistant } from '../../shared/assistant.ts';
import type { Rating, Turn } from '../../shared/conversation.ts';
import { answerText } from './answer-text.ts';
import { copyText } from './clipboard.ts';
import type { Log } from './log.ts';
import type { Strings } from './strings.ts';

export interface TurnActions {
	/** Rates an answer; the same rating again takes it back. */
	rate( turn: Turn | undefined, rating: Rating ): void;
	/** Copies an answer with the addresses of its sources. */
	copy( turn: Turn | undefined ): void;
}

/** Creates them for one panel. */
export function createTurnActions( {
	assistant,
	log,
	say,
	strings,
}: {
	assistant: Assistant;
	log: Log;
	say: ( saying: string ) => void;
	strings: Strings;
} ): TurnActions {
	async function copy( turn: Turn ): Promise< void > {
		const links = turn.sources.map(
			( { title, url } ) => `${ title }: ${ url }`
		);
		const isCopied = await copyText(
			[ answerText( turn ), ...links ].join( '\n' )
		);
		if ( isCopied ) {
			log.viewOf( turn.key )?.confirmCopy();
		}
		say( isCopied ? strings.copied : strings.copyFailed );
	}

	return {
		rate( turn, rating ) {
			if ( turn ) {
				const isTakenBack = turn.rating === rating;
				assistant.rate( turn.key, isTakenBack ? null : rating );
				if ( ! isTakenBack ) {
					say( strings.thanks );
				}
			}
		},
		copy: ( turn ) => turn && void copy( turn ),
	};
}

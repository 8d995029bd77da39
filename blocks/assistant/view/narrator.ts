/**
 * Tells screen readers about the answer that was asked for in this panel.
 */
import { isRunning } from '../../shared/conversation.ts';
import type { Turn } from '../../shared/conversation.ts';
import { createNarration } from '../../shared/narration.ts';
import type { Narration } from '../../shared/narration.ts';
import { answerText } from './answer-text.ts';
import { shownSources } from './turn-view.ts';
import type { Strings } from './strings.ts';

export interface Narrator {
	/** Tells about this turn from now on; what stands there already is not told. */
	begin( turn: Turn | undefined ): void;
	/** Looks at the turns as they stand now. */
	follow( turns: readonly Turn[] ): void;
}

/** Creates the narrator of one panel. */
export function createNarrator( {
	say,
	name,
	strings,
}: {
	say: ( saying: string ) => void;
	name: string;
	strings: Strings;
} ): Narrator {
	let key: string | undefined;
	let narration: Narration | undefined;
	let latest: Turn | undefined;

	function ending(): string {
		if ( latest?.failure ) {
			return strings[ `failure_${ latest.failure.kind }` ] ?? '';
		}
		if ( latest?.status === 'stopped' ) {
			return strings.stopped;
		}
		const count = latest ? shownSources( latest ).length : 0;
		return count > 0
			? `${ strings.isComplete } ${ strings.sourcesCount.replace( '%s', String( count ) ) }`
			: strings.isComplete;
	}

	return {
		begin( turn ) {
			key = turn?.key;
			narration = createNarration( {
				begin: strings.isAnswering.replace( '%s', name ),
				end: ending,
				language: document.documentElement.lang,
				told: turn ? answerText( turn ).length : 0,
			} );
		},
		follow( turns ) {
			latest = turns.find( ( turn ) => turn.key === key );
			if ( latest ) {
				narration
					?.follow( {
						text: answerText( latest ),
						isRunning: isRunning( latest ),
					} )
					.forEach( say );
			}
		},
	};
}

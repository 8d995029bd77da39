/**
 * Tells screen readers about the answer that was asked for in this panel.
 */
import { isBeingWritten } from '../../shared/conversation.ts';
import type { Turn } from '../../shared/conversation.ts';
import { createNarration } from '../../shared/narration.ts';
import type { Narration } from '../../shared/narration.ts';
import { answerText } from './answer-text.ts';
import { shownSources } from './turn-view.ts';
import type { Strings } from './strings.ts';

export interface Narrator {
	/**
	 * Tells about this turn from now on; what stands there already is not told. Of an answer that is heard only what was understood and what
	 * went wrong is told: two voices would talk over each other.
	 */
	begin( turn: Turn | undefined, isHeard?: boolean ): void;
	/** Tells an answer after all that was to be heard. */
	read( key: string ): void;
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
	/** Whether the page itself speaks the answer. */
	let isSilent = false;
	/** Whether a spoken question was not written down yet. */
	let isUnheard = false;

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

	const narrate = ( told: number ) =>
		createNarration( {
			begin: strings.isAnswering.replace( '%s', name ),
			end: ending,
			language: document.documentElement.lang,
			told,
		} );

	return {
		begin( turn, isHeard = false ) {
			key = turn?.key;
			isSilent = isHeard;
			isUnheard = turn?.isSpoken === true && turn.question === '';
			narration = narrate( turn ? answerText( turn ).length : 0 );
		},
		read( spokenKey ) {
			if ( spokenKey === key && isSilent && latest ) {
				isSilent = false;
				say( answerText( latest ) );
				say( ending() );
			}
		},
		follow( turns ) {
			latest = turns.find( ( turn ) => turn.key === key );
			if ( ! latest ) {
				return;
			}
			if ( isUnheard && latest.question ) {
				isUnheard = false;
				say( `${ strings.youAsked } ${ latest.question }` );
			}
			if ( ! isSilent ) {
				narration
					?.follow( {
						text: answerText( latest ),
						isRunning: isBeingWritten( latest ),
					} )
					.forEach( say );
			} else if ( latest.failure ) {
				isSilent = false;
				say( ending() );
			}
		},
	};
}

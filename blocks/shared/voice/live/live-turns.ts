/**
 * Makes ordinary turns of what is said in a live conversation: question and answer grow as they come.
 */
import type { ConversationAction } from '../../conversation.ts';
import type { LiveEvent } from './live-parts.ts';

export interface LiveTurns {
	/** Notes what the visitor wrote. */
	wrote( text: string ): void;
	follow( event: LiveEvent ): void;
	/** Nothing more comes. */
	close(): void;
}

interface Answer {
	key: string;
	text: string;
	isDone: boolean;
}

/** Creates it. */
export function createLiveTurns( {
	dispatch,
	isSpeaking,
	makeKey,
}: {
	dispatch: ( action: ConversationAction ) => void;
	/** Whether the assistant is heard: what is heard meanwhile may come to nothing. */
	isSpeaking: () => boolean;
	makeKey: () => string;
} ): LiveTurns {
	/** The question that is not answered yet, by its utterances. */
	let open: { key: string; parts: Map< string, string > } | undefined;
	const answers = new Map< string, Answer >();

	function hear( itemId: string, text: string, isSpoken: boolean ): void {
		if ( ! open ) {
			if ( text === '' ) {
				return;
			}
			open = { key: makeKey(), parts: new Map() };
			dispatch( {
				type: 'asked',
				key: open.key,
				question: text,
				isSpoken,
			} );
		}
		const { key, parts } = open;
		if ( text === '' ) {
			parts.delete( itemId );
		} else {
			parts.set( itemId, text );
		}
		if ( parts.size === 0 ) {
			open = undefined;
			dispatch( { type: 'removed', key } );
			return;
		}
		dispatch( {
			type: 'changed',
			key,
			change: { question: [ ...parts.values() ].join( ' ' ) },
		} );
	}

	function change(
		itemId: string,
		how: (
			answer: Answer
		) => Extract< ConversationAction, { type: 'changed' } >[ 'change' ]
	): void {
		const answer = answers.get( itemId );
		if ( answer ) {
			dispatch( {
				type: 'changed',
				key: answer.key,
				change: how( answer ),
			} );
		}
	}

	return {
		wrote: ( text ) => hear( makeKey(), text, false ),
		follow( event ) {
			switch ( event.type ) {
				case 'ready':
					dispatch( { type: 'named', id: event.conversationId } );
					break;
				case 'heard':
					if ( event.isFinal || ! isSpeaking() ) {
						hear( event.itemId, event.text, true );
					}
					break;
				case 'speech':
					// Without a question the proxy says something of its own, which its notice shows.
					if ( open ) {
						answers.set( event.itemId, {
							key: open.key,
							text: '',
							isDone: false,
						} );
						open = undefined;
					}
					break;
				case 'said':
					change( event.itemId, ( answer ) => ( {
						text: ( answer.text += event.delta ),
						status: 'answering',
					} ) );
					break;
				case 'sources':
					change( event.itemId, () => ( {
						sources: event.sources,
					} ) );
					break;
				case 'speech_end':
					change( event.itemId, ( answer ) => {
						answer.isDone = true;
						return { status: 'done' };
					} );
					break;
				case 'broken':
					if ( event.share < 1 ) {
						change( event.itemId, ( answer ) => ( {
							text: heardPart( answer.text, event.share ),
							status: 'stopped',
						} ) );
						// What is still on its way of it is not heard.
						answers.delete( event.itemId );
					}
			}
		},
		close() {
			if ( open ) {
				dispatch( { type: 'stopped', key: open.key } );
				open = undefined;
			}
			for ( const { key, isDone } of answers.values() ) {
				if ( ! isDone ) {
					dispatch( { type: 'stopped', key } );
				}
			}
			answers.clear();
		},
	};
}

/** The words that were heard: as large a part of the text as of its sound, in whole words; as the proxy keeps them. */
function heardPart( text: string, share: number ): string {
	const part = text.slice( 0, Math.floor( text.length * share ) );
	return /\s/.test( part ) ? part.replace( /\s+\S*$/, '' ) : part;
}

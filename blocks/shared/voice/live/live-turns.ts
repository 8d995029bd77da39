/**
 * Makes ordinary turns of what is said in a live conversation: question and answer grow as they come.
 */
import type { ConversationAction } from '../../conversation.ts';
import type { LiveEvent } from './live-conversation.ts';

export interface LiveTurns {
	/** Notes what the visitor wrote. */
	wrote( text: string ): void;
	follow( event: LiveEvent ): void;
	/** Nothing more comes. */
	close(): void;
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
	const answers = new Map<
		string,
		{ key: string; text: string; isDone: boolean }
	>();

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
				case 'said': {
					const answer = answers.get( event.itemId );
					if ( answer ) {
						answer.text += event.delta;
						dispatch( {
							type: 'changed',
							key: answer.key,
							change: { text: answer.text, status: 'answering' },
						} );
					}
					break;
				}
				case 'sources': {
					const answer = answers.get( event.itemId );
					if ( answer ) {
						dispatch( {
							type: 'changed',
							key: answer.key,
							change: { sources: event.sources },
						} );
					}
					break;
				}
				case 'speech_end': {
					const answer = answers.get( event.itemId );
					if ( answer && ! answer.isDone ) {
						answer.isDone = true;
						dispatch( {
							type: 'changed',
							key: answer.key,
							change: { status: 'done' },
						} );
					}
					break;
				}
				case 'broken': {
					const answer = answers.get( event.itemId );
					if ( answer && event.share < 1 ) {
						answers.delete( event.itemId );
						dispatch( {
							type: 'changed',
							key: answer.key,
							change: {
								text: heardPart( answer.text, event.share ),
								status: 'stopped',
							},
						} );
					}
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

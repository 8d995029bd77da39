/**
 * Holds what is read: segments of sentences, and how long each takes as far as that is known.
 */
import { estimateMs } from '../../shared/voice/playback/browser-voice.ts';
import type { StoredSpeech } from '../../shared/voice/playback/playback.ts';

/** A part of the article that is spoken in one piece. */
export interface Segment {
	heading?: string | undefined;
	/** The proxy's number of it, where some are left out. */
	number?: number;
	sentences: readonly string[];
	/** The recording, once its address is known. */
	speech?: StoredSpeech | undefined;
}

/** A place in the article. */
export interface Place {
	segment: number;
	/** Counted in its segment. */
	sentence: number;
}

/** All sentences of an article in their order. */
export interface Sentences {
	readonly count: number;
	readonly segments: readonly Segment[];
	/** Notes the recording of a segment; its own sentences count, should they be cut differently. */
	adopt( segment: number, speech: StoredSpeech ): void;
	text( index: number ): string;
	placeOf( index: number ): Place;
	indexOf( place: Place ): number;
	/** When a sentence begins, in milliseconds at speed 1; the end for the number after the last. */
	startMs( index: number ): number;
}

/** Makes them of segments; one without a sentence stays, so that the numbers agree with the proxy's. */
export function createSentences( given: readonly Segment[] ): Sentences {
	const segments = given.map( ( segment ) =>
		segment.speech ? withSpeech( segment, segment.speech ) : { ...segment }
	);
	/** Number and time of the first sentence of each segment, and of the end. */
	let firsts: number[] = [];
	let times: number[] = [];

	function count(): void {
		firsts = [ 0 ];
		times = [ 0 ];
		for ( const segment of segments ) {
			firsts.push( ( firsts.at( -1 ) ?? 0 ) + segment.sentences.length );
			times.push( ( times.at( -1 ) ?? 0 ) + lengthMs( segment ) );
		}
	}
	count();

	const placeOf = ( index: number ): Place => {
		const segment = Math.max(
			0,
			firsts.findIndex( ( first ) => first > index ) - 1
		);
		return { segment, sentence: index - ( firsts[ segment ] ?? 0 ) };
	};

	return {
		get count() {
			return firsts.at( -1 ) ?? 0;
		},
		segments,
		adopt( index, speech ) {
			const segment = segments[ index ];
			if ( segment ) {
				segments[ index ] = withSpeech( segment, speech );
				count();
			}
		},
		text( index ) {
			const { segment, sentence } = placeOf( index );
			return segments[ segment ]?.sentences[ sentence ] ?? '';
		},
		placeOf,
		indexOf: ( { segment, sentence } ) =>
			( firsts[ segment ] ?? 0 ) + Math.max( 0, sentence ),
		startMs( index ) {
			if ( index >= ( firsts.at( -1 ) ?? 0 ) ) {
				return times.at( -1 ) ?? 0;
			}
			const { segment, sentence } = placeOf( index );
			const { speech, sentences = [] } = segments[ segment ] ?? {};
			return (
				( times[ segment ] ?? 0 ) +
				( speech?.sentences[ sentence ]?.startMs ??
					sentences
						.slice( 0, sentence )
						.reduce(
							( sum, text ) => sum + estimateMs( text ),
							0
						) )
			);
		},
	};
}

function withSpeech( segment: Segment, speech: StoredSpeech ): Segment {
	return {
		...segment,
		speech,
		sentences: speech.sentences.map( ( { text } ) => text ),
	};
}

function lengthMs( { speech, sentences }: Segment ): number {
	return (
		speech?.durationMs ??
		sentences.reduce( ( sum, text ) => sum + estimateMs( text ), 0 )
	);
}

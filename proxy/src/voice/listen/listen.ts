/**
 * Reads articles aloud: each segment is spoken once, at its first demand or in the background, and stored.
 */
import { DocentError } from '../../errors.ts';
import type { Settings } from '../../settings.ts';
import type { KnowledgeStore } from '../../stores/knowledge-store.ts';
import type { StoredSpeech } from '../../stores/speech-store.ts';
import type { Voice } from '../../types.ts';
import type { Speaker, Spoken } from '../speech/speaker.ts';
import type { VoiceContext } from '../voice-services.ts';
import { readArticle, type Article, type Segment } from './article.ts';

/** No segment takes longer to make, in milliseconds. */
const MAX_SEGMENT_MS = 120_000;

/** An article, and what is stored of its speech. */
export interface ListenableArticle extends Article {
	/** In the order of the segments; undefined where nothing is stored. */
	speech: Array< StoredSpeech | undefined >;
	/** Whether what is not stored can be made. */
	isAllowed: boolean;
}

/** Whose demand it is. */
export interface ListenContext {
	siteId: string;
	/** Empty for work that no visitor asked for. */
	visitorId: string;
	requestId: string;
	settings: Settings;
	voice: Voice;
	priority: 'visitor' | 'background';
	/** Ends the work, where nobody else waits for it. */
	signal?: AbortSignal;
}

export interface Listen {
	/** Returns an article as it can be heard; undefined when the site has none of that id. */
	article(
		context: Pick< ListenContext, 'siteId' | 'settings' | 'voice' >,
		documentId: string
	): Promise< ListenableArticle | undefined >;
	/**
	 * Returns the speech of a segment, made now if need be; undefined when there is no such segment. Throws `rate_limited` when a limit is
	 * reached, and `voice_unavailable`.
	 */
	segment(
		context: ListenContext,
		documentId: string,
		index: number
	): Promise< StoredSpeech | undefined >;
	/** Ends what is being made. */
	close(): Promise< void >;
}

/** Makes it over a speaker; without one nothing new is spoken. */
export function createListen( {
	knowledge,
	speaker,
}: {
	knowledge: Pick< KnowledgeStore, 'passageNumbers' | 'passages' >;
	speaker: Speaker | undefined;
} ): Listen {
	const stop = new AbortController();
	/** Segments in the making. */
	const making = new Map< string, Promise< Made > >();

	const find = (
		{ siteId, voice }: Pick< ListenContext, 'siteId' | 'voice' >,
		{ language }: Article,
		{ text }: Segment
	): Promise< StoredSpeech | undefined > =>
		speaker?.find( siteId, text, { voice, language } ) ??
		Promise.resolve( undefined );

	const make = async (
		context: ListenContext,
		{ documentId, language }: Article,
		{ text }: Segment
	): Promise< Made > => {
		const speaking = speaker?.begin(
			{
				siteId: context.siteId,
				visitorId: context.visitorId,
				turnId: context.requestId,
				requestId: context.requestId,
				settings: context.settings,
				signal: AbortSignal.any( [
					AbortSignal.timeout( MAX_SEGMENT_MS ),
					stop.signal,
					...( context.signal ? [ context.signal ] : [] ),
				] ),
			} satisfies VoiceContext,
			{
				voice: context.voice,
				language,
				priority: context.priority,
				show: () => undefined,
			}
		);
		if ( ! speaking ) {
			return { kind: 'unavailable', stored: undefined };
		}
		speaking.push( text );
		const spoken = await speaking.finish();
		return {
			kind: spoken.kind,
			stored: await spoken.keep( [ { documentId } ] ),
		};
	};

	return {
		async article( context, documentId ) {
			const article = await readArticle(
				knowledge,
				context.siteId,
				documentId
			);
			return (
				article && {
					...article,
					speech: await Promise.all(
						article.segments.map( ( segment ) =>
							find( context, article, segment )
						)
					),
					isAllowed:
						speaker !== undefined && mayMake( context.settings ),
				}
			);
		},

		async segment( context, documentId, index ) {
			const article = await readArticle(
				knowledge,
				context.siteId,
				documentId
			);
			const segment = article?.segments[ index ];
			if ( ! article || ! segment ) {
				return undefined;
			}
			const stored = await find( context, article, segment );
			if ( stored ) {
				return stored;
			}
			if ( ! mayMake( context.settings ) ) {
				throw unavailable();
			}
			const key = JSON.stringify( [
				context.siteId,
				context.voice,
				article.language,
				segment.text,
			] );
			let work = making.get( key );
			const isOwn = ! work;
			if ( ! work ) {
				work = make( context, article, segment );
				making.set( key, work );
				const forget = () => void making.delete( key );
				work.then( forget, forget );
			}
			let made = await work;
			if ( ! isOwn && made.kind === 'limit_reached' ) {
				// It was somebody else's limit, perhaps.
				made = await make( context, article, segment );
			}
			if ( made.kind === 'limit_reached' ) {
				throw new DocentError(
					'rate_limited',
					'The limit for speech is reached. The text is there to read.',
					{ retryAfterMs: 3_600_000 }
				);
			}
			if ( ! made.stored ) {
				throw unavailable();
			}
			return made.stored;
		},

		async close() {
			stop.abort();
			await Promise.allSettled( making.values() );
		},
	};
}

/** What making a segment came to. */
interface Made {
	kind: Spoken[ 'kind' ];
	stored: StoredSpeech | undefined;
}

/** Tells whether a provider may read articles aloud at this site. */
function mayMake( { modalities, voice }: Settings ): boolean {
	return modalities.voice && voice.readAloud && voice.speech === 'provider';
}

function unavailable(): DocentError {
	return new DocentError(
		'voice_unavailable',
		'This cannot be read aloud by the assistant right now. The browser may read it instead.',
		{ retryAfterMs: 60_000 }
	);
}

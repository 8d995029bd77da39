/**
 * Asks the proxy what an article is read of, and for the recordings. Nothing that a visitor wrote or said is sent.
 */
import { failureOfResponse } from '../../shared/failure.ts';
import { createTokenSource } from '../../shared/visitor-token.ts';
import type { VisitorToken } from '../../shared/visitor-token.ts';
import type { StoredSpeech } from '../../shared/voice/playback/playback.ts';
import type { Segment } from './sentences.ts';

/** What the proxy knows of an article. */
export interface Listing {
	language: string;
	segments: Segment[];
	/** Whether recordings that do not exist yet may be made. */
	isAllowed: boolean;
}

/** The proxy's side of reading aloud. */
export interface Recordings {
	list(): Promise< Listing >;
	/** Finds the recording of a segment, or has it made. */
	speech( segment: number ): Promise< StoredSpeech >;
}

/** A recording is made while the visitor waits, but not for ever. */
const PATIENCE_MS = 25_000;

/** Creates the way to the recordings of one document. */
export function createRecordings( {
	documentId,
	voiceRole,
	tokenUrl,
	proxyUrl,
	fetch,
}: {
	documentId: string;
	/** Empty for the site's own voice. */
	voiceRole: string;
	tokenUrl: string;
	proxyUrl: string;
	fetch: typeof globalThis.fetch;
} ): Recordings {
	const base = proxyUrl.replace( /\/+$/, '' );
	/**
	 * The token only says that somebody visits this site: listening sends nothing of the visitor, so nothing has to be agreed to. It is kept here
	 * and nowhere else, so that the assistant, where there is one, still asks before anything is sent.
	 */
	let token: VisitorToken | undefined;
	const tokens = createTokenSource( {
		tokenUrl,
		consent: () => [],
		load: () => token,
		save: ( next ) => ( token = next ),
		fetch,
	} );

	async function post( path: string, body: object ): Promise< unknown > {
		let bearer = await tokens.get();
		for ( let isSecondTry = false; ; isSecondTry = true ) {
			const response = await fetch( base + path, {
				method: 'POST',
				headers: {
					'Content-Type': 'application/json',
					Authorization: `Bearer ${ bearer }`,
				},
				body: JSON.stringify( {
					...body,
					...( voiceRole && { voiceRole } ),
				} ),
				cache: 'no-store',
				credentials: 'omit',
				signal: AbortSignal.timeout( PATIENCE_MS ),
			} );
			if ( response.ok ) {
				return response.json();
			}
			const failure = await failureOfResponse( response );
			if ( response.status !== 401 || isSecondTry ) {
				throw failure;
			}
			bearer = await tokens.renew( bearer );
		}
	}

	/** Checks what stands on the wire, and makes a whole address of the path. */
	function readSpeech( value: unknown ): StoredSpeech | undefined {
		const { url, durationMs, sentences } = ( value ??
			{} ) as Partial< StoredSpeech >;
		if (
			typeof url !== 'string' ||
			! url.startsWith( '/' ) ||
			typeof durationMs !== 'number' ||
			! Array.isArray( sentences ) ||
			sentences.length === 0
		) {
			return undefined;
		}
		return { url: base + url, durationMs, sentences };
	}

	return {
		async list() {
			const { language, segments, isAllowed } = ( await post(
				'/v1/listen',
				{
					documentId,
				}
			) ) as Partial< Listing >;
			if ( ! Array.isArray( segments ) ) {
				throw new Error( 'The proxy did not say what is read.' );
			}
			return {
				language: typeof language === 'string' ? language : '',
				isAllowed: isAllowed !== false,
				segments: segments.map(
					( { heading, sentences, speech } ) => ( {
						heading,
						sentences: Array.isArray( sentences ) ? sentences : [],
						speech: readSpeech( speech ),
					} )
				),
			};
		},
		async speech( segment ) {
			const path = `/v1/listen/${ encodeURIComponent( documentId ) }/segments/${ segment }`;
			const speech = readSpeech( await post( path, {} ) );
			if ( ! speech ) {
				throw new Error( 'The proxy named no recording.' );
			}
			return speech;
		},
	};
}

/**
 * One player at work: what its controls do, what it shows while an article is read, and what it remembers.
 */
import { sentencesOf } from '../../shared/voice/playback/browser-voice.ts';
import { createPlayer } from '../../shared/voice/playback/player.ts';
import {
	articleAround,
	createSentenceFinder,
	isSameText,
	paragraphsOf,
	sectionOf,
} from './article.ts';
import type { Section, SentenceFinder } from './article.ts';
import { createControls } from './controls.ts';
import { createMarker } from './highlight.ts';
import { hashOf, openKeptPlaces } from './kept-place.ts';
import { connectMediaKeys } from './media-keys.ts';
import { createReading } from './reading.ts';
import { isUnderWay } from './reading-state.ts';
import type { Reading } from './reading-state.ts';
import { createRecordings } from './recordings.ts';
import { createSentences } from './sentences.ts';
import type { Segment, Sentences } from './sentences.ts';
import type { ListenConfig, ListenContext } from './strings.ts';

export interface Listener {
	/** Does what the button of this name is for. */
	press( hook: string ): void;
	/** The slider is being moved. */
	move(): void;
	/** A control of this name has a new value. */
	change( hook: string ): void;
}

/** Creates the player of one block. */
export function createListener( {
	root,
	context,
	config,
}: {
	root: HTMLElement;
	context: ListenContext;
	config: ListenConfig;
} ): Listener {
	const { strings } = config;
	const { documentId, what, title } = context;
	/** Names the text in this browser's memory; without a document the page does. */
	const id = `${ documentId || location.pathname }${ what === 'section' ? `#${ placeOnPage( root ) }` : '' }`;
	const article = articleAround( root );
	const section = what === 'section' ? sectionOf( article, root ) : undefined;
	const player = createPlayer( config );
	const places = openKeptPlaces( localMemory() );
	const controls = createControls( root, strings );
	const marker = createMarker();
	const recordings =
		documentId && config.proxyUrl
			? createRecordings( {
					...context,
					...config,
					fetch: ( input, init ) => fetch( input, init ),
				} )
			: undefined;

	let sentences: Sentences | undefined;
	let reading: Reading | undefined;
	let opening: Promise< void > | undefined;
	let isStarting = false;
	let finder: SentenceFinder | undefined;
	let hash = '';
	let shown = -1;
	/** Whether the visitor has just asked for a place, and so wants to see it. */
	let isAsked = true;
	/** What is said beside the state until the next press. */
	let remark = '';
	let ticking: ReturnType< typeof setInterval > | undefined;

	/** Finds out what is read; the page's own text when the proxy cannot tell. */
	async function open(): Promise< void > {
		let language =
			root.closest< HTMLElement >( '[lang]' )?.lang ||
			document.documentElement.lang;
		let segments: Segment[] = [];
		let hasRecordings = false;
		if ( recordings ) {
			try {
				const listing = await recordings.list();
				segments = section
					? inSection( listing.segments, section )
					: listing.segments;
				language = listing.language || language;
				hasRecordings =
					listing.isAllowed ||
					listing.segments.some( ( { speech } ) => speech );
			} catch {
				// Away, or it does not know this page.
			}
		}
		if ( segments.every( ( segment ) => segment.sentences.length === 0 ) ) {
			hasRecordings = false;
			segments = paragraphsOf( article, section ).map( ( text ) => ( {
				sentences: sentencesOf( text, language ),
			} ) );
		}
		const numbers = segments;
		sentences = createSentences( segments );
		finder = createSentenceFinder( article.closest( 'main' ) ?? article );
		hash = hashOf( segments.flatMap( ( segment ) => segment.sentences ) );
		reading = createReading( {
			id,
			player,
			sentences,
			language,
			speed: places.speed,
			fetchSpeech:
				hasRecordings && recordings
					? ( at ) => recordings.speech( numbers[ at ]?.number ?? at )
					: undefined,
			onChange: show,
		} );
		connectMediaKeys( reading, { title, siteName: config.siteName } );
		addEventListener( 'pagehide', keep );
	}

	async function start(): Promise< void > {
		if ( isStarting ) {
			return;
		}
		isStarting = true;
		controls.showLoading();
		opening ??= open();
		await opening;
		isStarting = false;
		if ( ! reading || ! sentences || sentences.count === 0 ) {
			opening = undefined;
			controls.showNothing();
			return;
		}
		const kept = places.sentence( id, hash );
		const isKept = kept > 0 && kept < sentences.count;
		remark = isKept ? strings.resumed : '';
		controls.offerRestart( isKept );
		if ( player.takeSilentSwitchHint() ) {
			remark = `${ remark } ${ strings.silentSwitch }`.trim();
		}
		reading.play( isKept ? kept : 0 );
	}

	function keep(): void {
		if ( reading && reading.state !== 'idle' ) {
			places.keep( id, { sentence: reading.sentence, hash } );
		}
	}

	/** Shows what changed. */
	function show(): void {
		if ( ! reading || ! sentences ) {
			return;
		}
		if ( ! root.isConnected ) {
			// Taken off the page by client-side navigation.
			clearInterval( ticking );
			removeEventListener( 'pagehide', keep );
			reading.pause();
			marker.mark( undefined, false );
			return;
		}
		const { state, sentence } = reading;
		const now = isUnderWay( state ) ? sentence : -1;
		if ( now !== shown ) {
			shown = now;
			marker.mark(
				now < 0 ? undefined : finder?.find( sentences.text( now ) ),
				isAsked
			);
			isAsked = false;
			keep();
		}
		if ( state === 'playing' ) {
			ticking ??= setInterval( tick, 250 );
		} else {
			clearInterval( ticking );
			ticking = undefined;
		}
		controls.show( reading, {
			count: sentences.count,
			remark,
			isFallback: reading.isBrowserVoice && Boolean( documentId ),
		} );
	}

	function tick(): void {
		if ( reading && sentences ) {
			controls.showTime( reading, sentences.count );
		}
	}

	function goTo( sentence: number ): void {
		isAsked = true;
		reading?.goTo( sentence );
	}

	const presses: Record< string, ( () => void ) | undefined > = {
		play() {
			isAsked = true;
			if (
				! reading ||
				reading.state === 'idle' ||
				reading.state === 'ended'
			) {
				void start();
			} else if (
				reading.state === 'playing' ||
				reading.state === 'loading'
			) {
				reading.pause();
			} else {
				remark = '';
				controls.offerRestart( false );
				reading.play();
			}
		},
		previous: () => reading && goTo( reading.sentence - 1 ),
		next: () => reading && goTo( reading.sentence + 1 ),
		restart() {
			remark = '';
			controls.offerRestart( false, true );
			isAsked = true;
			reading?.play( 0 );
		},
		close() {
			keep();
			reading?.stop();
			controls.focusPlay();
		},
		download() {
			if ( recordings && sentences ) {
				const { segments } = sentences;
				void import( './download.ts' ).then( ( { downloadAll } ) =>
					downloadAll( {
						segments,
						speech: ( at ) =>
							recordings.speech( segments[ at ]?.number ?? at ),
						title,
						say: controls.say,
						strings,
					} )
				);
			}
		},
	};

	return {
		press: ( hook ) => presses[ hook ]?.(),
		move: () => controls.hold(),
		change( hook ) {
			if ( hook === 'range' ) {
				goTo( controls.release() );
			} else if ( hook === 'speed' && reading ) {
				reading.speed = controls.speed;
				places.speed = controls.speed;
			}
		},
	};
}

/** Leaves of all segments those of a section; each keeps its number. */
function inSection( segments: Segment[], section: Section ): Segment[] {
	const isOf = ( { heading }: Segment ) =>
		section.headings.some( ( own ) => isSameText( own, heading ?? '' ) );
	const from = segments.findIndex( isOf );
	if ( from < 0 ) {
		return [];
	}
	const rest = segments.slice( from );
	const end = rest.findIndex(
		( segment ) => segment.heading && ! isOf( segment )
	);
	return rest
		.slice( 0, end < 0 ? undefined : end )
		.map( ( segment, at ) => ( { ...segment, number: from + at } ) );
}

/** Numbers the block among those of the page. */
function placeOnPage( root: HTMLElement ): number {
	return [ ...document.querySelectorAll( '.docent-listen' ) ].indexOf( root );
}

function localMemory(): Storage | undefined {
	try {
		// What is kept is the listener's own place in a text, and only after they have listened.
		// eslint-disable-next-line no-restricted-globals
		return localStorage;
	} catch {
		// Blocked by the visitor's settings.
		return undefined;
	}
}

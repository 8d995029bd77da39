/**
 * Writes down every request the simulated provider received and how each exchange went on and ended.
 */
import { EventEmitter, once } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';

/** One exchange. Times are milliseconds since the Unix epoch, with fractions. */
export interface JournalEntry {
	requestId: string;
	method: string;
	path: string;
	/** Without the key. */
	headers: IncomingHttpHeaders;
	hasKey: boolean;
	/** The parsed body; of a form its fields, with name, type and size in place of a file; the text itself where it was neither. */
	body: unknown;
	/** The files of a form, by field. */
	files: ReadonlyMap< string, Uint8Array >;
	receivedAtMs: number;
	status: number | undefined;
	chunksProduced: number;
	bytesProduced: number;
	/** `broken`: the provider itself cut, stalled or spoiled the reply; `aborted`: the client went away first. */
	outcome: 'open' | 'complete' | 'aborted' | 'broken';
	/** When the client was seen to go away. */
	abortedAtMs: number | undefined;
	endedAtMs: number | undefined;
	/** What went back and forth in a call. */
	call?: CallRecord;
}

/** One event of a call. */
export interface CallEvent {
	type: string;
	atMs: number;
	/** Bytes of audio in it. */
	audioBytes?: number;
	/** Everything in it except audio; of the server's audio events nothing. */
	event?: Record< string, unknown >;
}

/** The events of a call, in their order. */
export interface CallRecord {
	received: CallEvent[];
	sent: CallEvent[];
	/** How the connection was closed. */
	closeCode?: number;
}

/** What tests read and wait for. */
export interface Journal {
	readonly entries: readonly JournalEntry[];
	/** Resolves with the first entry, present or future, that fits; rejects after `timeoutMs`. */
	waitFor(
		fits: ( entry: JournalEntry ) => boolean,
		timeoutMs?: number
	): Promise< JournalEntry >;
}

/** The journal as the provider itself writes it. */
export interface WritableJournal extends Journal {
	add( entry: JournalEntry ): void;
	changed(): void;
	clear(): void;
}

/** Reads the wall clock finer than a millisecond, comparable between processes of one machine. */
export function preciseNowMs(): number {
	return performance.timeOrigin + performance.now();
}

/** Starts an empty journal. */
export function createJournal(): WritableJournal {
	const news = new EventEmitter().setMaxListeners( 0 );
	let entries: JournalEntry[] = [];

	const nextThat = async (
		fits: ( entry: JournalEntry ) => boolean,
		timeoutMs: number
	): Promise< JournalEntry > => {
		const signal = AbortSignal.timeout( timeoutMs );
		let found: JournalEntry | undefined;
		while ( ! found ) {
			try {
				await once( news, 'change', { signal } );
			} catch ( cause ) {
				throw new Error(
					`No request to the simulated provider fitted within ${ timeoutMs } ms (${ entries.length } in the journal).`,
					{ cause }
				);
			}
			found = entries.find( fits );
		}
		return found;
	};

	return {
		get entries() {
			return entries;
		},
		async waitFor( fits, timeoutMs = 5_000 ) {
			return entries.find( fits ) ?? nextThat( fits, timeoutMs );
		},
		add( entry ) {
			entries.push( entry );
			news.emit( 'change' );
		},
		changed() {
			news.emit( 'change' );
		},
		clear() {
			entries = [];
		},
	};
}

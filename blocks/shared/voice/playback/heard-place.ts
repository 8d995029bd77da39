/**
 * Knows at every moment which sample of a playback comes out of the loudspeaker, from what the audio thread last reported.
 */
import type {
	PlaybackPhase,
	PlaybackReport,
} from '../../../worklets/playback-messages.ts';
import type { Output } from './output.ts';
import { PER_MS } from './playback.ts';

/** The place of one playback. Places are samples from the beginning of the speech. */
export interface HeardPlace {
	readonly phase: PlaybackPhase;
	readonly underruns: number;
	/** What has been heard, up to `end`; the output's latency is taken off. */
	sample( end: number, speed: number ): number;
	/** Takes a report; returns whether it is one to act upon and not from before the last jump. */
	accept( report: PlaybackReport ): boolean;
	/** Goes to a place; returns the number of the jump. */
	jump( at: number ): number;
	/** Counts from this place on, as the speed changes. */
	countFrom( at: number ): void;
	/** Stays at this place for good. */
	close( at: number ): void;
}

/** Starts at the beginning. */
export function createHeardPlace(
	output: Pick< Output, 'clock' >
): HeardPlace {
	let last: Omit< PlaybackReport, 'startMs' > = {
		epoch: 0,
		phase: 'filling',
		position: 0,
		time: 0,
		underruns: 0,
	};
	/** Where the last jump went: nothing before it is heard any more. */
	let base = 0;

	return {
		get phase() {
			return last.phase;
		},
		get underruns() {
			return last.underruns;
		},
		sample( end, speed ) {
			const { time, latency } = output.clock();
			const since = last.time ? time - latency - last.time : 0;
			const seconds =
				last.phase === 'running' ? since : Math.min( 0, since );
			const place = last.position + seconds * PER_MS * 1000 * speed;
			return Math.round( Math.max( base, Math.min( end, place ) ) );
		},
		accept( report ) {
			const isNew = report.epoch >= last.epoch;
			last = isNew ? report : last;
			return isNew;
		},
		jump( at ) {
			base = at;
			const epoch = last.epoch + 1;
			last = { ...last, epoch, phase: 'filling', position: at, time: 0 };
			return epoch;
		},
		countFrom( at ) {
			const { time, latency } = output.clock();
			if ( last.phase === 'running' ) {
				last = { ...last, position: at, time: time - latency };
			}
		},
		close( at ) {
			last = { ...last, position: at, phase: 'stopped', time: 0 };
		},
	};
}

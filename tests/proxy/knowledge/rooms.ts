/**
 * Says what a store has to offer to be put through the contracts of knowledge and answers.
 */
import type { Answers } from '../../../proxy/src/answers/answers.ts';
import type { Unanswered } from '../../../proxy/src/answers/unanswered.ts';
import type { Knowledge } from '../../../proxy/src/knowledge/knowledge.ts';
import type { HandClock } from '../../support/clock.ts';

/** Knowledge and answers over one store, and the clock they go by. */
export interface Rooms {
	knowledge: Knowledge;
	answers: Answers;
	unanswered: Unanswered;
	clock: HandClock;
	close(): Promise< void >;
}

/** How much the store may keep, and by which clock. */
export interface OpenOptions {
	maxAnswersPerSite?: number;
	maxUnansweredPerSite?: number;
	clock?: HandClock;
}

/** Opens a store, empty and apart from every other. */
export type OpenRooms = ( options?: OpenOptions ) => Promise< Rooms >;

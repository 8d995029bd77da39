/**
 * Names what a live conversation needs of the rest of the proxy.
 */
import type { Settings } from '../../settings.ts';
import type { PastTurn } from '../../stores/conversation-store.ts';
import type { PageScope, Source } from '../../types.ts';
import type { VoiceServices } from '../voice-services.ts';

/** Who speaks, with the site's settings of that moment. */
export interface LiveCaller {
	siteId: string;
	visitorId: string;
	user: string | undefined;
	requestId: string;
	/** Where the connection comes from. */
	address: string;
	settings: Settings;
}

/** A question as it was heard or typed. */
export interface LiveQuestion {
	siteId: string;
	text: string;
	/** What was said before, oldest first. */
	history: PastTurn[];
	scope: PageScope | undefined;
	/** BCP 47 tag, for questions that do not show theirs. */
	language: string;
}

/** What the site says to a question. */
export type LiveFinding = {
	/** BCP 47 tag of the question. */
	language: string;
	/** What answers it, or comes near. */
	sources: Source[];
} & (
	| {
			kind: 'found';
			/** The passages as text for the model, each marked as a quotation. */
			material: string;
	  }
	/** A sentence of the proxy's own is the answer: the site says nothing, or the question was a greeting. */
	| { kind: 'sentence'; text: string; isAbstention: boolean }
);

/** An exchange that has ended, as it is kept. */
export interface LiveTurn {
	id: string;
	conversationId: string;
	question: string;
	/** What was heard of the answer. */
	answer: string;
	sources: Source[];
	finishReason: 'stop' | 'length' | 'stopped' | 'abstained';
	costNanoUsd: number;
	askedAt: number;
}

/** What a live conversation needs. */
export interface LiveServices extends VoiceServices {
	/** Counts a typed question like one that was asked in writing; returns false when there were too many. Sound takes its time by itself. */
	mayType( caller: LiveCaller ): Promise< boolean >;
	/** Looks up what the site says. */
	find( question: LiveQuestion ): Promise< LiveFinding >;
	thread: {
		/** Returns what was said before, oldest first; undefined when the visitor has no such conversation. */
		history(
			caller: LiveCaller,
			conversationId: string
		): Promise< PastTurn[] | undefined >;
		/** Keeps an exchange beside the written ones. Never rejects. */
		save( caller: LiveCaller, turn: LiveTurn ): Promise< void >;
	};
	/** Returns a site's settings of this moment: a limit that is lowered holds at once. */
	settings( siteId: string ): Promise< Settings >;
	/** Returns the share of the site's limits that is spent, from 0. */
	spentShare(
		siteId: string,
		limits: Settings[ 'limits' ]
	): Promise< number >;
}

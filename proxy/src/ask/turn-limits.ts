/**
 * Bounds how many answers are worked on at a time: in this process, and for one visitor. The one place for both.
 */
import { DocentError } from '../errors.ts';

/** How many answers one process works on at a time, and how many of one visitor. */
const MAX_TURNS = 4_000;
const MAX_TURNS_PER_VISITOR = 4;

/** An answer takes a few seconds, so that is how long to wait for a place; in milliseconds. */
const RETRY_AFTER_MS = 2_000;

export interface TurnLimits {
	readonly maxTurnsPerVisitor: number;
	/** Takes a place; throws `busy` (503) when the process is full, `rate_limited` (429) when the visitor asks too much at once. */
	take( siteId: string, visitorId: string ): void;
	/** Gives a place back. */
	free( siteId: string, visitorId: string ): void;
}

/** Makes the limits of one process. */
export function createTurnLimits( {
	maxTurns = MAX_TURNS,
	maxTurnsPerVisitor = MAX_TURNS_PER_VISITOR,
}: {
	maxTurns?: number | undefined;
	maxTurnsPerVisitor?: number | undefined;
} = {} ): TurnLimits {
	const perVisitor = new Map< string, number >();
	let total = 0;
	return {
		maxTurnsPerVisitor,
		take( siteId, visitorId ) {
			if ( total >= maxTurns ) {
				throw new DocentError(
					'busy',
					'Many people are asking right now. Please try again in a moment.',
					{ retryAfterMs: RETRY_AFTER_MS }
				);
			}
			const key = `${ siteId } ${ visitorId }`;
			const count = perVisitor.get( key ) ?? 0;
			if ( count >= maxTurnsPerVisitor ) {
				throw tooManyOfVisitor();
			}
			perVisitor.set( key, count + 1 );
			total++;
		},
		free( siteId, visitorId ) {
			const key = `${ siteId } ${ visitorId }`;
			const count = ( perVisitor.get( key ) ?? 1 ) - 1;
			if ( count === 0 ) {
				perVisitor.delete( key );
			} else {
				perVisitor.set( key, count );
			}
			total--;
		},
	};
}

/** Makes the refusal for a visitor who asks too much at once. */
export function tooManyOfVisitor(): DocentError {
	return new DocentError(
		'rate_limited',
		'Several of your questions are still being answered. Please wait for one of them.',
		{ retryAfterMs: RETRY_AFTER_MS }
	);
}

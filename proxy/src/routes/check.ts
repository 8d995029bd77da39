/**
 * Says what one finding of the connectivity test looks like.
 */
import type { FailureCode } from '../upstream/diagnosis.ts';

/** One thing that was looked at. */
export interface Check {
	/** Stable; parts after a colon name what is meant, as in `provider:groq`. */
	id: string;
	status: 'ok' | 'warning' | 'error';
	/** What was found, one sentence or two. */
	message: string;
	/** What a person can do about it. */
	remedy?: string;
	/** What the proxy does by itself. */
	repair?: string;
	/** Names what a person should be told of once without asking, as in `limit-near:2026-11`. */
	occasion?: string;
	/** The stable code of what is wrong. */
	code?: FailureCode;
	/** The median time of three small requests, in milliseconds. */
	latencyMs?: number;
	/** Models that were looked for and not found. */
	missing?: string[];
	/** How often it happened, and when first and last (milliseconds since the epoch). */
	count?: number;
	firstAt?: number;
	lastAt?: number;
}

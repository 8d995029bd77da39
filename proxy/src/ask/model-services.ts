/**
 * Gathers what answering with models needs.
 */
import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import {
	createEstimateCheck,
	type EstimateCheck,
} from '../ledger/estimate-check.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Catalog, Tier } from '../models/catalog.ts';
import {
	createTargetHealth,
	type TargetHealth,
} from '../models/target-health.ts';
import type { CallRecord } from '../stores/call-store.ts';
import type { Clock } from '../types.ts';
import type { Providers } from '../upstream/providers.ts';
import { createSpentShare, type SpentShare } from './spent-share.ts';

/** For so many conversations it is remembered that a cheaper model was not enough. */
const MAX_RAISED = 10_000;

export interface ModelServices {
	providers: Providers;
	catalog: Catalog;
	ledger: Ledger;
	/** Writes a finished call down; never rejects. */
	calls: { record( record: CallRecord ): Promise< void > };
	health: TargetHealth;
	/** Logs calls that were billed far from what they should cost. */
	estimates: EstimateCheck;
	spentShare: SpentShare;
	/**
	 * The tier that a conversation was raised to, by its id. In this process only: another proxy asks the cheaper model once more, and learns
	 * it too.
	 */
	raised: LRUCache< string, Tier >;
	clock: Clock;
	/** From 0 to 1; spreads waits. */
	random: () => number;
	/** How long a visitor waits for the first words, in milliseconds, however many targets are tried. Then the site is quoted. */
	firstWordsMs: number;
	log: Logger;
}

const FIRST_WORDS_MS = 45_000;

/** Makes the services over what the proxy is configured with. */
export function createModelServices( {
	clock,
	random = Math.random,
	firstWordsMs = FIRST_WORDS_MS,
	log,
	ledger,
	...given
}: Pick<
	ModelServices,
	'providers' | 'catalog' | 'ledger' | 'calls' | 'clock' | 'log'
> & {
	random?: ( () => number ) | undefined;
	firstWordsMs?: number | undefined;
} ): ModelServices {
	return {
		...given,
		ledger,
		clock,
		random,
		firstWordsMs,
		log,
		health: createTargetHealth( { clock, log, random } ),
		estimates: createEstimateCheck( { log, clock } ),
		spentShare: createSpentShare( { ledger, clock, log } ),
		raised: new LRUCache( { max: MAX_RAISED } ),
	};
}

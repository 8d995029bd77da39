/**
 * Names what hearing and speaking need.
 */
import type { Logger } from 'pino';
import type { Ledger } from '../ledger/ledger.ts';
import type { Catalog } from '../models/catalog.ts';
import type { TargetHealth } from '../models/target-health.ts';
import type { Settings } from '../settings.ts';
import type { CallRecord } from '../stores/call-store.ts';
import type { Clock } from '../types.ts';
import type { VoiceProvider } from '../upstream/voice.ts';

export interface VoiceServices {
	providers: {
		/** Returns undefined for a name that is not configured. */
		voice( name: string ): VoiceProvider | undefined;
	};
	catalog: Catalog;
	ledger: Ledger;
	/** Writes a finished call down; never rejects. */
	calls: { record( record: CallRecord ): Promise< void > };
	health: TargetHealth;
	clock: Clock;
	log: Logger;
}

/** Whose call it is, and who pays for it. */
export interface VoiceContext {
	siteId: string;
	/** Empty for work that no visitor asked for. */
	visitorId: string;
	turnId: string;
	requestId: string;
	settings: Settings;
	signal: AbortSignal;
}

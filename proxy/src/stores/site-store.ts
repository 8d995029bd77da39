/**
 * Says what a store must do to keep what belongs to a site as a whole.
 */
import type { SettingsPatch } from '../settings.ts';

export interface SiteStore {
	/** Reads what is stored; the same object as before when it has not changed. */
	readSettings( siteId: string ): Promise< SettingsPatch | undefined >;
	/** Changes the stored settings in one step: `change` gets what is stored now and returns what shall be stored. */
	changeSettings(
		siteId: string,
		change: ( stored: SettingsPatch ) => SettingsPatch
	): Promise< SettingsPatch >;
	/** Remembers a nonce until it expires; false when it was there already. */
	useNonce(
		siteId: string,
		nonce: string,
		now: number,
		expiresAt: number
	): Promise< boolean >;
}

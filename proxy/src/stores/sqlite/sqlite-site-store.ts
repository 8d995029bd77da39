/**
 * Keeps settings and seen nonces of sites in SQLite.
 */
import type { SettingsPatch } from '../../settings.ts';
import type { SiteStore } from '../site-store.ts';
import type { Database } from './database.ts';

/** Makes a {@link SiteStore} on an open database. */
export function createSqliteSiteStore( database: Database ): SiteStore {
	const { prepare, write } = database;

	const parsed = new Map<
		string,
		{ text: string; settings: SettingsPatch }
	>();
	const read = ( siteId: string ): SettingsPatch | undefined => {
		const row = prepare(
			'SELECT settings FROM site_settings WHERE site_id = ?'
		).get( siteId );
		if ( ! row ) {
			return undefined;
		}
		const text = String( row.settings );
		let known = parsed.get( siteId );
		if ( known?.text !== text ) {
			known = { text, settings: JSON.parse( text ) };
			parsed.set( siteId, known );
		}
		return known.settings;
	};

	return {
		async readSettings( siteId ) {
			return read( siteId );
		},

		changeSettings: ( siteId, change ) =>
			write( () => {
				const changed = change( read( siteId ) ?? {} );
				prepare(
					`INSERT INTO site_settings (site_id, settings) VALUES (?, ?)
					ON CONFLICT (site_id) DO UPDATE SET settings = excluded.settings`
				).run( siteId, JSON.stringify( changed ) );
				return changed;
			} ),

		useNonce: ( siteId, nonce, now, expiresAt ) =>
			write( () => {
				prepare( 'DELETE FROM site_nonces WHERE expires_at <= ?' ).run(
					now
				);
				return (
					prepare(
						'INSERT OR IGNORE INTO site_nonces (site_id, nonce, expires_at) VALUES (?, ?, ?)'
					).run( siteId, nonce, expiresAt ).changes > 0
				);
			} ),
	};
}

/**
 * Keeps settings and seen nonces of sites in Redis.
 */
import type { SettingsPatch } from '../../settings.ts';
import type { SiteStore } from '../site-store.ts';
import { StoreAwayError } from '../store-away.ts';
import type { RedisConnection } from './connection.ts';
import { siteKey } from './redis-site-key.ts';
import { readScript } from './script.ts';

const SETTINGS = readScript(
	new URL( './redis-site-settings.lua', import.meta.url )
);
const NONCE = readScript(
	new URL( './redis-site-nonce.lua', import.meta.url )
);

/** Owners do not save so fast that somebody is always faster. */
const MAX_ATTEMPTS = 50;

/** Makes a {@link SiteStore} over a connection. */
export function createRedisSiteStore( redis: RedisConnection ): SiteStore {
	const parsed = new Map<
		string,
		{ text: string; settings: SettingsPatch }
	>();
	const parse = ( siteId: string, text: string ): SettingsPatch => {
		let known = parsed.get( siteId );
		if ( known?.text !== text ) {
			known = { text, settings: JSON.parse( text ) };
			parsed.set( siteId, known );
		}
		return known.settings;
	};
	const readText = ( siteId: string ) =>
		redis.command< string | null >( [
			'GET',
			siteKey( siteId, 'settings' ),
		] );

	return {
		async readSettings( siteId ) {
			const text = await readText( siteId );
			return text === null ? undefined : parse( siteId, text );
		},

		async changeSettings( siteId, change ) {
			for ( let attempt = 0; attempt < MAX_ATTEMPTS; attempt++ ) {
				const before = ( await readText( siteId ) ) ?? '';
				const changed = change(
					before === '' ? {} : parse( siteId, before )
				);
				const isDone = await redis.script< number >(
					SETTINGS,
					[ siteKey( siteId, 'settings' ) ],
					[ before, JSON.stringify( changed ) ]
				);
				if ( isDone ) {
					return changed;
				}
			}
			throw new StoreAwayError( 'the settings change all the time' );
		},

		async useNonce( siteId, nonce, now, expiresAt ) {
			const isFresh = await redis.script< number >(
				NONCE,
				[ siteKey( siteId, `nonce:${ nonce }` ) ],
				[ String( now ), String( expiresAt ) ]
			);
			return isFresh === 1;
		},
	};
}

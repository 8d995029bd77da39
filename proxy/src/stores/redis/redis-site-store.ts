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

/** Settings as they were read last. */
interface Known {
	/** As it is stored: how often the settings were changed, a line break, the settings as JSON. */
	text: string;
	revision: number;
	settings: SettingsPatch;
}

const NONE: Known = { text: '', revision: 0, settings: {} };

/**
 * Makes a {@link SiteStore} over a connection. Settings are never taken away, so when they are gone or older than before, Redis has lost
 * them (flushed, or restored from a backup): then whichever proxy remembers puts them back, because an owner's limits must go on to hold.
 */
export function createRedisSiteStore( redis: RedisConnection ): SiteStore {
	const remembered = new Map< string, Known >();

	/** Stores `text` in the place of `before`; returns whether `before` was still there. */
	const replace = async (
		siteId: string,
		before: Known,
		text: string
	): Promise< boolean > => {
		const isDone = await redis.script< number >(
			SETTINGS,
			[ siteKey( siteId, 'settings' ) ],
			[ before.text, text ]
		);
		return isDone === 1;
	};

	const read = async ( siteId: string ): Promise< Known > => {
		for ( let attempt = 0; attempt < MAX_ATTEMPTS; attempt++ ) {
			const text = await redis.command< string | null >( [
				'GET',
				siteKey( siteId, 'settings' ),
			] );
			const known = remembered.get( siteId ) ?? NONE;
			if ( ( text ?? '' ) === known.text ) {
				return known;
			}
			const stored = text === null ? NONE : parse( text );
			if ( stored.revision >= known.revision ) {
				remembered.set( siteId, stored );
				return stored;
			}
			if ( await replace( siteId, stored, known.text ) ) {
				return known;
			}
		}
		throw changingAllTheTime();
	};

	return {
		async readSettings( siteId ) {
			const known = await read( siteId );
			return known.revision === 0 ? undefined : known.settings;
		},

		async changeSettings( siteId, change ) {
			for ( let attempt = 0; attempt < MAX_ATTEMPTS; attempt++ ) {
				const before = await read( siteId );
				const settings = change( before.settings );
				const text = `${ before.revision + 1 }\n${ JSON.stringify( settings ) }`;
				if ( await replace( siteId, before, text ) ) {
					const { revision } = remembered.get( siteId ) ?? NONE;
					if ( revision <= before.revision ) {
						remembered.set( siteId, parse( text ) );
					}
					return settings;
				}
			}
			throw changingAllTheTime();
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

function parse( text: string ): Known {
	const lineBreak = text.indexOf( '\n' );
	return {
		text,
		revision: Number( text.slice( 0, lineBreak ) ),
		settings: JSON.parse( text.slice( lineBreak + 1 ) ),
	};
}

function changingAllTheTime(): StoreAwayError {
	return new StoreAwayError( 'the settings change all the time' );
}

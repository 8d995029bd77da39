/**
 * Knows the sites that may use this proxy, and what their owners have set.
 */
import type { SiteConfig } from './config.ts';
import {
	DEFAULT_SETTINGS,
	mergeSettings,
	settingsPatchSchema,
	type Settings,
	type SettingsPatch,
} from './settings.ts';
import type { SiteStore } from './stores/site-store.ts';
import { isStoreAway } from './stores/store-away.ts';

export interface Sites {
	readonly all: readonly SiteConfig[];
	find( siteId: string ): SiteConfig | undefined;
	/** Tells whether any site lives at an origin. */
	hasOrigin( origin: string ): boolean;
	settings( siteId: string ): Promise< Settings >;
	/** Merges a part into the settings and returns them complete. */
	changeSettings( siteId: string, patch: SettingsPatch ): Promise< Settings >;
}

/** Makes the register of sites over what the environment named and what owners stored. */
export function createSites( {
	sites,
	store,
}: {
	sites: SiteConfig[];
	store: SiteStore;
} ): Sites {
	const byId = new Map( sites.map( ( site ) => [ site.id, site ] ) );
	const origins = new Set( sites.flatMap( ( site ) => site.origins ) );

	const completed = new Map<
		string,
		{ stored: SettingsPatch | undefined; settings: Settings }
	>();
	const complete = ( siteId: string, stored: SettingsPatch ): Settings =>
		mergeSettings(
			mergeSettings(
				DEFAULT_SETTINGS,
				byId.get( siteId )?.settings ?? {}
			),
			stored
		);

	return {
		all: sites,
		find: ( siteId ) => byId.get( siteId ),
		hasOrigin: ( origin ) => origins.has( origin ),
		async settings( siteId ) {
			// Read every time: another proxy on the same store may have changed them, and a limit must hold at once.
			const known = completed.get( siteId );
			let stored: SettingsPatch | undefined;
			try {
				stored = await store.readSettings( siteId );
			} catch ( error ) {
				// What was read last is good enough for answers that cost nothing; money needs the store itself.
				if ( known && isStoreAway( error ) ) {
					return known.settings;
				}
				throw error;
			}
			if ( known && known.stored === stored ) {
				return known.settings;
			}
			const settings = complete( siteId, stored ?? {} );
			completed.set( siteId, { stored, settings } );
			return settings;
		},
		async changeSettings( siteId, patch ) {
			const stored = await store.changeSettings( siteId, ( before ) =>
				mergePatches( before, patch )
			);
			return complete( siteId, stored );
		},
	};
}

function mergePatches(
	before: SettingsPatch,
	patch: SettingsPatch
): SettingsPatch {
	const merged: Record< string, object > = {};
	for ( const section of Object.keys( settingsPatchSchema.shape ) as Array<
		keyof SettingsPatch
	> ) {
		if ( before[ section ] ?? patch[ section ] ) {
			merged[ section ] = { ...before[ section ], ...patch[ section ] };
		}
	}
	return merged as SettingsPatch;
}

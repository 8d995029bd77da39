/**
 * Notes in the data folder which sites have spent through Redis, so that a proxy that starts beside an empty Redis knows that it was not
 * always empty.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FILE = 'redis-ledger-sites.json';

export interface LedgerMarker {
	has( siteId: string ): boolean;
	add( siteId: string ): void;
}

/** Opens the note in a folder; without a folder, or when it cannot be written, it lasts as long as the process. */
export function openLedgerMarker( dataDir: string | undefined ): LedgerMarker {
	const sites = new Set< string >();
	if ( dataDir !== undefined ) {
		try {
			const known = JSON.parse(
				readFileSync( join( dataDir, FILE ), 'utf8' )
			) as unknown;
			for ( const siteId of Array.isArray( known ) ? known : [] ) {
				sites.add( String( siteId ) );
			}
		} catch {
			// There is no note yet.
		}
	}
	return {
		has: ( siteId ) => sites.has( siteId ),
		add( siteId ) {
			if ( sites.has( siteId ) ) {
				return;
			}
			sites.add( siteId );
			if ( dataDir !== undefined ) {
				try {
					mkdirSync( dataDir, { recursive: true } );
					writeFileSync(
						join( dataDir, FILE ),
						JSON.stringify( [ ...sites ] )
					);
				} catch {
					// A proxy may run without a disk: then only what runs remembers.
				}
			}
		},
	};
}

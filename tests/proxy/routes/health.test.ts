import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createLog } from '../../../proxy/src/log.ts';
import { createHealthRoutes } from '../../../proxy/src/routes/health.ts';
import { openSqliteStores } from '../../../proxy/src/stores/sqlite/sqlite-stores.ts';
import { startProxy, type TestProxy } from '../../support/proxy/start-proxy.ts';

let proxy: TestProxy | undefined;
afterEach( async () => {
	await proxy?.close();
	proxy = undefined;
} );

describe( 'the health of a proxy', () => {
	it( 'is ready while its store can be read', async () => {
		proxy = await startProxy();
		for ( const path of [ '/health/live', '/health/ready' ] ) {
			const response = await fetch( proxy.url + path );
			expect( response.status ).toBe( 200 );
			expect( await response.json() ).toEqual( { status: 'ok' } );
		}
	} );

	it( 'is alive but not ready, with a time to come back, once its store is gone', async () => {
		const folder = mkdtempSync( join( tmpdir(), 'docent-health-' ) );
		const stores = openSqliteStores( folder );
		const app = createHealthRoutes( {
			stores,
			log: createLog( 'silent' ),
		} );
		app.onError( ( error, c ) =>
			c.json( {}, ( error as unknown as { status: 503 } ).status )
		);
		expect( ( await app.request( '/health/ready' ) ).status ).toBe( 200 );
		await stores.close();
		rmSync( folder, { recursive: true } );
		expect( ( await app.request( '/health/ready' ) ).status ).toBe( 503 );
		expect( ( await app.request( '/health/live' ) ).status ).toBe( 200 );
	} );
} );

/**
 * Gives tests a whole site: WordPress and a proxy of its own, connected, with the site's content known to the proxy.
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newSiteIdentity } from '../../../dev/connection.ts';
import { keepPort } from '../../../dev/ports.ts';
import { startProxyProcess } from '../../../dev/start/proxy-process.ts';
import type { ProxyProcess } from '../../../dev/start/proxy-process.ts';
import {
	callPlugin,
	syncKnowledge,
} from '../../../dev/start/sync-knowledge.ts';
import type { SyncReport } from '../../../dev/start/sync-knowledge.ts';
import { startNativeWordPress } from './native.ts';
import type { NativeWordPress, NativeWordPressOptions } from './native.ts';

export interface SiteOptions extends Omit<
	NativeWordPressOptions,
	'proxyUrl' | 'siteId' | 'secret'
> {
	/** Port of the proxy; any free one when left out. */
	proxyPort?: number;
	/** Address under which WordPress and browsers reach the proxy, when a fault proxy stands in between. */
	proxyUrl?: string;
	/** Further environment of the proxy, for example `OPENAI_BASE_URL` and `OPENAI_API_KEY` of the simulated provider. */
	proxyEnv?: Record< string, string >;
	/** Switches the site-wide launcher on. */
	launcher?: boolean;
}

export interface Site {
	/** Address of the site, without a slash at the end. */
	url: string;
	wordpress: NativeWordPress;
	proxy: ProxyProcess;
	/** Folder of the proxy's database. */
	proxyDataDir: string;
	/** Calls one of the plugin's admin routes as the administrator. */
	callPlugin: < T >(
		method: 'GET' | 'POST' | 'PUT',
		route: string,
		body?: Record< string, unknown >
	) => Promise< { status: number; data: T } >;
	/** Sends all content to the proxy. */
	sync: () => Promise< SyncReport >;
	stop: () => Promise< void >;
}

/** Starts both, imports the demo shop unless told not to, and syncs. */
export async function startSite( options: SiteOptions = {} ): Promise< Site > {
	const { proxyEnv = {}, launcher = false, demo = true } = options;
	const identity = newSiteIdentity();
	const folder = await mkdtemp( join( tmpdir(), 'docent-proxy-' ) );
	const sitePort = await keepPort( options.port );
	const proxyPort = await keepPort( options.proxyPort );
	const { port } = sitePort;
	const stops: Array< () => Promise< void > > = [
		() => rm( folder, { recursive: true, force: true } ),
		sitePort.release,
		proxyPort.release,
	];
	const stop = async (): Promise< void > => {
		for ( const end of stops.splice( 0 ).reverse() ) {
			await end();
		}
	};
	try {
		await proxyPort.release();
		const proxy = await startProxyProcess( {
			port: proxyPort.port,
			logFile: join( folder, 'proxy.log' ),
			env: {
				DOCENT_DATA_DIR: join( folder, 'data' ),
				DOCENT_SITE_ID: identity.siteId,
				DOCENT_SITE_SECRET: identity.secret,
				DOCENT_SITE_ORIGINS: `http://127.0.0.1:${ port }`,
				// A key on the developer's machine must never be spent by a test.
				OPENAI_API_KEY: '',
				...proxyEnv,
			},
		} );
		stops.push( proxy.stop );
		await sitePort.release();
		const wordpress = await startNativeWordPress( {
			...options,
			port,
			demo,
			proxyUrl: options.proxyUrl ?? proxy.url,
			...identity,
		} );
		stops.push( wordpress.stop );
		const site: Site = {
			url: wordpress.url,
			wordpress,
			proxy,
			proxyDataDir: join( folder, 'data' ),
			callPlugin: ( method, route, body ) =>
				callPlugin( wordpress.runPhp, method, route, body ),
			sync: () => syncKnowledge( wordpress.runPhp ),
			stop,
		};
		await site.callPlugin( 'PUT', '/settings', {
			launcher: { isEnabled: launcher, position: 'end' },
			contentTypes: demo
				? [ 'page', 'post', 'product' ]
				: [ 'page', 'post' ],
		} );
		await site.sync();
		return site;
	} catch ( error ) {
		await stop();
		throw error;
	}
}

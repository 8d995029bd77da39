/**
 * Sets the stage for the browser tests of one file: a whole site, a model that says what it is told, a browser.
 */

import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import type {
	Browser,
	BrowserContext,
	BrowserContextOptions,
	Page,
} from 'playwright-core';
import { startFaultProxy } from '../fault-proxy/index.ts';
import type { FaultProxy } from '../fault-proxy/index.ts';
import { signRequest } from '../proxy/credentials.ts';
import { startSimulatedProvider } from '../simulated-provider/index.ts';
import type { SimulatedProvider } from '../simulated-provider/index.ts';
import { launchBrowser } from '../wordpress/browser.ts';
import { startSite } from '../wordpress/site.ts';
import type { Site, SiteOptions } from '../wordpress/site.ts';
import { addMustUsePlugin, looks, manyVisitors } from './must-use.ts';
import { watchPage } from './page-watch.ts';
import type { PageWatch } from './page-watch.ts';
import { publishPages, shopPages } from './pages.ts';
import type { SitePage } from './pages.ts';

export interface StageOptions extends Pick<
	SiteOptions,
	'launcher' | 'constants'
> {
	pages?: SitePage[];
	/** `false`: the proxy has no key and quotes the site. */
	hasModel?: boolean;
	/** Puts a fault proxy between browsers and the proxy. */
	isFaulty?: boolean;
}

export interface Visitor {
	context: BrowserContext;
	page: Page;
	watch: PageWatch;
}

export interface Stage {
	url: string;
	site: Site;
	/** Ids of the pages by slug. */
	pageIds: Record< string, number >;
	provider: SimulatedProvider;
	/** Stands between browsers and the proxy when the stage is faulty. */
	faults: FaultProxy | undefined;
	browser: Browser;
	/** Opens a browser of its own for a new visitor. */
	newVisitor( options?: BrowserContextOptions ): Promise< Visitor >;
	/** Changes what the proxy keeps for the site; see `PUT /v1/site/settings`. */
	setProxySettings( patch: Record< string, unknown > ): Promise< void >;
	/** Closes what visitors opened; throws when a page of theirs failed. For `afterEach`. */
	leave(): Promise< void >;
	close(): Promise< void >;
}

/** Starts everything. The pages are known to the proxy when this resolves. */
export async function openStage( {
	pages = shopPages,
	hasModel = true,
	isFaulty = false,
	launcher = false,
	constants = {},
}: StageOptions = {} ): Promise< Stage > {
	const ends: Array< () => Promise< unknown > > = [];
	const close = async (): Promise< void > => {
		for ( const end of ends.splice( 0 ).reverse() ) {
			await end();
		}
	};
	try {
		const provider = await startSimulatedProvider();
		ends.push( provider.close );
		const proxyPort = await anyFreePort();
		const port = await anyFreePort();
		const faults = isFaulty
			? await startFaultProxy( { target: { port: proxyPort } } )
			: undefined;
		if ( faults ) {
			ends.push( faults.close );
		}
		const [ site, browser ] = await Promise.all( [
			startSite( {
				port,
				demo: false,
				launcher,
				proxyPort,
				proxyEnv: hasModel
					? {
							OPENAI_BASE_URL: provider.baseUrl,
							OPENAI_API_KEY: 'test-key',
						}
					: {},
				constants: {
					...( faults && {
						DOCENT_PROXY_PUBLIC_URL: `http://127.0.0.1:${ faults.port }`,
					} ),
					...constants,
				},
			} ),
			launchBrowser(),
		] );
		ends.push( site.stop, () => browser.close() );
		await addMustUsePlugin( site.wordpress, 'many-visitors', manyVisitors );
		await addMustUsePlugin( site.wordpress, 'looks', looks );
		const pageIds = await publishPages( site.wordpress, pages );
		await site.sync();

		const visitors: Visitor[] = [];
		const stage: Stage = {
			url: site.url,
			site,
			pageIds,
			provider,
			faults,
			browser,
			async newVisitor( options = {} ) {
				const context = await browser.newContext( {
					baseURL: site.url,
					reducedMotion: 'reduce',
					...options,
				} );
				context.setDefaultTimeout( 15_000 );
				const page = await context.newPage();
				const visitor = { context, page, watch: watchPage( page ) };
				visitors.push( visitor );
				return visitor;
			},
			async setProxySettings( patch ) {
				const path = '/v1/site/settings';
				const body = JSON.stringify( patch );
				const { siteId, secret } = site.wordpress;
				const response = await fetch( site.proxy.url + path, {
					method: 'PUT',
					headers: signRequest( 'PUT', path, body, {
						siteId,
						secret,
					} ),
					body,
				} );
				const text = await response.text();
				if ( ! response.ok ) {
					throw new Error( text );
				}
			},
			async leave() {
				const left = visitors.splice( 0 );
				for ( const { context } of left ) {
					await context.close();
				}
				const problems = left.flatMap(
					( { watch } ) => watch.problems
				);
				if ( problems.length > 0 ) {
					throw new Error( problems.join( '\n' ) );
				}
			},
			close,
		};
		await stage.setProxySettings( {
			rateLimits: {
				visitorPerMinute: 100_000,
				addressPerMinute: 100_000,
				sitePerMinute: 100_000,
			},
		} );
		return stage;
	} catch ( error ) {
		await close();
		throw error;
	}
}

/** Lets a model's answer end as the proxy asks it to. `used` are the numbers of the passages it rests on. */
export function asModel( text: string, used = '1' ): string {
	return `${ text }\n[[docent]] mood=neutral confident=yes handoff=no used=${ used }`;
}

/** Asks the system for a port, so that two runs at the same time do not meet. */
async function anyFreePort(): Promise< number > {
	const server = createServer();
	server.listen( 0, '127.0.0.1' );
	await once( server, 'listening' );
	const { port } = server.address() as AddressInfo;
	server.close();
	await once( server, 'close' );
	return port;
}

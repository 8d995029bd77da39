/**
 * Sets up proxies of one shop on a store of choice, with a simulated provider and limits that nobody meets by accident.
 */
import { SHOP } from '../../support/proxy/shop.ts';
import { startProxy, type TestProxy } from '../../support/proxy/start-proxy.ts';
import { startRedis, type RedisServer } from '../../support/redis/index.ts';
import {
	startSimulatedProvider,
	type Behaviour,
	type SimulatedProvider,
} from '../../support/simulated-provider/index.ts';
import type { SiteDocument } from '../../../proxy/src/types.ts';

/** Where proxies keep what they know. */
export type StoreName = 'SQLite' | 'Redis';

/** Nobody asks too often. */
export const PATIENT = {
	visitorPerMinute: 1_000_000,
	addressPerMinute: 1_000_000,
	sitePerMinute: 1_000_000,
};

/** Every limit of money at once, in nano-dollars. */
export const moneyLimits = ( nanoUsd: number ) => ( {
	siteDayNanoUsd: nanoUsd,
	siteMonthNanoUsd: nanoUsd,
	visitorDayNanoUsd: nanoUsd,
} );

/** Proxies of one shop, the first of which took its pages and settings. */
export interface Stage {
	readonly provider: SimulatedProvider;
	/** Present when the proxies share one. */
	readonly redis: RedisServer | undefined;
	readonly proxy: TestProxy;
	readonly proxies: readonly TestProxy[];
	/** Starts one more proxy on the same store. */
	join(): Promise< TestProxy >;
	/** Ends every proxy and starts one on what they left. */
	restart(): Promise< TestProxy >;
	close(): Promise< void >;
}

/** Starts a stage; options that are not named here go to every proxy. */
export async function setStage( {
	store = 'SQLite',
	documents = SHOP,
	settings = {},
	behaviour = {},
	env = {},
	isDurable = false,
	...options
}: {
	store?: StoreName;
	documents?: SiteDocument[];
	settings?: Record< string, unknown >;
	behaviour?: Behaviour;
	env?: Record< string, string >;
	/** Whether Redis still knows after a restart what it was told. */
	isDurable?: boolean;
} & Omit<
	NonNullable< Parameters< typeof startProxy >[ 0 ] >,
	'env' | 'dataDir' | 'providerUrl'
> = {} ): Promise< Stage > {
	const provider = await startSimulatedProvider( { behaviour } );
	const redis =
		store === 'Redis' ? await startRedis( { isDurable } ) : undefined;
	let dataDir: string | undefined;
	let proxies: TestProxy[] = [];

	const join = async (): Promise< TestProxy > => {
		const joined = await startProxy( {
			...options,
			providerUrl: provider.baseUrl,
			...( dataDir ? { dataDir } : {} ),
			env: { ...env, ...( redis ? { REDIS_URL: redis.url } : {} ) },
		} );
		dataDir = joined.dataDir;
		proxies.push( joined );
		return joined;
	};
	const endAll = async ( keepData: boolean ): Promise< void > => {
		for ( const proxy of proxies.reverse() ) {
			await proxy.close( { keepData } );
		}
		proxies = [];
	};

	const first = await join();
	await first.site( 'PUT', '/v1/site/documents', { documents } );
	await first.site( 'PUT', '/v1/site/settings', {
		rateLimits: PATIENT,
		...settings,
	} );
	return {
		provider,
		redis,
		get proxy() {
			return proxies[ 0 ] as TestProxy;
		},
		get proxies() {
			return proxies;
		},
		join,
		async restart() {
			await endAll( true );
			return join();
		},
		async close() {
			await endAll( false );
			await provider.close();
			await redis?.stop();
		},
	};
}

/** Reads what a site has spent and holds today, in nano-dollars. */
export async function spentToday(
	proxy: TestProxy
): Promise< { spentNanoUsd: number; heldNanoUsd: number } > {
	const usage = await ( await proxy.site( 'GET', '/v1/site/usage' ) ).json();
	return usage.day;
}

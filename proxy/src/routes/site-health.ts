/**
 * `GET /v1/site/health`: checks what an answer needs, and says what to do about what is missing.
 */
import { Hono } from 'hono';
import type { AppVariables } from '../middleware/request-context.ts';
import type { SiteVariables } from '../middleware/site-auth.ts';
import { describeShutdown } from '../models/shutdown.ts';
import type { Services } from '../services.ts';
import { diagnose } from '../upstream/diagnosis.ts';
import type { Check } from './check.ts';
import { checkLimits } from './limit-checks.ts';
import { checkProviders } from './provider-checks.ts';
import { checkTraffic } from './traffic-checks.ts';

/** Makes the connectivity test. */
export function createSiteHealthRoute( {
	config,
	knowledge,
	ledger,
	models,
	shutdowns,
	sites,
	stores,
	version,
}: Services ) {
	const testProviders = shared( () =>
		checkProviders( {
			configs: config.providers,
			providers: models?.providers,
			catalog: models?.catalog,
		} )
	);

	const checkShutdowns = (): Check[] =>
		( shutdowns?.notices() ?? [] ).map( ( notice ) => ( {
			id: `model:${ notice.modelId }`,
			occasion: `model:${ notice.modelId }:${ notice.level }`,
			...describeShutdown( notice ),
		} ) );

	const testStorage = async (): Promise< Check > => {
		try {
			await stores.checkWritable();
			return {
				id: 'storage',
				status: 'ok',
				message: 'The proxy can save its data.',
			};
		} catch {
			const { cause, ...rest } = diagnose( 'store_unavailable' );
			return {
				id: 'storage',
				status: 'error',
				message: cause,
				...rest,
			};
		}
	};

	const testLimits = async ( siteId: string ): Promise< Check[] > => {
		try {
			const { limits } = await sites.settings( siteId );
			return await checkLimits( ledger, siteId, limits );
		} catch {
			// A book that cannot be read is what the check of the storage tells.
			return [];
		}
	};

	return new Hono< AppVariables & SiteVariables >().get(
		'/health',
		async ( c ) => {
			const { siteId } = c.var;
			const [ ofProviders, storage, ofLimits, documents ] =
				await Promise.all( [
					testProviders(),
					testStorage(),
					testLimits( siteId ),
					knowledge.countDocuments( siteId ),
				] );
			const checks: Check[] = [
				{
					id: 'reachable',
					status: 'ok',
					message: 'The proxy answers.',
				},
				{
					id: 'signed',
					status: 'ok',
					message: 'The proxy knows this site.',
				},
				// A signature outside the time window would not have come so far.
				{ id: 'clock', status: 'ok', message: 'The clocks agree.' },
				...ofProviders,
				storage,
				...ofLimits,
				...checkShutdowns(),
				...checkTraffic( models?.providers.failures() ?? [] ),
			];
			return c.json( { checks, documents, version } );
		}
	);
}

/** Lets callers that come while the work is under way have its result, so that many sites test a provider once. */
function shared< Result >(
	work: () => Promise< Result >
): () => Promise< Result > {
	let running: Promise< Result > | undefined;
	return () => {
		running ??= work().finally( () => ( running = undefined ) );
		return running;
	};
}

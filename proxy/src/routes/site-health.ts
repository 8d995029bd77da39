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
import { checkProviders } from './provider-checks.ts';
import { checkTraffic } from './traffic-checks.ts';

/** Makes the connectivity test. */
export function createSiteHealthRoute( {
	config,
	knowledge,
	models,
	shutdowns,
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

	return new Hono< AppVariables & SiteVariables >().get(
		'/health',
		async ( c ) => {
			const [ ofProviders, storage, documents ] = await Promise.all( [
				testProviders(),
				testStorage(),
				knowledge.countDocuments( c.var.siteId ),
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

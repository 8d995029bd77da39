/**
 * `GET /v1/site/health`: checks what an answer needs, and says what to do about what is missing.
 */
import { Hono } from 'hono';
import type { AppVariables } from '../middleware/request-context.ts';
import type { SiteVariables } from '../middleware/site-auth.ts';
import type { Services } from '../services.ts';
import {
	UpstreamError,
	type UpstreamErrorKind,
} from '../upstream/upstream-error.ts';

/** How long the provider may take to answer the test, in milliseconds. */
const PROVIDER_TEST_MS = 8_000;

interface Check {
	id: 'reachable' | 'signed' | 'provider' | 'clock' | 'storage';
	status: 'ok' | 'warning' | 'error';
	message: string;
	remedy?: string;
}

const REMEDIES: Partial< Record< UpstreamErrorKind, string > > = {
	auth: 'Check OPENAI_API_KEY in the environment of the proxy.',
	rate: 'Wait a minute and test again.',
	quota: 'Add credit to the account at the provider, or raise its limit.',
	network:
		'Check OPENAI_BASE_URL, and that the server of the proxy may open connections to it.',
	timeout: 'Test again; if it stays slow, check the network of the proxy.',
};

/** Makes the connectivity test. */
export function createSiteHealthRoute( {
	knowledge,
	models,
	stores,
	version,
}: Services ) {
	const testProvider = async (): Promise< Check > => {
		if ( ! models ) {
			return {
				id: 'provider',
				status: 'warning',
				message:
					'No model provider is configured: answers are quoted from the site.',
				remedy: 'Set OPENAI_API_KEY in the environment of the proxy.',
			};
		}
		try {
			const [ name = '' ] = models.providers.names;
			const listed = await models.providers
				.chat( name )
				?.listModels( AbortSignal.timeout( PROVIDER_TEST_MS ) );
			const available = ( listed ?? [] ).map( ( { id } ) => id );
			const missing = models.catalog
				.targets( 'economy' )
				.filter(
					( model ) =>
						model.provider === name &&
						! available.includes( model.id )
				)
				.map( ( model ) => model.id );
			return missing.length === 0
				? {
						id: 'provider',
						status: 'ok',
						message:
							'The model provider answers and accepts the key.',
					}
				: {
						id: 'provider',
						status: 'warning',
						message: `The model provider does not list ${ missing.join( ', ' ) }.`,
						remedy: 'Name other models in DOCENT_MODELS_FILE.',
					};
		} catch ( error ) {
			const kind =
				error instanceof UpstreamError ? error.kind : 'unavailable';
			return {
				id: 'provider',
				status: 'error',
				message: `The model provider does not answer (${ kind }). Visitors get quotations from the site meanwhile.`,
				remedy: REMEDIES[ kind ] ?? 'Test again in a few minutes.',
			};
		}
	};

	const testStorage = async (): Promise< Check > => {
		try {
			await stores.checkWritable();
			return {
				id: 'storage',
				status: 'ok',
				message: 'The proxy can save its data.',
			};
		} catch {
			return {
				id: 'storage',
				status: 'error',
				message:
					'The proxy cannot write to its data folder, so it spends nothing.',
				remedy: 'Check the free space and the permissions of DOCENT_DATA_DIR.',
			};
		}
	};

	return new Hono< AppVariables & SiteVariables >().get(
		'/health',
		async ( c ) => {
			const [ provider, storage, documents ] = await Promise.all( [
				testProvider(),
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
				provider,
				storage,
			];
			return c.json( { checks, documents, version } );
		}
	);
}

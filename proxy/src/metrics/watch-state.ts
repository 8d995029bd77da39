/**
 * Reads at every scrape what is cheaper to ask than to keep: money by site, running answers, the store.
 */
import type { Settings } from '../settings.ts';
import type { Metrics } from './metrics.ts';

/** The money of so many sites is shown; a proxy with more is better watched by its sums. */
const MAX_SITES = 50;

interface Balance {
	limitNanoUsd: number;
	spentNanoUsd: number;
	heldNanoUsd: number;
}

/** Adds the gauges of the proxy's state. */
export function watchState(
	metrics: Metrics,
	{
		sites,
		ledger,
		turns,
		stores,
	}: {
		sites: {
			all: ReadonlyArray< { id: string } >;
			settings( siteId: string ): Promise< Settings >;
		};
		ledger: {
			report(
				siteId: string,
				limits: Settings[ 'limits' ]
			): Promise< { day: Balance; month: Balance } >;
		};
		turns: { readonly count: number };
		stores: { readonly kind: string; checkWritable(): Promise< void > };
	}
): void {
	metrics.onScrape( () => {
		metrics.set( 'docent_turns_open', {}, turns.count );
	} );

	metrics.onScrape( async () => {
		const store = stores.kind;
		// Down until it proves to be up: a store that hangs must not leave yesterday's 1 behind.
		metrics.set( 'docent_store_up', { store }, 0 );
		await stores.checkWritable();
		metrics.set( 'docent_store_up', { store }, 1 );
	} );

	metrics.onScrape( async () => {
		for ( const { id: site } of sites.all.slice( 0, MAX_SITES ) ) {
			const { limits } = await sites.settings( site );
			const report = await ledger.report( site, limits );
			for ( const window of [ 'day', 'month' ] as const ) {
				const labels = { site, window };
				const { spentNanoUsd, heldNanoUsd, limitNanoUsd } =
					report[ window ];
				metrics.set(
					'docent_window_spent_nano_usd',
					labels,
					spentNanoUsd
				);
				metrics.set(
					'docent_window_held_nano_usd',
					labels,
					heldNanoUsd
				);
				metrics.set(
					'docent_window_limit_nano_usd',
					labels,
					limitNanoUsd
				);
			}
		}
	} );
}

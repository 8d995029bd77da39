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

interface Breaker {
	provider: string;
	/** Absent: the provider as a whole. */
	model: string | undefined;
	state: keyof typeof BREAKER_STATES;
}

/** The circuit breaker as a number, the worse the higher. */
const BREAKER_STATES = { closed: 0, half_open: 1, open: 2 } as const;

/** Adds the gauges of the proxy's state. */
export function watchState(
	metrics: Metrics,
	{
		sites,
		ledger,
		turns,
		live,
		stores,
		health,
	}: {
		sites: {
			all: ReadonlyArray< { id: string } >;
			settings( siteId: string ): Promise< Settings >;
		};
		ledger: {
			readonly openCount: number;
			report(
				siteId: string,
				limits: Settings[ 'limits' ]
			): Promise< { day: Balance; month: Balance } >;
		};
		turns: { readonly count: number };
		live: { readonly count: number };
		stores: { readonly kind: string; checkWritable(): Promise< void > };
		/** Absent without a provider. */
		health: { report(): Breaker[] } | undefined;
	}
): void {
	metrics.onScrape( () => {
		metrics.set( 'docent_turns_open', {}, turns.count );
		metrics.set( 'docent_live_conversations_open', {}, live.count );
		metrics.set( 'docent_holds_open', {}, ledger.openCount );
	} );

	metrics.onScrape( () => {
		for ( const { provider, model, state } of health?.report() ?? [] ) {
			metrics.set(
				'docent_breaker_state',
				{
					target:
						model === undefined
							? provider
							: `${ provider }/${ model }`,
				},
				BREAKER_STATES[ state ]
			);
		}
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

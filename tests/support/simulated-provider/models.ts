/**
 * Answers `GET /v1/models` from the price list.
 */
import type { Dialect } from './dialect.ts';
import type { Exchange } from './exchange.ts';
import { PRICES } from './prices.ts';
import { VOICE_PRICES } from './voice-prices.ts';

const CREATED_AT_SECONDS = 1_780_000_000;

/** What the real list names besides; requests to them are not simulated. */
const LISTED_ONLY: Readonly< Record< string, string | null > > = {
	'text-embedding-3-small': null,
	'omni-moderation-latest': null,
};

/** Lists every model that can be bought from this seller; undefined: OpenAI. */
export function answerModels(
	exchange: Exchange,
	inspect: ( schema: string, value: unknown ) => void,
	{ dialect, seller }: { dialect?: Dialect; seller?: string } = {}
): void {
	const sold = Object.entries( PRICES )
		.filter( ( [ , terms ] ) => terms.soldBy === seller )
		.map( ( [ id, terms ] ) => [ id, terms.shutdownDate ] as const )
		.concat(
			seller === undefined
				? [
						...Object.entries( VOICE_PRICES ).map(
							( [ id, terms ] ) =>
								[ id, terms.shutdownDate ] as const
						),
						...Object.entries( LISTED_ONLY ),
					]
				: []
		);
	if ( dialect?.models ) {
		exchange.json( 200, dialect.models( sold.map( ( [ id ] ) => id ) ) );
		return;
	}
	const body = {
		object: 'list',
		data: sold.map( ( [ id, shutdownDate ] ) => ( {
			id,
			object: 'model',
			created: CREATED_AT_SECONDS,
			owned_by: 'system',
			shutdown_date: shutdownDate,
		} ) ),
	};
	if ( ! dialect ) {
		inspect( 'ListModelsResponse', body );
	}
	exchange.json( 200, body );
}

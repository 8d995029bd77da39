/**
 * Answers `GET /v1/models` from the price list.
 */
import type { Dialect } from './dialect.ts';
import type { Exchange } from './exchange.ts';
import { PRICES } from './prices.ts';

const CREATED_AT_SECONDS = 1_780_000_000;

/** Lists every model that can be bought from this seller; undefined: OpenAI. */
export function answerModels(
	exchange: Exchange,
	inspect: ( schema: string, value: unknown ) => void,
	{ dialect, seller }: { dialect?: Dialect; seller?: string } = {}
): void {
	const sold = Object.entries( PRICES ).filter(
		( [ , terms ] ) => terms.soldBy === seller
	);
	if ( dialect?.models ) {
		exchange.json( 200, dialect.models( sold.map( ( [ id ] ) => id ) ) );
		return;
	}
	const body = {
		object: 'list',
		data: sold.map( ( [ id, terms ] ) => ( {
			id,
			object: 'model',
			created: CREATED_AT_SECONDS,
			owned_by: 'system',
			shutdown_date: terms.shutdownDate,
		} ) ),
	};
	if ( ! dialect ) {
		inspect( 'ListModelsResponse', body );
	}
	exchange.json( 200, body );
}

/**
 * Answers `GET /v1/models` from the price list.
 */
import type { Exchange } from './exchange.ts';
import { PRICES } from './prices.ts';

const CREATED_AT_SECONDS = 1_780_000_000;

/** Lists every model that can be bought. */
export function answerModels(
	exchange: Exchange,
	inspect: ( schema: string, value: unknown ) => void
): void {
	const body = {
		object: 'list',
		data: Object.entries( PRICES ).map( ( [ id, terms ] ) => ( {
			id,
			object: 'model',
			created: CREATED_AT_SECONDS,
			owned_by: 'system',
			shutdown_date: terms.shutdownDate,
		} ) ),
	};
	inspect( 'ListModelsResponse', body );
	exchange.json( 200, body );
}

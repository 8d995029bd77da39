/**
 * Checks that a model has every price it needs, and that none is a slip.
 */
import type { MergedCatalog } from './catalog-file.ts';
import type { ModelApi, ModelEntry, Rates } from './catalog-schema.ts';

/** Lists what a model has no price for although it can be asked for it: nothing is ever counted as free by omission. */
export function checkPricesPresent(
	id: string,
	model: ModelEntry,
	api: ModelApi
): string[] {
	const rows = [ model, ...model.priceChanges ];
	return rows.flatMap( ( row, index ) =>
		missingRates( row, model, api ).map( ( rate ) => {
			const place =
				index === 0
					? `models.${ id }`
					: `models.${ id }.priceChanges[${ index - 1 }]`;
			return `${ place }.${ rate } is missing; a price that is not known is never counted as zero`;
		} )
	);
}

type PriceRow = Pick<
	ModelEntry,
	'usdPerMillion' | 'usdPerMinute' | 'usdPerMillionCharacters'
>;

function missingRates(
	row: PriceRow,
	{ modalities }: ModelEntry,
	api: ModelApi
): string[] {
	const need = ( ...rates: Array< keyof Rates | false > ) =>
		rates
			.filter( ( rate ) => rate !== false )
			.filter( ( rate ) => row.usdPerMillion[ rate ] === undefined )
			.map( ( rate ) => `usdPerMillion.${ rate }` );
	switch ( api ) {
		case 'live':
			return row.usdPerMinute === undefined ? [ 'usdPerMinute' ] : [];
		case 'transcriptions':
			return row.usdPerMinute === undefined
				? need( 'audioIn', 'textOut' )
				: [];
		case 'speech':
			return row.usdPerMillionCharacters === undefined
				? need( 'textIn', 'audioOut' )
				: [];
		case 'embeddings':
		case 'moderations':
			return need( 'textIn' );
		case 'decisions':
		case 'chat':
			return need(
				'textIn',
				'textOut',
				modalities.in.includes( 'audio' ) && 'audioIn',
				modalities.out.includes( 'audio' ) && 'audioOut'
			);
		case 'realtime':
			return row.usdPerMinute === undefined
				? need( 'textIn', 'textOut', 'audioIn', 'audioOut' )
				: [];
	}
}

/** A price this many times above or below the shipped one is a slip (per thousand for per million, or a lost decimal point). */
const MAX_DEVIATION = 100;

/** Where nothing is shipped to compare with: the dearest and the cheapest price known in November 2026, with room on both sides. */
const PLAUSIBLE = {
	usdPerMillion: { min: 0.000_5, max: 1_000 },
	usdPerMinute: { min: 0.000_01, max: 10 },
	usdPerMillionCharacters: { min: 0.01, max: 1_000 },
} as const;

/** Lists the prices of an entry of the owner that cannot be meant. One that was typed in the wrong unit would block every visitor, or nobody. */
export function checkPricesPlausible(
	id: string,
	catalog: Pick< MergedCatalog, 'models' | 'shipped' >
): string[] {
	const model = catalog.models.get( id );
	if ( ! model || model.confirmUnusualPrice ) {
		return [];
	}
	const shipped = catalog.shipped.get( id );
	const known =
		shipped?.provider === model.provider
			? rates( shipped.priceChanges.at( -1 ) ?? shipped )
			: new Map< string, number >();
	return [ model, ...model.priceChanges ].flatMap( ( row, index ) =>
		[ ...rates( row ) ].flatMap( ( [ name, usd ] ) => {
			const usual = known.get( name );
			const isUnusual =
				usual === undefined
					? isImplausible( name, usd )
					: isFar( usd, usual );
			const place = index === 0 ? '' : `priceChanges[${ index - 1 }].`;
			return isUnusual
				? [
						`models.${ id }.${ place }${ name } is ${ usd } dollars, ${ usual === undefined ? 'which no known model costs' : `the usual price is ${ usual }` }; correct it, or set "confirmUnusualPrice": true in this entry`,
					]
				: [];
		} )
	);
}

function rates( row: PriceRow ): Map< string, number > {
	const all: Array< [ string, number | undefined ] > = [
		...Object.entries( row.usdPerMillion ).map(
			( [ kind, usd ] ): [ string, number | undefined ] => [
				`usdPerMillion.${ kind }`,
				usd,
			]
		),
		[ 'usdPerMinute', row.usdPerMinute ],
		[ 'usdPerMillionCharacters', row.usdPerMillionCharacters ],
	];
	return new Map(
		all.filter(
			( rate ): rate is [ string, number ] => rate[ 1 ] !== undefined
		)
	);
}

function isFar( usd: number, usual: number ): boolean {
	return usd > usual * MAX_DEVIATION || usd < usual / MAX_DEVIATION;
}

function isImplausible( name: string, usd: number ): boolean {
	const unit = name.split( '.' )[ 0 ] as keyof typeof PLAUSIBLE;
	const { min, max } = PLAUSIBLE[ unit ];
	// Zero is a price: models on one's own machine cost nothing.
	return usd > max || ( usd < min && usd !== 0 );
}

/**
 * Counts the tokens a picture is billed as, by the rules that OpenAI publishes for each family of models (guide "Images and vision",
 * November 2026). The provider may bill one token more or less; what it reports is the truth.
 */

/** How closely the model looks: what the request says as `detail`. Left out of a request it means `auto`. */
export type ImageDetail = 'low' | 'high' | 'original' | 'auto';

/** A picture in pixels, as it is sent. */
export interface ImageSize {
	width: number;
	height: number;
}

/** A picture shrinks to fit into a square of `fitPixels`, and then until it has at most `maxPatches` patches. It is never enlarged. */
interface PatchView {
	fitPixels: number;
	maxPatches?: number;
}

interface PatchRule {
	kind: 'patches';
	/** Tokens for a hundred patches. */
	tokensPerHundred: number;
	low: PatchView;
	high: PatchView;
	/** Left out: `original` is not taken, and counts as `high`. */
	original?: PatchView;
	auto: 'high' | 'original';
}

interface TileRule {
	kind: 'tiles';
	baseTokens: number;
	tokensPerTile: number;
}

/** Names of the rules, each after the first model that has it. */
export const IMAGE_RULES = [
	'gpt-5.6',
	'gpt-5.5',
	'gpt-5.4',
	'gpt-5.2',
	'gpt-4.1-mini',
	'gpt-5-mini',
	'gpt-5-nano',
	'gpt-5',
	'gpt-4o',
	'gpt-4o-mini',
	'o1',
] as const;

export type ImageRule = ( typeof IMAGE_RULES )[ number ];

const HIGH = { fitPixels: 2_048, maxPatches: 2_500 };
const WIDE = { fitPixels: 2_048, maxPatches: 6_144 };

const patches = (
	tokensPerHundred: number,
	views: Omit< PatchRule, 'kind' | 'tokensPerHundred' >
): PatchRule => ( { kind: 'patches', tokensPerHundred, ...views } );

const tiles = ( baseTokens: number, tokensPerTile: number ): TileRule => ( {
	kind: 'tiles',
	baseTokens,
	tokensPerTile,
} );

const RULES: Readonly< Record< ImageRule, PatchRule | TileRule > > = {
	'gpt-5.6': patches( 120, {
		low: { fitPixels: 512 },
		high: HIGH,
		original: { fitPixels: 65_535 },
		auto: 'original',
	} ),
	'gpt-5.5': patches( 120, {
		low: { fitPixels: 512 },
		high: HIGH,
		original: { fitPixels: 6_000, maxPatches: 10_000 },
		auto: 'original',
	} ),
	// Low may cost more than high here: it has the larger budget.
	'gpt-5.4': patches( 120, {
		low: WIDE,
		high: HIGH,
		original: { fitPixels: 6_000, maxPatches: 10_000 },
		auto: 'high',
	} ),
	'gpt-5.2': patches( 120, { low: WIDE, high: WIDE, auto: 'high' } ),
	'gpt-4.1-mini': patches( 162, { low: WIDE, high: WIDE, auto: 'high' } ),
	'gpt-5-mini': patches( 120, { low: WIDE, high: WIDE, auto: 'high' } ),
	'gpt-5-nano': patches( 150, { low: WIDE, high: WIDE, auto: 'high' } ),
	'gpt-5': tiles( 70, 140 ),
	'gpt-4o': tiles( 85, 170 ),
	'gpt-4o-mini': tiles( 2_833, 5_667 ),
	o1: tiles( 75, 150 ),
};

const PATCH_PIXELS = 32;
const TILE_PIXELS = 512;
const TILE_FIT_PIXELS = 2_048;
const TILE_SHORT_SIDE_PIXELS = 768;

/** Returns the tokens of one picture. Throws a `RangeError` for a size that is no size. */
export function countImageTokens(
	rule: ImageRule,
	size: ImageSize,
	detail: ImageDetail = 'auto'
): number {
	if ( ! isSize( size.width ) || ! isSize( size.height ) ) {
		throw new RangeError(
			`a picture of ${ size.width } by ${ size.height } pixels does not exist`
		);
	}
	const family = RULES[ rule ];
	return family.kind === 'tiles'
		? countTiles( family, size, detail )
		: countPatches( family, size, detail );
}

/** What a provider may bill above its published rule: other rounding, another order of the steps, a factor that changed without notice. */
const MARGIN_PERCENT = 40;

/**
 * Bounds the tokens of one picture, for reserving. With a known rule it is the rule and a margin: documentation and bills have differed by
 * 35 % (GPT-5 mini, 2026). Without one it is the dearest of all rules.
 */
export function boundImageTokens(
	rule: ImageRule | undefined,
	size: ImageSize,
	detail: ImageDetail = 'auto'
): number {
	const tokens = rule
		? countImageTokens( rule, size, detail )
		: Math.max(
				...IMAGE_RULES.map( ( each ) =>
					countImageTokens( each, size, detail )
				)
			);
	return Math.ceil( ( tokens * ( 100 + MARGIN_PERCENT ) ) / 100 );
}

function countTiles(
	{ baseTokens, tokensPerTile }: TileRule,
	size: ImageSize,
	detail: ImageDetail
): number {
	if ( detail === 'low' ) {
		return baseTokens;
	}
	let { width, height } = fit( size, TILE_FIT_PIXELS );
	const short = Math.min( width, height );
	if ( short > TILE_SHORT_SIDE_PIXELS ) {
		// In whole numbers, because 1920 × (768 / 1080) is not exact otherwise.
		width = Math.floor( ( width * TILE_SHORT_SIDE_PIXELS ) / short );
		height = Math.floor( ( height * TILE_SHORT_SIDE_PIXELS ) / short );
	}
	const count =
		Math.ceil( width / TILE_PIXELS ) * Math.ceil( height / TILE_PIXELS );
	return baseTokens + count * tokensPerTile;
}

function countPatches(
	rule: PatchRule,
	size: ImageSize,
	detail: ImageDetail
): number {
	const wanted = detail === 'auto' ? rule.auto : detail;
	const { fitPixels, maxPatches = Infinity } = rule[ wanted ] ?? rule.high;
	let { width, height } = fit( size, fitPixels );
	let count = patchesOf( width, height );
	if ( count > maxPatches ) {
		const area = PATCH_PIXELS * PATCH_PIXELS * maxPatches;
		let scale = Math.sqrt( area / ( width * height ) );
		const across = ( width * scale ) / PATCH_PIXELS;
		const down = ( height * scale ) / PATCH_PIXELS;
		scale *= Math.min(
			wholePatches( across ) / across,
			wholePatches( down ) / down
		);
		width = Math.max( 1, Math.floor( width * scale ) );
		height = Math.max( 1, Math.floor( height * scale ) );
		count = patchesOf( width, height );
	}
	return Math.ceil( ( count * rule.tokensPerHundred ) / 100 );
}

function patchesOf( width: number, height: number ): number {
	return (
		Math.ceil( width / PATCH_PIXELS ) * Math.ceil( height / PATCH_PIXELS )
	);
}

/** A very long and thin picture keeps at least one patch on its short side. */
function wholePatches( patchesAlongSide: number ): number {
	return Math.max( 1, Math.floor( patchesAlongSide ) );
}

/** Shrinks a size to fit into a square, keeping its shape. */
function fit( { width, height }: ImageSize, maxPixels: number ): ImageSize {
	const long = Math.max( width, height );
	return long <= maxPixels
		? { width, height }
		: {
				width: Math.max(
					1,
					Math.floor( ( width * maxPixels ) / long )
				),
				height: Math.max(
					1,
					Math.floor( ( height * maxPixels ) / long )
				),
			};
}

function isSize( pixels: number ): boolean {
	return Number.isInteger( pixels ) && pixels > 0 && pixels <= 1_000_000;
}

import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { describe, expect, it } from 'vitest';
import {
	estimateImages,
	findDrift,
	loadTokenCounter,
	roughTokens,
} from '../../../proxy/src/ledger/estimate.ts';
import { boundInputTokens } from '../../../proxy/src/ledger/pricing.ts';
import { loadCatalog } from '../../../proxy/src/models/catalog.ts';

const luna = loadCatalog( undefined ).model( 'gpt-6-luna' );
if ( ! luna ) {
	throw new Error( 'the shipped catalog lacks gpt-6-luna' );
}

const SAMPLES = {
	English:
		'You may return your order within thirty days of delivery. The goods must be unused and in their original packaging. We pay for the return when an item was damaged or differs from its description. ',
	German: 'Sie können Ihre Bestellung innerhalb von dreißig Tagen nach Erhalt zurückgeben. Die Ware muss unbenutzt und in der Originalverpackung sein. Die Rücksendekosten übernehmen wir bei Transportschäden. ',
	Chinese:
		'您可以在收到商品后的三十天内申请退货。商品必须未经使用，并保持原包装完好。如果商品损坏或与描述不符，退货运费由我们承担。',
	Arabic: 'يمكنك إرجاع طلبك خلال ثلاثين يومًا من تاريخ الاستلام. يجب أن تكون السلعة غير مستخدمة وفي عبوتها الأصلية. نتحمل تكاليف الإرجاع إذا كانت السلعة تالفة. ',
	code: 'export function clamp( value: number, max: number ): number {\n\treturn Math.min( Math.max( 0, value ), max );\n}\n\nconst rows = await db.query( "SELECT id, name FROM users WHERE id = ?", [ id ] );\n',
	emoji: '🎉👍🏽 Great! 😀😃😄 👨‍👩‍👧‍👦 ❤️‍🔥 🇩🇪🇨🇳 Thanks 🙏🏻🙏🏿 ✅ ⏰ 🛒📦🚚 ',
};

describe( 'the token counter', () => {
	it.each( Object.entries( SAMPLES ) )(
		'is within 5 %% of the tokenizer for long texts in %s, and below the bound',
		async ( _, sample ) => {
			const tokens = await loadTokenCounter();
			const text = sample.repeat( 30 );
			const truth = countTokens( text );
			expect( Math.abs( tokens.text( text ) / truth - 1 ) ).toBeLessThan(
				0.05
			);
			expect( truth ).toBeLessThan(
				boundInputTokens( [ { content: text } ] )
			);
			// The estimate that costs nothing is for finding calls that deserve a look.
			const rough = roughTokens( [ { content: text } ] ) / truth;
			expect( rough ).toBeGreaterThan( 0.5 );
			expect( rough ).toBeLessThan( 2 );
		}
	);

	it( 'counts a conversation as the provider published it: 124 tokens', async () => {
		// The example of "How to count tokens with tiktoken" in the OpenAI cookbook, counted there for gpt-4o and confirmed by its API.
		const tokens = await loadTokenCounter();
		expect(
			tokens.chat( [
				{
					role: 'system',
					content:
						'You are a helpful, pattern-following assistant that translates corporate jargon into plain English.',
				},
				{
					role: 'system',
					name: 'example_user',
					content: 'New synergies will help drive top-line growth.',
				},
				{
					role: 'system',
					name: 'example_assistant',
					content:
						'Things working well together will increase revenue.',
				},
				{
					role: 'system',
					name: 'example_user',
					content:
						"Let's circle back when we have more bandwidth to touch base on opportunities for increased leverage.",
				},
				{
					role: 'system',
					name: 'example_assistant',
					content:
						"Let's talk later when we're less busy about how to do better.",
				},
				{
					role: 'user',
					content:
						"This late pivot means we don't have time to boil the ocean for the client deliverable.",
				},
			] )
		).toBe( 124 );
	} );

	it( 'counts the tokenizer’s own control words as text, because a visitor may write them', async () => {
		const tokens = await loadTokenCounter();
		expect( tokens.text( 'what is <|endoftext|> for?' ) ).toBeGreaterThan(
			5
		);
	} );

	it( 'counts a hundred thousand letters without a blank in seconds, not minutes', async () => {
		const tokens = await loadTokenCounter();
		const start = performance.now();
		expect( tokens.text( '字'.repeat( 100_000 ) ) ).toBeGreaterThan( 0 );
		expect( tokens.text( '👍'.repeat( 10_000 ) ) ).toBeGreaterThan( 0 );
		expect( performance.now() - start ).toBeLessThan( 5_000 );
	} );

	it( 'takes pictures by the rule of their model, and by the newest where there is none', () => {
		const pictures = [
			{ width: 4_032, height: 3_024, detail: 'low' as const },
			{ width: 1_024, height: 1_024 },
		];
		expect( estimateImages( luna, pictures ) ).toBe( 231 + 1_229 );
		expect( estimateImages( {}, pictures ) ).toBe( 231 + 1_229 );
		expect( estimateImages( { imageTokens: 'gpt-4o' }, pictures ) ).toBe(
			85 + 765
		);
	} );
} );

describe( 'the comparison of estimate and bill', () => {
	it( 'finds what is more than twice or less than half', () => {
		expect( findDrift( 1_000, { textIn: 1_900 } ) ).toBeUndefined();
		expect( findDrift( 1_000, { textIn: 600 } ) ).toBeUndefined();
		expect(
			findDrift( 1_000, { textIn: 500, textCachedIn: 9_500 } )
		).toEqual( {
			estimatedTokens: 1_000,
			reportedTokens: 10_000,
			factor: 10,
		} );
		expect( findDrift( 1_000, { textIn: 400 } )?.factor ).toBe( 0.4 );
		// A prompt of ten words has more frame than text.
		expect( findDrift( 10, { textIn: 40 } ) ).toBeUndefined();
	} );
} );

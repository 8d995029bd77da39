/**
 * Makes the calls of a busy site, the same ones every time.
 */
import type {
	CallKind,
	CallOutcome,
	KeptCall,
} from '../../proxy/src/stores/call-store.ts';
import type { CacheOutcome } from '../../proxy/src/types.ts';

/** The site of all calls. */
export const SITE = 'bench';

/** The calls lie on so many days. */
export const DAYS = 90;
export const DAY_MS = 86_400_000;
export const FIRST_DAY = Date.UTC( 2026, 7, 23 );

/** What a call can be in its sums, with how many of a thousand are so. */
const MIX: Array<
	[
		share: number,
		model: string,
		tier: string,
		kind: CallKind,
		cache: CacheOutcome,
		outcome: CallOutcome,
	]
> = [
	[ 330, 'gpt-5.4-nano', 'economy', 'answer', 'miss', 'answered' ],
	[ 120, 'gpt-5.4-mini', 'standard', 'answer', 'miss', 'answered' ],
	[ 30, 'gpt-5.4', 'premium', 'answer', 'miss', 'answered' ],
	[ 20, 'gpt-5.4-nano', 'economy', 'answer', 'miss', 'passed_up' ],
	[ 10, 'gpt-5.4-nano', 'economy', 'answer', 'miss', 'stopped' ],
	[ 8, 'gpt-5.4-nano', 'economy', 'answer', 'miss', 'failed' ],
	[ 4, 'gpt-5.4-mini', 'standard', 'answer', 'miss', 'failed' ],
	[ 1, 'gpt-5.4', 'premium', 'answer', 'miss', 'failed' ],
	[ 2, 'gpt-5.4', 'premium', 'answer', 'miss', 'no_money' ],
	[ 40, 'qwen-flash', 'economy', 'answer', 'miss', 'answered' ],
	[ 15, 'deepseek-chat', 'standard', 'answer', 'miss', 'answered' ],
	[
		60,
		'text-embedding-3-small',
		'economy',
		'embedding',
		'miss',
		'answered',
	],
	[ 30, 'gpt-5.4-nano', 'economy', 'rewrite', 'miss', 'answered' ],
	[ 10, 'gpt-5.4-nano', 'economy', 'routing', 'miss', 'answered' ],
	[
		10,
		'gpt-4o-mini-transcribe',
		'economy',
		'transcription',
		'miss',
		'answered',
	],
	[ 10, 'gpt-4o-mini-tts', 'economy', 'speech', 'miss', 'answered' ],
	[ 180, '', 'none', 'answer', 'exact', 'cached' ],
	[ 60, '', 'none', 'answer', 'semantic', 'cached' ],
	[ 20, '', 'none', 'answer', 'pinned', 'cached' ],
	[ 10, '', 'none', 'answer', 'coalesced', 'cached' ],
	[ 20, '', 'none', 'answer', 'miss', 'extractive' ],
	[ 10, '', 'none', 'answer', 'miss', 'abstained' ],
];

const WHEEL = MIX.flatMap( ( entry ) =>
	Array.from( { length: entry[ 0 ] }, () => entry )
);

/** Makes the n-th call; the same one every time. */
export function callAt( n: number, count: number ): KeptCall {
	// A multiplication with an odd number mixes well enough and repeats exactly.
	const mixed = Math.imul( n + 1, 0x9e3779b1 ) >>> 0;
	const [ , model, tier, kind, cache, outcome ] = WHEEL[
		mixed % WHEEL.length
	] as ( typeof MIX )[ number ];
	const hex = mixed.toString( 16 ).padStart( 8, '0' );
	const isCalled = model !== '';
	const inputTokens = isCalled ? 400 + ( mixed % 1_200 ) : 0;
	const outputTokens = isCalled ? 30 + ( mixed % 300 ) : 0;
	return {
		id: `bench-${ String( n ).padStart( 12, '0' ) }`,
		siteId: SITE,
		at: FIRST_DAY + Math.floor( ( n / count ) * DAYS * DAY_MS ),
		turnId: `${ hex }${ String( n ).padStart( 24, '0' ) }`,
		requestId: `5f3a9c-${ n.toString( 36 ) }`,
		visitor: hex.repeat( 2 ).slice( 0, 12 ),
		kind,
		provider: isCalled ? 'openai' : '',
		model,
		tier,
		reason: isCalled ? 'default' : '',
		attempt: 1,
		cache,
		outcome,
		errorKind: outcome === 'failed' ? 'provider_unavailable' : '',
		usage: isCalled
			? { textIn: inputTokens, textOut: outputTokens }
			: undefined,
		isEstimated: false,
		inputTokens,
		outputTokens,
		reservedNanoUsd: isCalled ? 900_000 : 0,
		costNanoUsd: isCalled ? 40_000 + ( mixed % 300_000 ) : 0,
		savedNanoUsd: outcome === 'cached' ? 120_000 : 0,
		queueMs: 0,
		firstTokenMs: isCalled ? 300 : undefined,
		totalMs: 1_200,
		features: isCalled ? { coverage: 0.72, length: 48 } : undefined,
	};
}

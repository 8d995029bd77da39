/**
 * Sends the same burst of questions through the proxy, and through Portkey's gateway behind the limiter that gateways usually have
 * (look at what was spent, call, add what it cost), and compares what the provider bills with the limit.
 */
import { siteRequest } from '../proxy/wire/proxy-process.ts';
import { mintToken, SITE_ORIGIN } from '../support/proxy/credentials.ts';
import { allEvents } from '../support/proxy/sse.ts';
import {
	PRICES,
	type SimulatedProvider,
} from '../support/simulated-provider/index.ts';
import type { Contestant } from './contestant.ts';
import type { Docent } from './docent.ts';
import type { Figure } from './figures.ts';
import { questionAt } from './knowledge.ts';

/** A burst costs about ten times as much as may be spent. */
const LIMIT_NANO_USD = 10_000_000;

const MODEL = 'gpt-6-luna';

/** A prompt as long as the proxy's own, in words; the passages of a site and its rules. */
const PROMPT_WORDS = 900;

/** Measures both; every part of the burst is sent at once. */
export async function measureBurst(
	{
		docent,
		portkey,
		provider,
	}: { docent: Docent; portkey: Contestant; provider: SimulatedProvider },
	questions: number
): Promise< Figure[] > {
	provider.setDefault( { firstChunkDelayMs: 60, chunkDelayMs: 2 } );
	const first = await burstThroughDocent( docent, provider, questions );
	const second = await burstThroughPortkey( portkey, provider, questions );
	return [
		{
			id: 'burst.docent',
			title: `share of the limit billed after ${ questions } questions at once: Docent`,
			value: share( first.billNanoUsd ),
			unit: '%',
			target: { kind: 'at most', value: 100 },
			note: `${ first.calls } calls; the other ${ questions - first.calls } were answered without a model`,
		},
		{
			id: 'burst.portkey',
			title: `share of the limit billed after ${ questions } questions at once: Portkey, spending checked before and added after`,
			value: share( second.billNanoUsd ),
			unit: '%',
			note: `${ second.calls } calls went out before the first cost was known`,
		},
	];
}

interface Burst {
	billNanoUsd: number;
	calls: number;
}

async function burstThroughDocent(
	docent: Docent,
	provider: SimulatedProvider,
	questions: number
): Promise< Burst > {
	const baseUrl = `http://127.0.0.1:${ docent.port }`;
	await siteRequest( baseUrl, 'PUT', '/v1/site/settings', {
		limits: {
			siteDayNanoUsd: LIMIT_NANO_USD,
			siteMonthNanoUsd: LIMIT_NANO_USD,
			visitorDayNanoUsd: LIMIT_NANO_USD,
		},
	} );
	await Promise.all(
		Array.from( { length: questions }, async ( _, index ) => {
			const response = await fetch( `${ baseUrl }/v1/ask`, {
				method: 'POST',
				headers: {
					authorization: `Bearer ${ mintToken() }`,
					origin: SITE_ORIGIN,
					'content-type': 'application/json',
				},
				body: JSON.stringify( { question: questionAt( index ) } ),
			} );
			const events = await allEvents( response );
			if ( events.at( -1 )?.event !== 'done' ) {
				throw new Error(
					`A question of the burst was not answered: ${ JSON.stringify( events.at( -1 ) ) }`
				);
			}
		} )
	);
	return takeBill( provider );
}

async function burstThroughPortkey(
	portkey: Contestant,
	provider: SimulatedProvider,
	questions: number
): Promise< Burst > {
	let spentNanoUsd = 0;
	await Promise.all(
		Array.from( { length: questions }, async ( _, index ) => {
			if ( spentNanoUsd >= LIMIT_NANO_USD ) {
				return;
			}
			const response = await fetch(
				`http://127.0.0.1:${ portkey.port }/v1/chat/completions`,
				{
					method: 'POST',
					headers: {
						authorization: 'Bearer sk-bench',
						'content-type': 'application/json',
						'x-portkey-provider': 'openai',
						'x-portkey-custom-host': provider.baseUrl,
					},
					body: JSON.stringify( {
						model: MODEL,
						max_completion_tokens: 700,
						messages: [
							{
								role: 'user',
								content: `${ questionAt( index ) }\n${ `passage-${ index } `.repeat( PROMPT_WORDS / 3 ) }`,
							},
						],
					} ),
				}
			);
			const { usage } = ( await response.json() ) as {
				usage?: { prompt_tokens: number; completion_tokens: number };
			};
			spentNanoUsd += costOf( usage );
		} )
	);
	return takeBill( provider );
}

/** Adds a call up as a limiter after the fact does; the bench only needs its size. */
function costOf(
	usage: { prompt_tokens: number; completion_tokens: number } | undefined
): number {
	const price = PRICES[ MODEL ];
	return usage && price
		? ( usage.prompt_tokens * price.input +
				usage.completion_tokens * price.output ) /
				1_000_000
		: 0;
}

function takeBill( { bill, reset }: SimulatedProvider ): Burst {
	const burst = {
		billNanoUsd: bill.totalNanoUsd,
		calls: bill.entries.length,
	};
	reset();
	return burst;
}

const share = ( nanoUsd: number ): number => ( 100 * nanoUsd ) / LIMIT_NANO_USD;

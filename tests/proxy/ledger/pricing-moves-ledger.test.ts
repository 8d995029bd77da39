/**
 * Puts replies of every kind of model through parser, price and book: what a provider bills moves the site's day, in every unit there is.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLedger, type Ledger } from '../../../proxy/src/ledger/ledger.ts';
import { priceWorstUsage } from '../../../proxy/src/ledger/pricing.ts';
import { USAGE_UNITS, type Usage } from '../../../proxy/src/ledger/usage.ts';
import { loadCatalog } from '../../../proxy/src/models/catalog.ts';
import { DEFAULT_SETTINGS } from '../../../proxy/src/settings.ts';
import {
	openDatabase,
	type Database,
} from '../../../proxy/src/stores/sqlite/database.ts';
import { createSqliteLedgerStore } from '../../../proxy/src/stores/sqlite/sqlite-ledger-store.ts';
import {
	readChatUsage,
	readDecisionUsage,
	readEmbeddingUsage,
	readLiveUsage,
	readRealtimeUsage,
	readResponsesUsage,
	readSpeechUsage,
	readTranscriptionUsage,
	type UsageReading,
} from '../../../proxy/src/upstream/usage.ts';

const catalog = loadCatalog( undefined );
const limits = {
	...DEFAULT_SETTINGS.limits,
	siteDayNanoUsd: 1_000_000_000_000,
	siteMonthNanoUsd: 1_000_000_000_000,
	visitorDayNanoUsd: 1_000_000_000_000,
};

let dataDir: string;
let database: Database;
let ledger: Ledger;
beforeAll( () => {
	dataDir = mkdtempSync( join( tmpdir(), 'docent-units-' ) );
	database = openDatabase( dataDir );
	ledger = createLedger( {
		store: createSqliteLedgerStore( database ),
		clock: () => Date.parse( '2026-11-20T12:00:00Z' ),
		log: pino( { level: 'silent' } ),
	} );
} );
afterAll( () => {
	database.close();
	rmSync( dataDir, { recursive: true, force: true } );
} );

/** Model, bound that is reserved, reading of the reply, and the cost worked out by hand in nano-dollars. */
const CALLS: Array< [ string, string, Usage, UsageReading, number ] > = [
	[
		'a chat reply with cached and written input and hidden reasoning',
		'gpt-6-luna',
		{ textIn: 10_000, textOut: 700 },
		readChatUsage( {
			usage: {
				prompt_tokens: 3_000,
				completion_tokens: 500,
				total_tokens: 3_500,
				prompt_tokens_details: {
					cached_tokens: 2_000,
					cache_write_tokens: 600,
				},
				completion_tokens_details: { reasoning_tokens: 300 },
			},
		} ),
		400 * 100 + 2_000 * 10 + 600 * 125 + 500 * 500,
	],
	[
		'a reply of the responses API that was kept for twelve hours',
		'gpt-6.1-terra',
		{ textIn: 2_000, textCacheWriteLong: 2_000, textOut: 100 },
		readResponsesUsage( {
			usage: {
				input_tokens: 1_500,
				input_tokens_details: {
					cached_tokens: 0,
					cache_write_tokens: 1_024,
					cache_write_tokens_details: { ttl_12h_tokens: 1_024 },
				},
				output_tokens: 40,
				output_tokens_details: { reasoning_tokens: 0 },
				total_tokens: 1_540,
			},
		} ),
		476 * 1_000 + 1_024 * 2_500 + 40 * 5_000,
	],
	[
		'a question with a photo',
		'gpt-6-luna',
		{ textIn: 500, imageIn: 4_200, textOut: 100 },
		readChatUsage( {
			usage: {
				prompt_tokens: 3_042,
				completion_tokens: 20,
				prompt_tokens_details: { image_tokens: 2_942 },
			},
		} ),
		3_042 * 100 + 20 * 500,
	],
	[
		'a minute heard and half a minute spoken',
		'gpt-audio-1.5',
		{ textIn: 500, audioIn: 700, textOut: 500, audioOut: 700 },
		readChatUsage( {
			usage: {
				prompt_tokens: 640,
				completion_tokens: 700,
				prompt_tokens_details: { audio_tokens: 600, text_tokens: 40 },
				completion_tokens_details: {
					audio_tokens: 600,
					text_tokens: 100,
				},
			},
		} ),
		40 * 2_500 + 600 * 32_000 + 100 * 10_000 + 600 * 64_000,
	],
	[
		'a reply of a realtime session, most of it heard before',
		'gpt-realtime-2.1',
		{
			textIn: 500,
			audioIn: 5_000,
			imageIn: 2_000,
			textOut: 500,
			audioOut: 900,
		},
		readRealtimeUsage( {
			response: {
				status: 'completed',
				usage: {
					total_tokens: 5_500,
					input_tokens: 5_000,
					output_tokens: 500,
					input_token_details: {
						text_tokens: 200,
						audio_tokens: 3_600,
						image_tokens: 1_200,
						cached_tokens: 4_100,
						cached_tokens_details: {
							text_tokens: 100,
							audio_tokens: 3_000,
							image_tokens: 1_000,
						},
					},
					output_token_details: {
						text_tokens: 100,
						audio_tokens: 400,
					},
				},
			},
		} ),
		100 * 4_000 +
			100 * 400 +
			600 * 32_000 +
			3_000 * 400 +
			200 * 5_000 +
			1_000 * 500 +
			100 * 24_000 +
			400 * 64_000,
	],
	[
		'seconds that were transcribed',
		'gpt-transcribe',
		{ seconds: 60 },
		readTranscriptionUsage( {
			usage: { type: 'duration', seconds: 12.5 },
		} ),
		937_500,
	],
	[
		'a transcription billed by tokens',
		'gpt-4o-transcribe',
		{ audioIn: 700, textOut: 200 },
		readTranscriptionUsage( {
			usage: {
				type: 'tokens',
				input_tokens: 130,
				input_token_details: { text_tokens: 5, audio_tokens: 125 },
				output_tokens: 30,
				total_tokens: 160,
			},
		} ),
		5 * 2_500 + 125 * 6_000 + 30 * 10_000,
	],
	[
		'speech billed by tokens',
		'gpt-4o-mini-tts',
		{ textIn: 100, audioOut: 2_000 },
		readSpeechUsage( {
			usage: { input_tokens: 40, output_tokens: 400, total_tokens: 440 },
		} ),
		40 * 600 + 400 * 12_000,
	],
	[
		'speech billed by characters, which has no report',
		'tts-1',
		{ characters: 200 },
		{ usage: { characters: 180 }, doubts: [] },
		180 * 15_000,
	],
	[
		'a live session',
		'gpt-live-1',
		{ seconds: 300 },
		readLiveUsage( { usage: { seconds: 93 } } ),
		77_500_000,
	],
	[
		'an embedding',
		'text-embedding-3-small',
		{ textIn: 100 },
		readEmbeddingUsage( { usage: { prompt_tokens: 8, total_tokens: 8 } } ),
		160,
	],
	[
		'a decision',
		'gpt-6-luna@decisions',
		{ textIn: 400 },
		readDecisionUsage( { usage: { input_tokens: 120 } } ),
		12_000,
	],
];

describe( 'T27: the site’s day grows by what the provider bills', () => {
	it.each( CALLS )(
		'for %s',
		async ( _, id, bound, reading, costNanoUsd ) => {
			const model = catalog.model( id );
			if ( ! model || ! reading.usage ) {
				throw new Error( `nothing to settle for ${ id }` );
			}
			const before = ( await ledger.report( 'shop', limits ) ).day;
			const reserved = await ledger.reserve( {
				siteId: 'shop',
				limits,
				model,
				amountNanoUsd: priceWorstUsage( model, bound ),
				details: {
					model: id,
					tier: 'economy',
					visitorId: 'v',
					turnId: 't',
				},
			} );
			if ( reserved.kind !== 'reserved' ) {
				throw new Error( reserved.reason );
			}
			expect( reserved.reservation.amountNanoUsd ).toBeGreaterThanOrEqual(
				costNanoUsd
			);
			await reserved.reservation.settle( reading.usage ).saved;
			const after = ( await ledger.report( 'shop', limits ) ).day;
			expect( after.spentNanoUsd - before.spentNanoUsd ).toBe(
				costNanoUsd
			);
			expect( after.heldNanoUsd ).toBe( 0 );
		}
	);

	it( 'for every unit there is', () => {
		const units = CALLS.flatMap( ( [ , , , reading ] ) =>
			Object.keys( reading.usage ?? {} )
		);
		expect( new Set( units ) ).toEqual( new Set( USAGE_UNITS ) );
	} );
} );

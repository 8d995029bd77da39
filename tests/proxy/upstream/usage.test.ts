import { describe, expect, it } from 'vitest';
import { addUsage, inputTokens } from '../../../proxy/src/ledger/usage.ts';
import {
	readChatUsage,
	readDecisionUsage,
	readEmbeddingUsage,
	readLiveUsage,
	readModerationUsage,
	readRealtimeUsage,
	readResponsesUsage,
	readSpeechUsage,
	readTranscriptionUsage,
} from '../../../proxy/src/upstream/usage.ts';

const sure = ( usage: object ) => ( { usage, doubts: [] } );

describe( 'the usage of a chat completion', () => {
	it( 'is input and output, where nothing else is said', () => {
		expect(
			readChatUsage( {
				usage: {
					prompt_tokens: 1_200,
					completion_tokens: 80,
					total_tokens: 1_280,
				},
			} )
		).toEqual( sure( { textIn: 1_200, textOut: 80 } ) );
	} );

	it( 'T25: counts cached and written tokens once, as what they are', () => {
		expect(
			readChatUsage( {
				usage: {
					prompt_tokens: 4_000,
					completion_tokens: 10,
					total_tokens: 4_010,
					prompt_tokens_details: {
						cached_tokens: 3_000,
						cache_write_tokens: 600,
					},
				},
			} )
		).toEqual(
			sure( {
				textIn: 400,
				textCachedIn: 3_000,
				textCacheWrite: 600,
				textOut: 10,
			} )
		);
	} );

	it( 'T25: takes cached tokens from text first where sorts overlap, because text has the least discount', () => {
		const { usage, doubts } = readChatUsage( {
			usage: {
				prompt_tokens: 1_000,
				completion_tokens: 50,
				total_tokens: 1_050,
				prompt_tokens_details: {
					cached_tokens: 700,
					audio_tokens: 500,
					image_tokens: 300,
					text_tokens: 200,
				},
				completion_tokens_details: {
					audio_tokens: 30,
					text_tokens: 20,
				},
			},
		} );
		expect( doubts ).toEqual( [] );
		expect( usage ).toEqual( {
			textCachedIn: 200,
			imageCachedIn: 300,
			audioCachedIn: 200,
			audioIn: 300,
			textOut: 20,
			audioOut: 30,
		} );
		expect( inputTokens( usage ?? {} ) ).toBe( 1_000 );
	} );

	it( 'T26: finds hidden reasoning inside the output, and counts it once', () => {
		expect(
			readChatUsage( {
				usage: {
					prompt_tokens: 100,
					completion_tokens: 500,
					total_tokens: 600,
					completion_tokens_details: { reasoning_tokens: 450 },
				},
			} )
		).toEqual( sure( { textIn: 100, textOut: 500 } ) );
	} );

	it( 'T26: adds reasoning that a provider counts beside the output', () => {
		expect(
			readChatUsage( {
				usage: {
					prompt_tokens: 100,
					completion_tokens: 20,
					total_tokens: 420,
					completion_tokens_details: { reasoning_tokens: 300 },
				},
			} ).usage
		).toEqual( { textIn: 100, textOut: 320 } );
		// The total alone proves it when the reasoning was shorter than the answer.
		expect(
			readChatUsage( {
				usage: {
					prompt_tokens: 100,
					completion_tokens: 20,
					total_tokens: 135,
					completion_tokens_details: { reasoning_tokens: 15 },
				},
			} ).usage
		).toEqual( { textIn: 100, textOut: 35 } );
	} );

	it( 'T27: counts audio both ways, and takes input for audio when audio was sent and the report does not mention it', () => {
		expect(
			readChatUsage( {
				usage: {
					prompt_tokens: 640,
					completion_tokens: 360,
					total_tokens: 1_000,
					prompt_tokens_details: {
						audio_tokens: 600,
						cached_tokens: 0,
					},
					completion_tokens_details: {
						audio_tokens: 300,
						text_tokens: 60,
					},
				},
			} )
		).toEqual(
			sure( { textIn: 40, audioIn: 600, textOut: 60, audioOut: 300 } )
		);
		const silent = readChatUsage(
			{ usage: { prompt_tokens: 640, completion_tokens: 360 } },
			{ audioIn: true, audioOut: true }
		);
		expect( silent.usage ).toEqual( { audioIn: 640, audioOut: 360 } );
		expect( silent.doubts ).toHaveLength( 2 );
	} );

	it( 'is priced by the tier that served it', () => {
		const usage = { prompt_tokens: 1, completion_tokens: 1 };
		const tierOf = ( tier: unknown ) =>
			readChatUsage( { service_tier: tier, usage } ).usage?.serviceTier;
		expect( tierOf( 'priority' ) ).toBe( 'fast' );
		expect( tierOf( 'flex' ) ).toBe( 'flex' );
		expect( tierOf( 'default' ) ).toBeUndefined();
		expect( tierOf( { toString: 'priority' } ) ).toBeUndefined();
	} );

	it( 'is absent from the chunks of a stream that do not carry it', () => {
		for ( const chunk of [
			{ choices: [ { delta: { content: 'Yes' } } ], usage: null },
			{ choices: [] },
			{ choices: [ null ], x_groq: { id: 'req_1' } },
			{},
			null,
			undefined,
			'data',
			7,
		] ) {
			expect( readChatUsage( chunk ) ).toEqual( {
				usage: undefined,
				doubts: [],
			} );
		}
	} );
} );

describe( 'the usage that compatible providers report', () => {
	it( 'DeepSeek: hits and misses of its cache make up the prompt', () => {
		expect(
			readChatUsage( {
				usage: {
					prompt_tokens: 1_000,
					completion_tokens: 50,
					total_tokens: 1_050,
					prompt_cache_hit_tokens: 896,
					prompt_cache_miss_tokens: 104,
					prompt_tokens_details: { cached_tokens: 896 },
					completion_tokens_details: { reasoning_tokens: 12 },
				},
			} )
		).toEqual( sure( { textIn: 104, textCachedIn: 896, textOut: 50 } ) );
	} );

	it( 'Moonshot: cached tokens at the top, the whole in the choice', () => {
		expect(
			readChatUsage( {
				choices: [
					{
						finish_reason: 'stop',
						usage: {
							prompt_tokens: 100,
							completion_tokens: 5,
							total_tokens: 105,
							cached_tokens: 64,
						},
					},
				],
			} )
		).toEqual( sure( { textIn: 36, textCachedIn: 64, textOut: 5 } ) );
	} );

	it( 'Groq: in x_groq, with times among the tokens', () => {
		expect(
			readChatUsage( {
				choices: [ { delta: {}, finish_reason: 'stop' } ],
				x_groq: {
					id: 'req_01',
					usage: {
						queue_time: 0.03,
						prompt_tokens: 90,
						prompt_time: 0.004,
						completion_tokens: 30,
						completion_time: 0.05,
						total_tokens: 120,
						total_time: 0.06,
					},
				},
			} )
		).toEqual( sure( { textIn: 90, textOut: 30 } ) );
	} );

	it( 'Qwen: pictures and audio by sort, text beside them', () => {
		expect(
			readChatUsage( {
				usage: {
					prompt_tokens: 1_500,
					completion_tokens: 40,
					total_tokens: 1_540,
					prompt_tokens_details: {
						text_tokens: 100,
						image_tokens: 1_200,
						audio_tokens: 200,
					},
					completion_tokens_details: { text_tokens: 40 },
				},
			} )
		).toEqual(
			sure( { textIn: 100, imageIn: 1_200, audioIn: 200, textOut: 40 } )
		);
	} );

	it( 'OpenRouter: what the call cost, to the nano-dollar', () => {
		const usage = {
			prompt_tokens: 194,
			completion_tokens: 2,
			total_tokens: 196,
			cost: 0.000_139_2,
			is_byok: false,
			cost_details: { upstream_inference_cost: 0.000_139_2 },
		};
		expect( readChatUsage( { usage } ).usage ).toEqual( {
			textIn: 194,
			textOut: 2,
			reportedNanoUsd: 139_200,
		} );
		// With a key of one's own the maker of the model sends a bill besides OpenRouter's fee.
		expect(
			readChatUsage( {
				usage: { ...usage, cost: 0.000_007, is_byok: true },
			} ).usage?.reportedNanoUsd
		).toBe( 7_000 + 139_200 );
	} );

	it( 'Ollama: a prompt of nothing is no report', () => {
		const { usage, doubts } = readChatUsage( {
			usage: {
				prompt_tokens: 0,
				completion_tokens: 12,
				total_tokens: 12,
			},
		} );
		expect( usage ).toBeUndefined();
		expect( doubts ).not.toHaveLength( 0 );
	} );
} );

describe( 'the usage of other kinds of call', () => {
	it( 'responses: from the reply and from the event that ends its stream', () => {
		const response = {
			service_tier: 'flex',
			usage: {
				input_tokens: 2_000,
				input_tokens_details: {
					cached_tokens: 1_024,
					cache_write_tokens: 500,
					cache_write_tokens_details: {
						ttl_30m_tokens: 300,
						ttl_12h_tokens: 200,
					},
				},
				output_tokens: 60,
				output_tokens_details: { reasoning_tokens: 32 },
				total_tokens: 2_060,
			},
		};
		const reading = sure( {
			textIn: 476,
			textCachedIn: 1_024,
			textCacheWrite: 300,
			textCacheWriteLong: 200,
			textOut: 60,
			serviceTier: 'flex',
		} );
		expect( readResponsesUsage( response ) ).toEqual( reading );
		expect(
			readResponsesUsage( { type: 'response.completed', response } )
		).toEqual( reading );
	} );

	it( 'decisions: input alone', () => {
		expect( readDecisionUsage( { usage: { input_tokens: 120 } } ) ).toEqual(
			sure( { textIn: 120 } )
		);
	} );

	it( 'embeddings: input alone', () => {
		expect(
			readEmbeddingUsage( {
				usage: { prompt_tokens: 8, total_tokens: 8 },
			} )
		).toEqual( sure( { textIn: 8 } ) );
	} );

	it( 'T27: transcription, by tokens and by duration', () => {
		expect(
			readTranscriptionUsage( {
				text: 'hello',
				usage: {
					type: 'tokens',
					input_tokens: 14,
					input_token_details: { text_tokens: 4, audio_tokens: 10 },
					output_tokens: 101,
					total_tokens: 115,
				},
			} )
		).toEqual( sure( { textIn: 4, audioIn: 10, textOut: 101 } ) );
		expect(
			readTranscriptionUsage( {
				usage: { type: 'duration', seconds: 9.25 },
			} )
		).toEqual( sure( { seconds: 9.25 } ) );
		expect(
			readTranscriptionUsage( { text: 'hello', duration: 3.2 } )
		).toEqual( sure( { seconds: 3.2 } ) );
		// Without the split all of it was audio, which is dearer.
		expect(
			readTranscriptionUsage( {
				usage: { input_tokens: 14, output_tokens: 5, total_tokens: 19 },
			} ).usage
		).toEqual( { audioIn: 14, textOut: 5 } );
	} );

	it( 'T27: speech, whose output is audio', () => {
		expect(
			readSpeechUsage( {
				type: 'speech.audio.done',
				usage: {
					input_tokens: 14,
					output_tokens: 101,
					total_tokens: 115,
				},
			} ).usage
		).toEqual( { textIn: 14, audioOut: 101 } );
	} );

	it( 'T27: a realtime session is the sum of its replies, cancelled ones too', () => {
		const done = {
			type: 'response.done',
			response: {
				status: 'completed',
				usage: {
					total_tokens: 253,
					input_tokens: 132,
					output_tokens: 121,
					input_token_details: {
						text_tokens: 119,
						audio_tokens: 13,
						image_tokens: 0,
						cached_tokens: 64,
						cached_tokens_details: {
							text_tokens: 54,
							audio_tokens: 10,
							image_tokens: 0,
						},
					},
					output_token_details: { text_tokens: 30, audio_tokens: 91 },
				},
			},
		};
		const once = readRealtimeUsage( done );
		expect( once ).toEqual(
			sure( {
				textIn: 65,
				textCachedIn: 54,
				audioIn: 3,
				audioCachedIn: 10,
				textOut: 30,
				audioOut: 91,
			} )
		);
		const cut = {
			response: { ...done.response, status: 'cancelled' },
		};
		expect(
			addUsage( once.usage ?? {}, readRealtimeUsage( cut ).usage ?? {} )
		).toMatchObject( { textIn: 130, audioCachedIn: 20, audioOut: 182 } );
		expect(
			readRealtimeUsage( {
				response: {
					status: 'cancelled',
					usage: {
						total_tokens: 0,
						input_tokens: 0,
						output_tokens: 0,
					},
				},
			} )
		).toEqual( sure( {} ) );
	} );

	it( 'T27: a live session, by the second', () => {
		expect(
			readLiveUsage( {
				type: 'session.usage.updated',
				usage: { seconds: 42.5 },
			} )
		).toEqual( sure( { seconds: 42.5 } ) );
	} );

	it( 'moderation: nothing', () => {
		expect( readModerationUsage() ).toEqual( sure( {} ) );
	} );
} );

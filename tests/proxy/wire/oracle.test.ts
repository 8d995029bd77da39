/**
 * The OpenAPI oracle accepts what the API takes and rejects what it does not, so that its silence means something.
 */
import { describe, expect, test } from 'vitest';
import { loadOracle, ORACLE_LEFT_OUT } from '../../support/openapi/oracle.ts';
import { startSimulatedProvider } from '../../support/simulated-provider/index.ts';
import { askProvider, chatBody } from './ask-provider.ts';

const oracle = loadOracle();

describe.skipIf( ! oracle )(
	oracle ? 'the OpenAPI oracle' : ORACLE_LEFT_OUT,
	() => {
		const check = oracle as NonNullable< typeof oracle >;

		test.each( [
			[ 'a plain request', chatBody() ],
			[
				'a request with everything we send',
				chatBody( {
					stream: true,
					stream_options: {
						include_usage: true,
						include_obfuscation: false,
					},
					max_completion_tokens: 400,
					reasoning_effort: 'none',
					temperature: 0.2,
					prompt_cache_key: 'site',
					safety_identifier: 'visitor',
					store: false,
				} ),
			],
			[
				'content in parts',
				chatBody( {
					messages: [
						{
							role: 'user',
							content: [ { type: 'text', text: 'Hello' } ],
						},
					],
				} ),
			],
		] )( 'accepts %s', ( _name, body ) => {
			expect( check( 'CreateChatCompletionRequest', body ) ).toEqual(
				[]
			);
		} );

		test.each( [
			[ 'a misspelt field', chatBody( { max_completion_token: 5 } ) ],
			[
				'an unknown role',
				chatBody( { messages: [ { role: 'owner', content: 'x' } ] } ),
			],
			[ 'an unknown effort', chatBody( { reasoning_effort: 'huge' } ) ],
			[ 'a temperature out of range', chatBody( { temperature: 3 } ) ],
			[ 'no messages', { model: 'gpt-6-luna' } ],
		] )( 'rejects %s', ( _name, body ) => {
			expect( check( 'CreateChatCompletionRequest', body ) ).not.toEqual(
				[]
			);
		} );

		test( 'rejects a chunk without its choices and a reply with a wrong finish reason', () => {
			expect(
				check( 'CreateChatCompletionStreamResponse', {
					id: 'chatcmpl-1',
					object: 'chat.completion.chunk',
					created: 1,
					model: 'gpt-6-luna',
				} )
			).not.toEqual( [] );
			expect(
				check( 'CreateChatCompletionResponse', {
					id: 'chatcmpl-1',
					object: 'chat.completion',
					created: 1,
					model: 'gpt-6-luna',
					choices: [
						{
							index: 0,
							finish_reason: 'tired',
							logprobs: null,
							message: {
								role: 'assistant',
								content: 'x',
								refusal: null,
							},
						},
					],
				} )
			).not.toEqual( [] );
		} );

		test( 'makes the provider note a request that is not valid', async () => {
			const provider = await startSimulatedProvider( {
				inspector: check,
			} );
			await askProvider( provider.baseUrl, {
				body: chatBody( { tempratur: 1 } ),
			} );
			expect( provider.violations ).toEqual( [
				'CreateChatCompletionRequest has no field tempratur',
			] );
			await provider.close();
		} );
	}
);

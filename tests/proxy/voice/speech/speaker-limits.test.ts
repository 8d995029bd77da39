/**
 * Looks at what speaking does at the limits, when the visitor leaves, and when the provider fails.
 */
import { afterEach, describe, expect, it } from 'vitest';
import { newVisitorId } from '../../../support/proxy/credentials.ts';
import {
	faults,
	type Behaviour,
} from '../../../support/simulated-provider/index.ts';
import {
	largestJump,
	soundOf,
	startSpeechStage,
	type SpeechStage,
} from './speech-stage.ts';

const ANSWER =
	'You can return it within sixty days. The refund takes five days. Thank you very much for asking. We are looking forward to you. See you again in our shop.';

let stage: SpeechStage;

afterEach( () => stage.close() );

const say = async ( text = ANSWER ) => {
	const heard = await stage.begin( { visitorId: newVisitorId() } );
	heard.speaking.push( text );
	const spoken = await heard.speaking.finish();
	return { ...heard, spoken };
};

/** No cent is lost: the ledger holds what is billed, or more where nobody said how much. */
const expectMoney = async ( { isExact }: { isExact: boolean } ) => {
	const { spent, held, billed } = await stage.money();
	expect( held ).toBe( 0 );
	expect( spent ).toBeGreaterThanOrEqual( billed );
	if ( isExact ) {
		expect( spent ).toBe( billed );
	}
};

describe( 'at the limits', () => {
	it( 'the rest of an answer is not spoken when the money ends in the middle', async () => {
		stage = await startSpeechStage( {
			settings: {
				limits: { visitorDayNanoUsd: 6_500_000, softShare: 1 },
			},
		} );
		const { pieces, spoken } = await say();
		expect( spoken.kind ).toBe( 'limit_reached' );
		const said = pieces.flatMap( ( { text } ) => text ?? [] );
		expect( said.length ).toBeGreaterThan( 0 );
		expect( said.length ).toBeLessThan( 5 );
		expect( await spoken.keep() ).toBe( undefined );
		await expectMoney( { isExact: true } );
		expect( ( await stage.money() ).spent ).toBeLessThanOrEqual(
			6_500_000
		);
		expect(
			( await stage.calls() ).map( ( { outcome } ) => outcome )
		).toContain( 'no_money' );
	} );

	it( 'nothing is spoken once the seconds of the day are used up', async () => {
		stage = await startSpeechStage( {
			settings: { limits: { voiceSecondsDay: 0 } },
		} );
		const { pieces, spoken } = await say();
		expect( spoken ).toMatchObject( {
			kind: 'limit_reached',
			costNanoUsd: 0,
		} );
		expect( pieces ).toEqual( [] );
		expect( stage.spokenCalls() ).toBe( 0 );
	} );

	it( 'the seconds that were spoken are counted', async () => {
		stage = await startSpeechStage();
		const { pieces } = await say();
		const { voiceSeconds } = await stage.money();
		const heard = soundOf( pieces ).length / 24_000;
		expect( voiceSeconds ).toBeGreaterThanOrEqual( Math.floor( heard ) );
		expect( voiceSeconds ).toBeLessThanOrEqual( heard + 8 );
	} );

	it( 'one visitor at the limit does not keep another from the same sentence', async () => {
		stage = await startSpeechStage( {
			settings: {
				limits: { visitorDayNanoUsd: 6_500_000, softShare: 1 },
			},
		} );
		const poor = newVisitorId();
		const spend = await stage.begin( { visitorId: poor } );
		spend.speaking.push( ANSWER );
		await spend.speaking.finish();
		const text = 'This is another sentence altogether.';
		const [ one, other ] = await Promise.all(
			[ poor, newVisitorId() ].map( async ( visitorId ) => {
				const { speaking } = await stage.begin( { visitorId } );
				speaking.push( text );
				return speaking.finish();
			} )
		);
		expect( one?.kind ).toBe( 'limit_reached' );
		expect( other?.kind ).toBe( 'spoken' );
	} );

	it( 'beyond the soft limit the browser speaks', async () => {
		stage = await startSpeechStage( {
			settings: {
				limits: { softShare: 0, siteDayNanoUsd: 1_000_000_000 },
			},
		} );
		expect(
			( await say( 'The first one is still spoken.' ) ).spoken.kind
		).toBe( 'spoken' );
		const calls = stage.spokenCalls();
		expect( ( await say() ).spoken ).toMatchObject( {
			kind: 'unavailable',
			costNanoUsd: 0,
		} );
		expect( stage.spokenCalls() ).toBe( calls );
	} );

	it( 'the owner who chose the browser pays nothing', async () => {
		stage = await startSpeechStage( {
			settings: { voice: { speech: 'browser' } },
		} );
		expect( ( await say() ).spoken ).toMatchObject( {
			kind: 'unavailable',
			costNanoUsd: 0,
		} );
		expect( stage.spokenCalls() ).toBe( 0 );
	} );
} );

describe( 'when the visitor leaves', () => {
	it.each( [ 'gpt-realtime-2.1-mini', 'gpt-4o-mini-tts' ] )(
		'%s stops, and nothing stays held',
		async ( model ) => {
			stage = await startSpeechStage( { speech: [ model ] } );
			stage.provider.setDefault( { for: 'answer', chunkDelayMs: 30 } );
			stage.provider.setDefault( { for: 'speech', chunkDelayMs: 30 } );
			const heard = await stage.begin();
			heard.speaking.push( ANSWER );
			await heard.firstPiece;
			heard.stop();
			const count = heard.pieces.length;
			const spoken = await heard.speaking.finish();
			expect( spoken.kind ).toBe( 'stopped' );
			expect( heard.pieces ).toHaveLength( count );
			expect( await spoken.keep() ).toBe( undefined );
			await expectMoney( { isExact: false } );
			expect( stage.spokenCalls() ).toBeLessThanOrEqual( 2 );
			expect( await stage.calls() ).toMatchObject(
				Array.from( { length: stage.spokenCalls() }, () => ( {
					outcome: 'stopped',
				} ) )
			);
		}
	);

	it( 'before a word was written, nothing is spoken at all', async () => {
		stage = await startSpeechStage();
		const { speaking, stop } = await stage.begin();
		stop();
		speaking.push( ANSWER );
		expect( ( await speaking.finish() ).kind ).toBe( 'stopped' );
		expect( stage.spokenCalls() ).toBe( 0 );
	} );
} );

describe( 'when the provider fails with', () => {
	const forSpeech = ( behaviour: object ) =>
		( { for: 'speech', ...behaviour } ) as Behaviour;

	it.each( [
		[ 'an overload', faults.overloaded(), true ],
		[ 'a server error', faults.serverError(), true ],
		[ 'a model that is gone', faults.modelNotFound(), true ],
		[ 'too many requests', faults.rateLimited(), true ],
		[ 'a reset', faults.reset(), false ],
		[ 'silence', faults.silence(), false ],
		[
			'a cut before the first sound',
			{ cut: { afterChunks: 0, how: 'close' } },
			false,
		],
		[ 'a body that is no sound', faults.garbageBody(), false ],
	] )(
		'%s, another call speaks, each at its price',
		async ( _, fault, isExact ) => {
			stage = await startSpeechStage( {
				speech: [ 'gpt-4o-mini-tts', 'tts-1' ],
			} );
			stage.provider.script( forSpeech( fault ) );
			const { pieces, spoken } = await say(
				'You can return it within sixty days.'
			);
			expect( spoken.kind ).toBe( 'spoken' );
			expect( pieces.flatMap( ( { text } ) => text ?? [] ) ).toHaveLength(
				1
			);
			expect(
				( await stage.calls() ).map( ( { outcome } ) => outcome )
			).toEqual( [ 'failed', 'answered' ] );
			await expectMoney( { isExact } );
		}
	);

	it( 'a cut in the middle of a sentence, it fades out, and the rest is not spoken', async () => {
		stage = await startSpeechStage( {
			speech: [ 'gpt-4o-mini-tts', 'tts-1' ],
			hasRealSpeech: true,
		} );
		stage.provider.script(
			forSpeech( { cut: { afterChunks: 7, how: 'close' } } )
		);
		const { pieces, spoken } = await say();
		expect( spoken.kind ).toBe( 'unavailable' );
		const samples = soundOf( pieces );
		expect( samples.length ).toBeGreaterThan( 0 );
		expect( Math.abs( samples.at( -1 ) ?? NaN ) ).toBeLessThanOrEqual( 1 );
		expect( largestJump( samples.slice( -480 ) ) ).toBeLessThan(
			largestJump( samples )
		);
		expect( await spoken.keep() ).toBe( undefined );
		await expectMoney( { isExact: false } );
	} );

	const at = ( words: string, behaviour: object ): Behaviour =>
		( {
			for: 'speech',
			when: ( { input }: { input: string } ) => input.startsWith( words ),
			...behaviour,
		} ) as Behaviour;

	it( 'the second sentence, the first is still heard to its end, and nothing after it', async () => {
		stage = await startSpeechStage( { speech: [ 'gpt-4o-mini-tts' ] } );
		const whole = await say( 'You can return it within sixty days.' );
		stage.provider.script(
			at( 'You', { chunkDelayMs: 30 } ),
			at( 'The', faults.modelNotFound() )
		);
		const heard = await stage.begin( {
			voice: { name: 'marin', instructions: '' },
		} );
		heard.speaking.push( ANSWER );
		expect( ( await heard.speaking.finish() ).kind ).toBe( 'unavailable' );
		expect( soundOf( heard.pieces ) ).toEqual( soundOf( whole.pieces ) );
		await expectMoney( { isExact: true } );
	} );

	it( 'the first sentence, the second is not heard without it', async () => {
		stage = await startSpeechStage( { speech: [ 'gpt-4o-mini-tts' ] } );
		stage.provider.script(
			at( 'You', { ...faults.modelNotFound(), delayMs: 300 } )
		);
		const { pieces, spoken } = await say();
		expect( spoken.kind ).toBe( 'unavailable' );
		expect( pieces ).toEqual( [] );
		expect( stage.spokenCalls() ).toBeLessThanOrEqual( 2 );
		await expectMoney( { isExact: false } );
	} );

	it( 'everything, nothing is spoken and no more than two failures of a sentence are paid', async () => {
		stage = await startSpeechStage( {
			speech: [ 'gpt-4o-mini-tts', 'tts-1' ],
		} );
		stage.provider.setDefault( forSpeech( faults.garbageBody() ) );
		const { pieces, spoken } = await say(
			'You can return it within sixty days.'
		);
		expect( spoken.kind ).toBe( 'unavailable' );
		expect( pieces ).toEqual( [] );
		expect( await stage.calls() ).toHaveLength( 2 );
		await expectMoney( { isExact: false } );
	} );
} );

describe( 'a model that does not read', () => {
	const text = 'What is your return policy for tents?';

	it( 'but answers is not heard: the next one reads', async () => {
		stage = await startSpeechStage( {
			speech: [ 'gpt-realtime-2.1-mini', 'gpt-4o-mini-tts' ],
		} );
		stage.provider.script( {
			for: 'answer',
			text: 'Our gear can be sent back within sixty days, my dear friend.',
		} );
		const { pieces, spoken } = await say( text );
		expect( spoken.kind ).toBe( 'spoken' );
		expect( pieces.flatMap( ( piece ) => piece.text ?? [] ) ).toEqual( [
			text,
		] );
		expect(
			( await stage.calls() ).map( ( { model, outcome } ) => [
				model,
				outcome,
			] )
		).toEqual( [
			[ 'gpt-realtime-2.1-mini', 'failed' ],
			[ 'gpt-4o-mini-tts', 'answered' ],
		] );
		await expectMoney( { isExact: false } );
	} );

	it( 'to the end, or goes on after it, is heard but not kept', async () => {
		stage = await startSpeechStage();
		stage.provider.script( {
			for: 'answer',
			text: `${ text } Is there anything else that I could do for you today, my dear friend? Just tell me so.`,
		} );
		const { spoken } = await say( text );
		expect( await spoken.keep() ).toBe( undefined );
		await expectMoney( { isExact: false } );
	} );
} );

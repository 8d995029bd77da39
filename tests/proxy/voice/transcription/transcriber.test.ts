import { once } from 'node:events';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, describe, expect, it } from 'vitest';
import { readAudio } from '../../../../proxy/src/voice/audio/read-audio.ts';
import {
	faults,
	type Behaviour,
} from '../../../support/simulated-provider/index.ts';
import {
	encodeOgg,
	hasProgram,
	hasSpeech,
	noise,
	shareHeard,
	speak,
	SPEECH_LEFT_OUT,
	wav,
} from '../../../support/speech/index.ts';
import { ogg, packets } from '../audio/opus-files.ts';
import { recording, startHearing, type HearingStage } from './hearing-stage.ts';

let stage: HearingStage;

afterEach( () => stage.close() );

/** Aims a behaviour at transcriptions. */
const hearing = ( behaviour: Behaviour | object ): Behaviour =>
	( { ...behaviour, for: 'transcription' } ) as Behaviour;

/** Expects the book to be closed and equal to the bill, or above it where nobody can know. */
async function expectMoney( {
	isExact = true,
	seconds,
}: { isExact?: boolean; seconds?: number } = {} ) {
	const money = await stage.money();
	expect( money ).toMatchObject( { held: 0, heldSeconds: 0 } );
	if ( isExact ) {
		expect( money.spent ).toBe( money.billed );
	} else {
		expect( money.spent ).toBeGreaterThanOrEqual( money.billed );
	}
	if ( seconds !== undefined ) {
		expect( money.seconds ).toBe( seconds );
	}
}

describe( 'a recording is written down', () => {
	it( 'by the first model, billed by the second, to the nano-dollar', async () => {
		stage = await startHearing();
		stage.provider.script(
			hearing( {
				text: ' What is your\treturn policy?\n',
				language: 'en',
			} )
		);
		const heard = await stage.transcribe( recording( 3.2 ), {
			language: 'en-GB',
			keywords: [ 'Trailhead' ],
		} );
		expect( heard ).toEqual( {
			kind: 'heard',
			text: 'What is your return policy?',
			language: 'en',
			costNanoUsd: stage.provider.bill.totalNanoUsd,
		} );
		expect( heard.costNanoUsd ).toBe( 240_000 );
		await expectMoney( { seconds: 4 } );
		expect( await stage.calls() ).toMatchObject( [
			{
				kind: 'transcription',
				turnId: 'turn-1',
				provider: 'openai',
				model: 'first',
				tier: 'none',
				outcome: 'answered',
				attempt: 1,
				usage: { seconds: 3.2 },
				isEstimated: false,
				costNanoUsd: 240_000,
			},
		] );
		expect( stage.provider.journal.entries[ 0 ]?.body ).toMatchObject( {
			languages: [ 'en' ],
			keywords: [ 'Trailhead' ],
			file: { name: 'speech.wav', type: 'audio/wav' },
		} );
	} );

	it( 'by a model that is billed by tokens, to the nano-dollar', async () => {
		stage = await startHearing( { role: 'second' } );
		stage.spare.script(
			hearing( {
				text: 'Wo finde ich die Öffnungszeiten und was kostet der Versand?',
			} )
		);
		expect( await stage.transcribe() ).toMatchObject( {
			kind: 'heard',
			language: 'de',
			costNanoUsd: stage.spare.bill.totalNanoUsd,
		} );
		await expectMoney( { seconds: 3 } );
	} );

	it( 'from Opus as it came', async () => {
		stage = await startHearing();
		const bytes = ogg( packets( 100 ) );
		// The stand-in decodes Ogg for real, and these packets are none.
		await stage.transcribe( readAudio( bytes ) );
		const [ entry ] = stage.provider.journal.entries;
		expect( Buffer.from( entry?.files.get( 'file' ) ?? [] ) ).toEqual(
			bytes
		);
		expect( entry?.body ).toMatchObject( {
			file: { name: 'speech.ogg', type: 'audio/ogg' },
		} );
	} );

	it.skipIf( ! hasProgram( 'opusenc' ) )(
		'from real Opus, whose seconds are those of the bill',
		async () => {
			stage = await startHearing();
			const bytes = await encodeOgg(
				noise( 2_500, { level: 0.3 } ),
				16_000
			);
			expect(
				await stage.transcribe( readAudio( bytes ) )
			).toMatchObject( { kind: 'heard' } );
			await expectMoney( { seconds: 3 } );
		}
	);

	it( 'by a chat model that hears, which takes no Opus', async () => {
		stage = await startHearing( {
			models: {
				talker: {
					provider: 'openai',
					upstreamId: 'gpt-audio-mini',
					api: 'chat',
					modalities: {
						in: [ 'text', 'audio' ],
						out: [ 'text', 'audio' ],
					},
					contextTokens: 128_000,
					maxOutputTokens: 16_384,
					usdPerMillion: {
						textIn: 0.6,
						audioIn: 10,
						textOut: 2.4,
						audioOut: 20,
					},
					fallback: [ 'second' ],
				},
			},
			role: 'talker',
		} );
		expect( await stage.transcribe() ).toMatchObject( { kind: 'heard' } );
		expect( await stage.calls() ).toMatchObject( [
			{ model: 'talker', isEstimated: false },
		] );
		await expectMoney( { seconds: 3 } );
		await stage.transcribe( readAudio( ogg( packets( 100 ) ) ) );
		expect( ( await stage.calls() ).at( -1 )?.model ).toBe( 'second' );
	} );

	it( 'with fifty short names at most', async () => {
		stage = await startHearing();
		await stage.transcribe( recording(), {
			keywords: [
				...[ ' Alpine\n Dome ', 'Alpine Dome', '', 'x'.repeat( 61 ) ],
				...Array.from( { length: 80 }, ( _, at ) => `Name ${ at }` ),
			],
		} );
		const { keywords } = stage.provider.journal.entries[ 0 ]?.body as {
			keywords: string[];
		};
		expect( keywords ).toHaveLength( 50 );
		expect( keywords.slice( 0, 2 ) ).toEqual( [ 'Alpine Dome', 'Name 0' ] );
	} );

	describe.skipIf( ! hasSpeech() )(
		hasSpeech() ? 'for real' : SPEECH_LEFT_OUT,
		() => {
			it( 'from a voice to words, at 44.1 kHz, in two channels and 24 bits', async () => {
				stage = await startHearing( {
					hasRealSpeech: true,
					totalMs: 60_000,
					silenceMs: 30_000,
				} );
				const said = 'what is their return policy';
				const voice = await speak( said, { sampleRate: 44_100 } );
				const heard = await stage.transcribe(
					readAudio( wav( voice, 44_100, { channels: 2, bits: 24 } ) )
				);
				expect( heard.kind ).toBe( 'heard' );
				expect(
					shareHeard( said, heard.kind === 'heard' ? heard.text : '' )
				).toBeGreaterThan( 0.7 );
				await expectMoney();
			} );
		}
	);
} );

describe( 'nothing is heard', () => {
	it.each( [
		[ '', [] ],
		[ ' . … ', [] ],
		[ '[Music]', [] ],
		[ '(laughs) ♪♪', [] ],
		[ '*sighs*', [] ],
		[ 'Thank you for watching!', [] ],
		[ 'Untertitel der Amara.org-Community', [] ],
		[
			'Trailhead, Alpine Dome, Ridge 40.',
			[ 'Alpine Dome', 'Trailhead', 'Ridge 40' ],
		],
	] )(
		'where the transcript is “%s”, and it is paid for all the same',
		async ( text, keywords ) => {
			stage = await startHearing();
			stage.provider.script( hearing( { text } ) );
			expect(
				await stage.transcribe( recording(), { keywords } )
			).toEqual( {
				kind: 'nothing_heard',
				costNanoUsd: stage.provider.bill.totalNanoUsd,
			} );
			await expectMoney();
		}
	);

	it.each( [
		'No',
		'42',
		'好',
		'Thank you',
		'How do I watch [music] videos?',
		'Alpine Dome',
	] )( 'but “%s” is words', async ( text ) => {
		stage = await startHearing();
		stage.provider.script( hearing( { text } ) );
		expect(
			await stage.transcribe( recording(), {
				keywords: [ 'Alpine Dome' ],
			} )
		).toMatchObject( { kind: 'heard', text } );
	} );

	it( 'and a transcript without end is cut', async () => {
		stage = await startHearing();
		stage.provider.script(
			hearing( { text: 'word\u0000 '.repeat( 20_000 ) } )
		);
		const heard = await stage.transcribe();
		expect(
			heard.kind === 'heard' && heard.text.length
		).toBeLessThanOrEqual( 4_000 );
		expect( heard.kind === 'heard' && heard.text ).not.toContain(
			'\u0000'
		);
	} );
} );

describe( 'when the first model does not write it down', () => {
	it.each( [
		[ 'a wrong key', faults.unauthorized(), [ 1, 1 ], true ],
		[ 'no such model', faults.modelNotFound(), [ 1, 1 ], true ],
		[ 'no credit', faults.outOfQuota(), [ 1, 1 ], true ],
		[
			'too many requests',
			faults.rateLimited( { retryAfterSeconds: 30 } ),
			[ 1, 1 ],
			true,
		],
		[ 'an error, twice', faults.serverError(), [ 2, 1 ], true ],
		[ 'overload, twice', faults.overloaded(), [ 2, 1 ], true ],
		[
			'a page of a load balancer, twice',
			faults.badGateway(),
			[ 2, 1 ],
			true,
		],
		[ 'garbage', faults.garbageBody(), [ 1, 1 ], false ],
		[ 'a reset', faults.reset(), [ 1, 1 ], false ],
		[ 'half a reply', faults.cutAfter( 0 ), [ 1, 1 ], false ],
		[ 'silence', faults.silence(), [ 1, 1 ], false ],
		[ 'headers without end', faults.endlessHeaders(), [ 1, 1 ], false ],
	] as Array< [ string, Behaviour, [ number, number ], boolean ] > )(
		'but gives %s, the second does',
		async ( _, behaviour, asked, isExact ) => {
			stage = await startHearing();
			stage.provider.setDefault( hearing( behaviour ) );
			stage.spare.script( hearing( { text: 'Where is my order?' } ) );
			expect( await stage.transcribe() ).toMatchObject( {
				kind: 'heard',
				text: 'Where is my order?',
			} );
			expect( [
				stage.provider.journal.entries.length,
				stage.spare.journal.entries.length,
			] ).toEqual( asked );
			await expectMoney( { isExact } );
			const calls = await stage.calls();
			expect( calls.at( -1 ) ).toMatchObject( {
				model: 'second',
				reason: 'fallback',
				outcome: 'answered',
			} );
			expect( calls[ 0 ]?.errorKind ).not.toBe( '' );
			expect( new Set( calls.map( ( { id } ) => id ) ).size ).toBe(
				calls.length
			);
		}
	);

	it( 'once, it is asked again', async () => {
		stage = await startHearing( { hasSpare: false } );
		stage.provider.script( hearing( faults.serverError() ) );
		expect( await stage.transcribe() ).toMatchObject( { kind: 'heard' } );
		expect(
			( await stage.calls() ).map( ( { outcome } ) => outcome )
		).toEqual( [ 'failed', 'answered' ] );
		await expectMoney( { seconds: 3 } );
	} );

	it( 'and wants a moment, the moment is waited for', async () => {
		stage = await startHearing( { hasSpare: false } );
		stage.provider.script(
			hearing( faults.rateLimited( { retryAfterMs: 200 } ) )
		);
		expect( await stage.transcribe() ).toMatchObject( { kind: 'heard' } );
		expect( stage.provider.journal.entries ).toHaveLength( 2 );
	} );

	it( 'and nobody else does, it says so, and no more than two calls were paid for', async () => {
		stage = await startHearing();
		stage.provider.setDefault( hearing( faults.garbageBody() ) );
		stage.spare.setDefault( hearing( faults.garbageBody() ) );
		const heard = await stage.transcribe();
		const { spent } = await stage.money();
		expect( heard ).toEqual( { kind: 'unavailable', costNanoUsd: spent } );
		expect( await stage.calls() ).toHaveLength( 2 );
		await expectMoney( { isExact: false } );
	} );

	it( 'because its key may not, the provider still answers in words', async () => {
		stage = await startHearing();
		stage.provider.script( hearing( faults.forbidden() ) );
		await stage.transcribe();
		const health = stage.proxy.services.models?.health;
		expect(
			health?.restMs( { provider: 'openai', id: 'first' } )
		).toBeGreaterThan( 0 );
		expect(
			health?.restMs( { provider: 'openai', id: 'gpt-6-luna' } )
		).toBe( 0 );
	} );

	it( 'in time, the second gets the rest of the time', async () => {
		stage = await startHearing( { totalMs: 3_000, silenceMs: 30_000 } );
		stage.provider.script( hearing( faults.silence() ) );
		const startedAt = performance.now();
		expect( await stage.transcribe() ).toMatchObject( { kind: 'heard' } );
		expect( performance.now() - startedAt ).toBeLessThan( 3_000 );
		expect( ( await stage.calls() )[ 0 ] ).toMatchObject( {
			outcome: 'failed',
			errorKind: 'network_timeout',
		} );
	} );

	it( 'and the second neither, it is over when the time is', async () => {
		stage = await startHearing( { totalMs: 400, silenceMs: 30_000 } );
		stage.provider.setDefault( hearing( faults.silence() ) );
		stage.spare.setDefault( hearing( faults.silence() ) );
		const startedAt = performance.now();
		expect( await stage.transcribe() ).toMatchObject( {
			kind: 'unavailable',
		} );
		expect( performance.now() - startedAt ).toBeLessThan( 2_000 );
		await expectMoney( { isExact: false } );
	} );

	it( 'reports no usage, it costs what the length of the recording can cost', async () => {
		stage = await startHearing();
		stage.provider.script(
			hearing( { text: 'Hello there', reportedUsage: null } )
		);
		expect( await stage.transcribe( recording( 20 ) ) ).toMatchObject( {
			kind: 'heard',
		} );
		await expectMoney( { isExact: false } );
		const [ call ] = await stage.calls();
		expect( call ).toMatchObject( {
			isEstimated: true,
			costNanoUsd: 1_575_000,
		} );
	} );
} );

/** Makes every reservation fail from now on, as on a full disk. */
function refuseWrites( dataDir: string ): void {
	const file = new DatabaseSync( join( dataDir, 'docent.sqlite' ) );
	file.exec(
		"CREATE TRIGGER full BEFORE INSERT ON ledger_open BEGIN SELECT RAISE( ABORT, 'database or disk is full' ); END"
	);
	file.close();
}

describe( 'a limit', () => {
	it.each( [
		[ 'of money', { limits: { siteDayNanoUsd: 100_000 } } ],
		[
			'of the visitor’s money',
			{ limits: { visitorDayNanoUsd: 100_000 } },
		],
		[ 'of seconds', { limits: { voiceSecondsDay: 2 } } ],
		[ 'of no seconds at all', { limits: { voiceSecondsDay: 0 } } ],
	] )( '%s that is reached: nothing is sent', async ( _, settings ) => {
		stage = await startHearing();
		expect( await stage.transcribe( recording(), { settings } ) ).toEqual( {
			kind: 'limit_reached',
			costNanoUsd: 0,
		} );
		expect( stage.provider.journal.entries ).toEqual( [] );
		expect( stage.spare.journal.entries ).toEqual( [] );
		expect( await stage.calls() ).toMatchObject( [
			{ outcome: 'no_money', kind: 'transcription' },
		] );
		await expectMoney( { seconds: 0 } );
	} );

	it( 'that only a dearer model exceeds: the cheaper one is asked', async () => {
		stage = await startHearing();
		const settings = { limits: { siteDayNanoUsd: 12_000_000 } };
		expect(
			await stage.transcribe( recording( 120 ), { settings } )
		).toMatchObject( { kind: 'heard' } );
	} );

	it( 'is never exceeded by many at once, in money or in seconds', async () => {
		stage = await startHearing( { hasSpare: false } );
		const settings = { limits: { voiceSecondsDay: 10 } };
		const heard = await Promise.all(
			Array.from( { length: 12 }, () =>
				stage.transcribe( recording(), { settings } )
			)
		);
		expect( heard.filter( ( { kind } ) => kind === 'heard' ) ).toHaveLength(
			3
		);
		expect(
			heard.filter( ( { kind } ) => kind === 'limit_reached' )
		).toHaveLength( 9 );
		await expectMoney( { seconds: 9 } );
	} );

	it( 'in a book that cannot be written: nothing is sent', async () => {
		stage = await startHearing();
		refuseWrites( stage.proxy.dataDir );
		expect( await stage.transcribe() ).toEqual( {
			kind: 'unavailable',
			costNanoUsd: 0,
		} );
		expect( stage.provider.journal.entries ).toEqual( [] );
	} );
} );

describe( 'a visitor who leaves', () => {
	it( 'before anything is sent costs nothing', async () => {
		stage = await startHearing();
		expect(
			await stage.transcribe( recording(), {
				signal: AbortSignal.abort(),
			} )
		).toEqual( {
			kind: 'unavailable',
			costNanoUsd: 0,
		} );
		expect( stage.provider.journal.entries ).toEqual( [] );
		await expectMoney( { seconds: 0 } );
	} );

	it( 'while the model listens pays at most for the recording, and holds nothing', async () => {
		stage = await startHearing();
		const leaving = new AbortController();
		stage.provider.setDefault(
			hearing( {
				text() {
					leaving.abort();
					return 'too late';
				},
				firstChunkDelayMs: 10_000,
			} )
		);
		expect(
			await stage.transcribe( recording(), { signal: leaving.signal } )
		).toMatchObject( { kind: 'unavailable' } );
		expect( stage.spare.journal.entries ).toEqual( [] );
		await expectMoney( { isExact: false } );
		expect( await stage.calls() ).toMatchObject( [
			{ outcome: 'stopped', errorKind: '' },
		] );
	} );

	it( 'while a pause is waited for holds nothing', async () => {
		stage = await startHearing( { hasSpare: false } );
		stage.provider.setDefault(
			hearing( faults.rateLimited( { retryAfterMs: 1_900 } ) )
		);
		const leaving = new AbortController();
		const heard = stage.transcribe( recording(), {
			signal: leaving.signal,
		} );
		await expect
			.poll( async () => ( await stage.calls() ).length )
			.toBe( 1 );
		leaving.abort();
		expect( await heard ).toEqual( {
			kind: 'unavailable',
			costNanoUsd: 0,
		} );
		await expectMoney( { seconds: 0 } );
	} );

	it( 'leaves no listener behind on a signal that goes on', async () => {
		stage = await startHearing();
		const { signal } = new AbortController();
		for ( let count = 0; count < 3; count++ ) {
			await stage.transcribe( recording( 0.5 ), { signal } );
		}
		const warned = once( process, 'warning', {
			signal: AbortSignal.timeout( 20 ),
		} ).catch( () => undefined );
		expect( await warned ).toBeUndefined();
	} );
} );

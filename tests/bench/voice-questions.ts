/**
 * Measures spoken questions in the panel: from letting go of the space bar to the first sound of the answer, and how soon a stored answer is heard.
 */
import { setTimeout as pass } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { voicePanel } from '../support/e2e/voice-panel.ts';
import type { VoicePanel } from '../support/e2e/voice-panel.ts';
import type { JournalEntry } from '../support/simulated-provider/index.ts';
import type { Figure } from './figures.ts';
import { percentile } from './load.ts';
import type { Probe } from './voice-probe.ts';
import type { VoiceSite } from './voice-site.ts';

const TARGETS = { p50: 120, p95: 250, cached: 100 } as const;

/** How long a question is spoken, in milliseconds: longer than a tap. */
const SPEAKING_MS = 600;

/** In a time so long after the key nothing is asked of the page that is measured, in milliseconds. */
const QUIET_MS = 400;

const THINGS = [ 'boots', 'tents', 'jackets', 'gloves', 'backpacks' ];
const KINDS = [
	'red',
	'large',
	'woollen',
	'cheap',
	'heavy',
	'used',
	'green',
	'small',
];

/** What one spoken question came to. Times are milliseconds after the key was let go. */
interface Spoken {
	/** The first sound at the tap. */
	heardMs: number;
	/** The question was sent. */
	sentMs: number;
	transcriptMs: number;
	/** The first event with speech, or with where it is. */
	speechMs: number;
	/** What the provider took for all of its calls. */
	providerMs: number;
	deviceMs: number;
}

/** Asks every question twice: afresh, and once its answer and speech are stored. */
export async function measureSpokenQuestions(
	site: VoiceSite,
	{ runs, report }: { runs: number; report( detail: string ): void }
): Promise< Figure[] > {
	const page = await site.openPage( { isDriven: false } );
	const panel = voicePanel( page );
	await panel.agree();
	const fresh: Spoken[] = [];
	const stored: Spoken[] = [];
	// The first question finds everything cold, as only the first visitor after a start does.
	for ( let run = -1; run < runs; run++ ) {
		report( run < 0 ? 'warming up' : `question ${ run + 1 } of ${ runs }` );
		const goods = `${ KINDS[ ( run + 1 ) % 8 ] } ${ THINGS[ ( run + 1 ) % 5 ] }`;
		const question = `How many days after delivery can I return unused gear such as ${ goods }?`;
		const answer = `You can return ${ goods } within 60 days of delivery.`;
		const first = await ask( site, page, panel, question, answer );
		const second = await ask( site, page, panel, question );
		if ( run >= 0 ) {
			fresh.push( first );
			stored.push( second );
		}
	}
	await page.context().close();
	const middle = ( all: Spoken[], name: keyof Spoken ): string =>
		percentile(
			all.map( ( spoken ) => spoken[ name ] ),
			0.5
		).toFixed( 0 );
	const heard = fresh.map( ( { heardMs } ) => heardMs );
	const cached = stored.map(
		( { heardMs, transcriptMs } ) => heardMs - transcriptMs
	);
	const path = `sent after ${ middle( fresh, 'sentMs' ) } ms, transcript after ${ middle( fresh, 'transcriptMs' ) }, first speech on the page after ${ middle( fresh, 'speechMs' ) }`;
	return [
		{
			id: 'voice.ptt.p50',
			title: 'push-to-talk: release to first sound, p50',
			value: percentile( heard, 0.5 ),
			unit: 'ms',
			target: { kind: 'at most', value: TARGETS.p50 },
			note: `${ runs } questions; ${ path }; ${ middle( fresh, 'providerMs' ) } ms of it the provider's; a device adds its own (here ${ middle( fresh, 'deviceMs' ) } ms)`,
		},
		{
			id: 'voice.ptt.p95',
			title: 'push-to-talk: release to first sound, p95',
			value: percentile( heard, 0.95 ),
			unit: 'ms',
			target: { kind: 'at most', value: TARGETS.p95 },
		},
		{
			id: 'voice.cached',
			title: 'stored spoken answer: transcript to first sound, p50',
			value: percentile( cached, 0.5 ),
			unit: 'ms',
			target: { kind: 'at most', value: TARGETS.cached },
			note: `p95 ${ percentile( cached, 0.95 ).toFixed( 0 ) } ms; ${ middle( stored, 'heardMs' ) } ms after the release`,
		},
	];
}

/** Asks aloud in a new conversation. Without an `answer` it must be stored. */
async function ask(
	{ provider }: VoiceSite,
	page: Page,
	panel: VoicePanel,
	question: string,
	answer?: string
): Promise< Spoken > {
	if ( ( await panel.turns.count() ) > 0 ) {
		await panel.choose( 'start-over' );
	}
	provider.reset();
	provider.script( { for: 'transcription', text: question } );
	if ( answer !== undefined ) {
		provider.script( {
			text: `${ answer }\n[[docent]] mood=neutral confident=yes handoff=no used=1`,
		} );
	}
	await panel.microphone.focus();
	await page.keyboard.down( 'Space' );
	await panel.recorder.waitFor();
	await pass( SPEAKING_MS );
	await page.evaluate( () => window.docentProbe.clear() );
	await page.keyboard.up( 'Space' );
	await pass( QUIET_MS );
	await untilHeard( page ).catch( ( cause ) => {
		throw new Error(
			`Nothing was heard of an answer that is ${ answer === undefined ? 'stored' : 'fresh' }.`,
			{ cause }
		);
	} );
	await panel.end();
	const probe = await page.evaluate( () => {
		const { releasedAtMs, askedAtMs, came, reply, passed, deviceMs } =
			window.docentProbe;
		return { releasedAtMs, askedAtMs, came, reply, passed, deviceMs };
	} );
	check( probe.reply, provider.journal.entries, answer === undefined );
	const from = probe.releasedAtMs;
	return {
		heardMs: firstSound( probe.passed, from ) - from,
		sentMs: probe.askedAtMs - from,
		transcriptMs: cameAt( probe, 'transcript' ) - from,
		speechMs: cameAt( probe, 'audio' ) - from,
		providerMs: provider.journal.entries.reduce(
			( sum, entry ) => sum + workOf( entry ),
			0
		),
		deviceMs: probe.deviceMs,
	};
}

/** Resolves some time after the answer is complete and something of it was heard. */
async function untilHeard( page: Page ): Promise< void > {
	await page.waitForFunction(
		() => {
			const { passed, reply } = window.docentProbe;
			return (
				reply.includes( 'event: done' ) &&
				passed.some( ( { audibleAtMs } ) => audibleAtMs !== undefined )
			);
		},
		undefined,
		{ polling: 200 }
	);
}

function firstSound( passed: Probe[ 'passed' ], from: number ): number {
	const [ sound ] = passed.flatMap( ( { audibleAtMs } ) =>
		audibleAtMs !== undefined && audibleAtMs > from ? [ audibleAtMs ] : []
	);
	return sound ?? NaN;
}

function cameAt( { came }: Pick< Probe, 'came' >, event: string ): number {
	return came.find( ( each ) => each.event === event )?.atMs ?? NaN;
}

/** Throws when an answer was not what it is counted as. */
function check(
	reply: string,
	entries: readonly JournalEntry[],
	isStored: boolean
): void {
	const cache = /"cache":"(\w+)"/.exec( reply )?.[ 1 ];
	const isAsExpected = isStored
		? cache === 'exact' &&
			reply.includes( '"url":"/v1/speech/' ) &&
			entries.length === 1
		: cache === 'miss' && reply.includes( '"data":"' );
	if ( ! isAsExpected ) {
		throw new Error(
			`An answer that is not ${ isStored ? 'stored' : 'fresh' } (${ entries.length } calls): ${ reply.slice( -600 ) }`
		);
	}
}

/** Returns how long the provider worked on an exchange: a whole request, or what an answer in a call took to its first sound. */
function workOf( { call, receivedAtMs, endedAtMs }: JournalEntry ): number {
	if ( ! call ) {
		return ( endedAtMs ?? receivedAtMs ) - receivedAtMs;
	}
	const asked = call.received.find(
		( { type } ) => type === 'response.create'
	);
	const spoke = call.sent.find(
		( { type } ) => type === 'response.output_audio.delta'
	);
	return asked && spoke ? spoke.atMs - asked.atMs : 0;
}

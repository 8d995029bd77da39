/**
 * Measures the relay of live conversations: what it adds to the way of every frame, and two hundred conversations on one core.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { siteRequest } from '../proxy/wire/proxy-process.ts';
import type { Docent } from './docent.ts';
import type { Figure } from './figures.ts';
import { callDirectly, callThroughProxy, type LiveCall } from './live-call.ts';
import { cpuMs, residentMb } from './machine.ts';

const ADDED_MS = 5;
const CALL_KB = 250;

/** What a browser holds before it begins to play: a piece that comes later than this behind the first one leaves a hole. */
const BUFFER_MS = 80;

/** Length of a frame from the microphone, in milliseconds. */
const FRAME_MS = 20;

/** So long a proxy is left alone before its memory is read. */
const SETTLE_MS = 4_000;

/** Conversations begin one after another, so that their frames do not all come at the same moment. */
const SPREAD_MS = 17;

/** Switches live conversations on, with limits that never bite. */
export async function allowCalls( docent: Docent ): Promise< void > {
	await siteRequest(
		`http://127.0.0.1:${ docent.port }`,
		'PUT',
		'/v1/site/settings',
		{
			modalities: { voice: true, realtime: true },
			limits: { voiceSecondsDay: 1_000_000_000 },
			voice: { liveMaxSeconds: 3_600 },
		}
	);
}

/** Sends stamped frames to a provider that sends them straight back, directly and through the proxy, and compares. */
export async function measureRelayDelay(
	docent: Docent,
	providerPort: number,
	{ calls, frames }: { calls: number; frames: number }
): Promise< Figure[] > {
	const direct = await roundTrips( calls, frames, () =>
		callDirectly( providerPort )
	);
	const relayed = await roundTrips( calls, frames, () =>
		callThroughProxy( docent.port, 'auto' )
	);
	// The same share of both, because the bench's own lateness is in both.
	const added = percentile( relayed, 0.99 ) - percentile( direct, 0.99 );
	return [
		{
			id: 'relay.added',
			title: 'live: what the relay adds there and back, p99',
			value: added,
			unit: 'ms',
			target: { kind: 'at most', value: ADDED_MS },
			note: `${ calls } calls; there and back p50 ${ percentile( relayed, 0.5 ).toFixed( 2 ) }, p99 ${ percentile( relayed, 0.99 ).toFixed( 2 ) } ms; without the relay ${ percentile( direct, 0.5 ).toFixed( 2 ) } and ${ percentile( direct, 0.99 ).toFixed( 2 ) } ms`,
		},
	];
}

async function roundTrips(
	calls: number,
	frames: number,
	open: () => Promise< LiveCall >
): Promise< number[] > {
	const all = await Promise.all(
		Array.from( { length: calls }, async ( _, index ) => {
			await delay( index * SPREAD_MS );
			const call = await open();
			const times: number[] = [];
			call.onSound = ( pcm ) => {
				const sentAt = stampOf( pcm );
				if ( sentAt !== undefined ) {
					times.push( performance.now() - sentAt );
				}
			};
			call.ask();
			await delay( 500 );
			for ( let sent = 0; sent < frames; sent++ ) {
				call.send( stamped( performance.now() ) );
				await delay( FRAME_MS );
			}
			await delay( 200 );
			call.close();
			return times;
		} )
	);
	// The first frames of a call wait for its session.
	const times = all.flatMap( ( own ) => own.slice( 25 ) );
	if ( times.length < calls * ( frames - 25 ) * 0.9 ) {
		throw new Error(
			`Only ${ times.length } of ${ calls * frames } frames came back.`
		);
	}
	return times.sort( ( first, second ) => first - second );
}

/** Holds many conversations, all of which speak and listen in real time. */
export async function measureCalls(
	docent: Docent,
	{ calls, holdMs }: { calls: number; holdMs: number }
): Promise< Figure[] > {
	const pid = docent.child.pid ?? 0;
	await warmUp( docent );
	const before = residentMb( pid );
	const open = await Promise.all(
		Array.from( { length: calls }, async ( _, index ) => {
			await delay( index * SPREAD_MS );
			return callThroughProxy( docent.port, 'push' );
		} )
	);
	await delay( SETTLE_MS );
	const withOpen = residentMb( pid );
	let isOver = false;
	let answers = 0;
	let holes = 0;
	let latestMs = 0;
	const run = async ( call: LiveCall, index: number ): Promise< void > => {
		await delay( index * SPREAD_MS );
		let beganAt: number | undefined;
		let receivedMs = 0;
		call.onSpeech = () => {
			answers++;
			beganAt = undefined;
			receivedMs = 0;
		};
		call.onSound = ( pcm ) => {
			const now = performance.now();
			beganAt ??= now;
			const lateMs = now - beganAt - receivedMs;
			receivedMs += pcm.byteLength / 48;
			latestMs = Math.max( latestMs, lateMs );
			holes += lateMs > BUFFER_MS ? 1 : 0;
		};
		const frame = new Uint8Array( FRAME_MS * 48 );
		const startedAt = performance.now();
		for ( let sent = 0; ! isOver; sent++ ) {
			// Two seconds of question, then the answer is listened to.
			const at = sent % 450;
			if ( at === 0 ) {
				call.talk( true );
			}
			call.send( frame );
			if ( at === 100 ) {
				call.talk( false );
			}
			await delay(
				Math.max(
					0,
					startedAt + ( sent + 1 ) * FRAME_MS - performance.now()
				)
			);
		}
		call.close();
	};
	const running = open.map( run );
	await delay( calls * SPREAD_MS + 2_000 );
	const cpuBefore = cpuMs( pid ) ?? 0;
	const countedFrom = performance.now();
	holes = 0;
	latestMs = 0;
	answers = 0;
	await delay( holdMs );
	const load =
		( ( cpuMs( pid ) ?? 0 ) - cpuBefore ) /
		( performance.now() - countedFrom );
	const during = residentMb( pid );
	isOver = true;
	await Promise.all( running );
	return [
		{
			id: 'relay.holes',
			title: `live: holes in the speech of ${ calls } calls on one core`,
			value: holes,
			unit: '',
			target: { kind: 'at most', value: 0 },
			note: `${ answers } answers in ${ holdMs / 1_000 } s, latest piece ${ latestMs.toFixed( 0 ) } ms behind, ${ Math.round( load * 100 ) } % of the core`,
		},
		{
			id: 'relay.memory',
			title: 'live: memory of an open call',
			value: perCall( before, withOpen ),
			unit: 'KB',
			target: { kind: 'at most', value: CALL_KB },
			note: `${ before?.toFixed( 0 ) } MB before, ${ withOpen?.toFixed( 0 ) } MB with ${ calls } calls`,
		},
		{
			id: 'relay.memory-busy',
			title: 'live: the same while all of them speak',
			value: perCall( before, during ),
			unit: 'KB',
			target: { kind: 'at most', value: CALL_KB },
			note: `${ during?.toFixed( 0 ) } MB, most of it garbage that is not collected yet`,
		},
	];

	function perCall(
		from: number | undefined,
		to: number | undefined
	): number | undefined {
		return from === undefined || to === undefined
			? undefined
			: ( ( to - from ) * 1_024 ) / calls;
	}
}

/** Has one question answered, which loads everything that a conversation needs. */
async function warmUp( docent: Docent ): Promise< void > {
	const call = await callThroughProxy( docent.port, 'auto' );
	const answered = new Promise< void >( ( resolve ) => {
		call.onSpeech = resolve;
	} );
	call.ask();
	await Promise.race( [ answered, delay( 10_000 ) ] );
	call.close();
	await delay( SETTLE_MS );
}

const MARK = 0x7a11;

/** Makes a frame of 20 ms that carries its own time. */
function stamped( now: number ): Uint8Array {
	const frame = new Uint8Array( FRAME_MS * 48 );
	const view = new DataView( frame.buffer );
	view.setUint16( 0, MARK );
	view.setFloat64( 8, now );
	return frame;
}

function stampOf( pcm: Uint8Array ): number | undefined {
	if ( pcm.byteLength < 16 ) {
		return undefined;
	}
	const view = new DataView( pcm.buffer, pcm.byteOffset );
	return view.getUint16( 0 ) === MARK ? view.getFloat64( 8 ) : undefined;
}

function percentile( sorted: number[], share: number ): number {
	return (
		sorted[
			Math.min( sorted.length - 1, Math.floor( sorted.length * share ) )
		] ?? NaN
	);
}

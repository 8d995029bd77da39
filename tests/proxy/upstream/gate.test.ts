import { describe, expect, it } from 'vitest';
import {
	createGate,
	type Gate,
	type Pass,
} from '../../../proxy/src/upstream/gate.ts';
import { UpstreamError } from '../../../proxy/src/upstream/upstream-error.ts';
import { createHandClock } from '../../support/clock.ts';

type Options = Parameters< typeof createGate >[ 0 ];

function setUp( options: Partial< Options > = {} ) {
	const clock = createHandClock();
	const gate = createGate( {
		concurrency: 1_000,
		...options,
		time: { now: clock, after: clock.after },
	} );
	const order: string[] = [];
	/** Asks for entry; notes the name when it is let through, or the kind of the refusal. */
	const call = (
		name: string,
		more: Partial< Parameters< Gate[ 'enter' ] >[ 0 ] > = {}
	) => {
		const entry = {
			pass: undefined as Pass | undefined,
			error: undefined as UpstreamError | undefined,
		};
		const done = ( async () => {
			try {
				entry.pass = await gate.enter( {
					model: 'm',
					priority: 'visitor',
					tokens: 100,
					signal: new AbortController().signal,
					...more,
				} );
				order.push( name );
			} catch ( error ) {
				entry.error = error as UpstreamError;
				order.push( `${ name }: ${ entry.error.kind }` );
			}
		} )();
		return Object.assign( entry, { done } );
	};
	const settle = () => clock.advance( 0 );
	return { clock, gate, order, call, settle };
}

describe( 'the gate of a provider', () => {
	it( 'lets calls through at once while there is room, and says that nobody waited', () => {
		const { gate } = setUp( { concurrency: 2 } );
		const pass = gate.enter( {
			model: 'm',
			priority: 'visitor',
			tokens: 1,
			signal: new AbortController().signal,
		} );
		expect( pass ).not.toBeInstanceOf( Promise );
		expect( ( pass as Pass ).queueMs ).toBe( 0 );
		expect( gate.inFlight ).toBe( 1 );
	} );

	it( 'keeps to so many at a time, and reports how long the next one waited', async () => {
		const { clock, gate, call, settle } = setUp( { concurrency: 2 } );
		const first = call( 'first' );
		call( 'second' );
		const third = call( 'third' );
		await settle();
		expect( [ gate.inFlight, gate.waiting ] ).toEqual( [ 2, 1 ] );
		await clock.advance( 700 );
		first.pass?.leave();
		first.pass?.leave();
		await third.done;
		expect( third.pass?.queueMs ).toBe( 700 );
		expect( [ gate.inFlight, gate.waiting ] ).toEqual( [ 2, 0 ] );
	} );

	it( 'lets visitors pass calls of the background, which still get through after eight of them', async () => {
		const { order, call, settle } = setUp( { concurrency: 1 } );
		const calls = new Map( [ [ 'running', call( 'running' ) ] ] );
		calls.set(
			'background',
			call( 'background', { priority: 'background' } )
		);
		for ( let i = 1; i <= 12; i++ ) {
			calls.set( `visitor ${ i }`, call( `visitor ${ i }` ) );
		}
		for ( let left = calls.size; left > 0; left-- ) {
			await settle();
			calls.get( order.at( -1 ) ?? '' )?.pass?.leave();
		}
		expect( order ).toHaveLength( 14 );
		expect( order.indexOf( 'background' ) ).toBe( 9 );
		expect( order.filter( ( name ) => name.startsWith( 'v' ) ) ).toEqual(
			Array.from( { length: 12 }, ( _, i ) => `visitor ${ i + 1 }` )
		);
	} );

	it( 'keeps a quarter of the places free of the background', async () => {
		const { gate, call, settle } = setUp( { concurrency: 4 } );
		for ( let i = 0; i < 6; i++ ) {
			call( `background ${ i }`, { priority: 'background' } );
		}
		await settle();
		expect( [ gate.inFlight, gate.waiting ] ).toEqual( [ 3, 3 ] );
		const visitor = call( 'visitor' );
		await visitor.done;
		expect( visitor.pass?.queueMs ).toBe( 0 );
	} );

	it( 'refuses with a time to come back when its queue is full, and sends a background call away for a visitor', async () => {
		const { gate, call, settle } = setUp( {
			concurrency: 1,
			maxWaiting: 4,
		} );
		call( 'running' );
		const first = call( 'b1', { priority: 'background' } );
		const second = call( 'b2', { priority: 'background' } );
		const third = call( 'b3', { priority: 'background' } );
		await third.done;
		expect( third.error ).toMatchObject( {
			kind: 'busy',
			code: 'provider_busy',
			isUnbilled: true,
		} );
		expect( third.error?.retryAfterMs ).toBeGreaterThan( 0 );
		call( 'v1' );
		call( 'v2' );
		call( 'v3' );
		await settle();
		expect( second.error?.kind ).toBe( 'busy' );
		call( 'v4' );
		await settle();
		expect( first.error?.kind ).toBe( 'busy' );
		const last = call( 'v5' );
		await last.done;
		expect( last.error?.kind ).toBe( 'busy' );
		expect( gate.waiting ).toBe( 4 );
	} );

	it( 'lets nobody wait longer than allowed', async () => {
		const { clock, gate, call } = setUp( {
			concurrency: 1,
			maxWaitMs: { visitor: 500, background: 900 },
		} );
		call( 'running' );
		const visitor = call( 'visitor' );
		const background = call( 'background', { priority: 'background' } );
		await clock.advance( 499 );
		expect( gate.waiting ).toBe( 2 );
		await clock.advance( 1 );
		expect( visitor.error?.kind ).toBe( 'busy' );
		expect( gate.waiting ).toBe( 1 );
		await clock.advance( 400 );
		expect( background.error?.kind ).toBe( 'busy' );
		expect( clock.pending ).toBe( 0 );
	} );

	it( 'forgets a call that is stopped while it waits, at no cost', async () => {
		const { clock, gate, call, settle } = setUp( { concurrency: 1 } );
		const stop = new AbortController();
		const running = call( 'running' );
		const waiting = call( 'waiting', { signal: stop.signal } );
		await settle();
		stop.abort();
		await waiting.done;
		expect( waiting.error ).toMatchObject( {
			kind: 'aborted',
			code: undefined,
			isUnbilled: true,
		} );
		expect( gate.waiting ).toBe( 0 );
		running.pass?.leave();
		expect( gate.inFlight ).toBe( 0 );
		expect( clock.pending ).toBe( 0 );
		const late = call( 'late', { signal: stop.signal } );
		await late.done;
		expect( late.error?.kind ).toBe( 'aborted' );
		expect( gate.inFlight ).toBe( 0 );
	} );
} );

describe( 'limits of the owner', () => {
	it( 'hold so many requests a minute, whichever the model', async () => {
		const { clock, gate, call, settle } = setUp( {
			requestsPerMinute: 3,
			maxWaitMs: { visitor: 70_000, background: 70_000 },
		} );
		for ( const model of [ 'a', 'b', 'c', 'a' ] ) {
			call( model, { model } );
		}
		await settle();
		expect( [ gate.inFlight, gate.waiting ] ).toEqual( [ 3, 1 ] );
		await clock.advance( 59_000 );
		expect( gate.waiting ).toBe( 1 );
		await clock.advance( 2_001 );
		expect( gate.waiting ).toBe( 0 );
	} );

	it( 'hold so many tokens a minute, and let one call through that is larger than the limit', async () => {
		const { clock, gate, call, settle } = setUp( {
			tokensPerMinute: 1_000,
			maxWaitMs: { visitor: 70_000, background: 70_000 },
		} );
		call( 'half', { tokens: 600 } );
		call( 'small', { tokens: 400 } );
		const large = call( 'large', { tokens: 5_000 } );
		await settle();
		expect( gate.inFlight ).toBe( 2 );
		await clock.advance( 61_001 );
		expect( large.pass ).toBeDefined();
		expect( gate.inFlight ).toBe( 3 );
	} );

	it( 'turn away at once what could not go in time', async () => {
		const { call } = setUp( { requestsPerMinute: 1 } );
		call( 'first' );
		const second = call( 'second' );
		await second.done;
		expect( second.error?.kind ).toBe( 'busy' );
		expect( second.error?.retryAfterMs ).toBeGreaterThan( 59_000 );
	} );
} );

describe( 'limits that the provider reports', () => {
	const report = ( remaining: number, resetMs: number, limit = 100 ) => ( {
		requests: { remaining, limit, resetMs },
		tokens: undefined,
	} );

	it( 'hold the calls to that model back until there is one more, and no other model', async () => {
		const { clock, call, settle } = setUp();
		const first = call( 'first' );
		await settle();
		// 100 in 100 seconds: one more in a second.
		first.pass?.heard( report( 0, 100_000 ) );
		const held = call( 'held' );
		const other = call( 'other', { model: 'another' } );
		await settle();
		expect( other.pass ).toBeDefined();
		expect( held.pass ).toBeUndefined();
		await clock.advance( 1_001 );
		expect( held.pass?.queueMs ).toBeGreaterThanOrEqual( 1_000 );
	} );

	it( 'count calls that the report cannot know of yet', async () => {
		const { gate, call, settle } = setUp();
		const first = call( 'first' );
		call( 'second' );
		call( 'third' );
		await settle();
		first.pass?.heard( report( 3, 100_000 ) );
		call( 'fourth' );
		call( 'fifth' );
		await settle();
		expect( [ gate.inFlight, gate.waiting ] ).toEqual( [ 4, 1 ] );
	} );

	it( 'send a visitor on to another model at once when the wait is long, and let the background wait', async () => {
		const { clock, call, settle } = setUp();
		const first = call( 'first' );
		await settle();
		first.pass?.heard( report( 0, 30_000, 1 ) );
		const visitor = call( 'visitor' );
		const background = call( 'background', { priority: 'background' } );
		await visitor.done;
		expect( visitor.error ).toMatchObject( {
			kind: 'rate',
			code: 'provider_rate',
			isUnbilled: true,
			retryAfterMs: 30_000,
		} );
		await clock.advance( 30_001 );
		expect( background.pass ).toBeDefined();
	} );

	it( 'with Retry-After hold as long as the provider asks for, and turn away who waits already', async () => {
		const { clock, gate, call, settle } = setUp( { concurrency: 1 } );
		const running = call( 'running' );
		const waiting = call( 'waiting' );
		await settle();
		gate.pause( 'm', 5_000 );
		await waiting.done;
		expect( waiting.error?.kind ).toBe( 'rate' );
		running.pass?.leave();
		const early = call( 'early' );
		await early.done;
		expect( early.error?.retryAfterMs ).toBe( 5_000 );
		await clock.advance( 4_000 );
		const later = call( 'later' );
		await clock.advance( 999 );
		expect( later.pass ).toBeUndefined();
		await clock.advance( 1 );
		expect( later.pass?.queueMs ).toBe( 1_000 );
	} );

	it( 'hold nobody back for longer than ten minutes, whatever the provider says', async () => {
		const { clock, gate, call, settle } = setUp();
		const first = call( 'first' );
		await settle();
		first.pass?.heard( report( 0, 86_400_000, 1 ) );
		gate.pause( 'm', 86_400_000 );
		await clock.advance( 599_999 );
		const early = call( 'early' );
		await settle();
		expect( early.pass ).toBeUndefined();
		await clock.advance( 1 );
		expect( early.pass ).toBeDefined();
	} );

	it( 'without a time of reset hold nothing back: the next refusal will say', async () => {
		const { gate, call, settle } = setUp();
		const first = call( 'first' );
		await settle();
		first.pass?.heard( {
			requests: { remaining: 0, limit: 60, resetMs: undefined },
			tokens: { remaining: 0, limit: undefined, resetMs: undefined },
		} );
		call( 'second' );
		await settle();
		expect( gate.inFlight ).toBe( 2 );
	} );
} );

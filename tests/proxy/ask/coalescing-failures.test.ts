/**
 * What becomes of those who read along when the answer they wait for comes to nothing.
 */
import { describe, expect, it } from 'vitest';
import { createCoalescing } from '../../../proxy/src/ask/coalesce.ts';
import { RunningTurn } from '../../../proxy/src/ask/running-turn.ts';
import type { Turn } from '../../../proxy/src/ask/turn.ts';

interface Result {
	by: string;
	isGood: boolean;
}

const newTurn = ( id: string ) =>
	new RunningTurn( {
		id,
		conversationId: `conversation-${ id }`,
		siteId: 'shop',
		visitorId: `visitor-${ id }`,
		user: undefined,
	} );

/** Three turns that ask the same, and works that end when they are told to. */
function openTurns( suits: ( result: Result, attempt: number ) => boolean ) {
	const coalescing = createCoalescing< Result >();
	const works: Array< {
		answer: Turn;
		end: ( isGood: boolean ) => void;
		fail: ( error: Error ) => void;
	} > = [];
	const turns = [ 'a', 'b', 'c' ].map( newTurn );
	const shares = turns.map( ( turn ) =>
		coalescing.share(
			'the question',
			turn,
			( answer ) =>
				new Promise( ( resolve, reject ) => {
					works.push( {
						answer,
						end: ( isGood ) => resolve( { by: answer.id, isGood } ),
						fail: reject,
					} );
				} ),
			suits
		)
	);
	return {
		turns,
		works,
		shares,
		/** Resolves when the work with this number has begun. */
		async begun( number: number ) {
			while ( ! works[ number ] ) {
				await new Promise( ( resolve ) => setImmediate( resolve ) );
			}
			return works[ number ];
		},
	};
}

describe( 'followers of an answer that came to nothing', () => {
	it( 'are answered anew when they saw nothing, one of them leading', async () => {
		const { works, shares, begun } = openTurns( ( { isGood } ) => isGood );
		expect( works ).toHaveLength( 1 );
		works[ 0 ]?.end( false );
		( await begun( 1 ) ).end( true );
		expect( await Promise.all( shares ) ).toEqual( [
			{ kind: 'led', result: { by: 'a', isGood: false } },
			{ kind: 'led', result: { by: 'b', isGood: true } },
			{ kind: 'followed', result: { by: 'b', isGood: true } },
		] );
		expect( works ).toHaveLength( 2 );
	} );

	it( 'take what comes the second time, so that a dead provider is not asked once for each of them', async () => {
		const { works, shares, begun } = openTurns(
			( { isGood }, attempt ) => isGood || attempt > 1
		);
		works[ 0 ]?.end( false );
		( await begun( 1 ) ).end( false );
		expect(
			( await Promise.all( shares ) ).map( ( { kind } ) => kind )
		).toEqual( [ 'led', 'led', 'followed' ] );
		expect( works ).toHaveLength( 2 );
	} );

	it( 'are answered anew when the work threw, and hear of it the second time', async () => {
		const { works, shares, begun } = openTurns( () => true );
		const settled = Promise.allSettled( shares );
		works[ 0 ]?.fail( new Error( 'first' ) );
		( await begun( 1 ) ).fail( new Error( 'second' ) );
		expect(
			( await settled ).map( ( share ) =>
				share.status === 'rejected' ? share.reason.message : 'fine'
			)
		).toEqual( [ 'first', 'second', 'second' ] );
		expect( works ).toHaveLength( 2 );
	} );

	it( 'share its end when they saw a part', async () => {
		const { works, shares, turns } = openTurns( ( { isGood } ) => isGood );
		works[ 0 ]?.answer.emit( 'text', { delta: 'Shipping' } );
		works[ 0 ]?.end( false );
		const [ , second, third ] = await Promise.all( shares );
		expect( [ second?.kind, third?.kind ] ).toEqual( [
			'followed',
			'followed',
		] );
		expect( works ).toHaveLength( 1 );
		expect( turns[ 2 ]?.eventsAfter( 0 ).join( '' ) ).toContain(
			'Shipping'
		);
	} );
} );

describe( 'a turn that is stopped while others go on', () => {
	it( 'is over at once with what it saw; the work goes on until nobody wants it', async () => {
		const { works, shares, turns } = openTurns( () => true );
		works[ 0 ]?.answer.emit( 'text', { delta: 'Ship' } );
		turns[ 0 ]?.stop();
		expect( await shares[ 0 ] ).toEqual( {
			kind: 'left',
			isLeader: true,
			text: 'Ship',
		} );
		works[ 0 ]?.answer.emit( 'text', { delta: 'ping' } );
		expect( turns[ 0 ]?.eventsAfter( 0 ) ).toHaveLength( 1 );
		turns[ 1 ]?.stop();
		expect( works[ 0 ]?.answer.signal.aborted ).toBe( false );
		turns[ 2 ]?.stop();
		expect( works[ 0 ]?.answer.signal.aborted ).toBe( true );
		works[ 0 ]?.end( true );
		expect( ( await shares[ 2 ] )?.kind ).toBe( 'followed' );
	} );

	it( 'does not lead those who come after it was the last', async () => {
		const coalescing = createCoalescing< string >();
		const ends: Array< () => void > = [];
		const ask = ( turn: RunningTurn ) =>
			coalescing.share(
				'the question',
				turn,
				( answer ) =>
					new Promise( ( resolve ) =>
						ends.push( () => resolve( answer.id ) )
					),
				() => true
			);
		const first = newTurn( 'a' );
		const led = ask( first );
		first.stop();
		const next = ask( newTurn( 'b' ) );
		ends.forEach( ( end ) => end() );
		expect( await led ).toEqual( { kind: 'led', result: 'a' } );
		expect( await next ).toEqual( { kind: 'led', result: 'b' } );
		expect( ends ).toHaveLength( 2 );
	} );
} );

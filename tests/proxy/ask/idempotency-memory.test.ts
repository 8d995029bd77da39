/**
 * How long turns that have ended stay in memory.
 */
import { describe, expect, it } from 'vitest';
import { createEndedTurns } from '../../../proxy/src/ask/ended-turns.ts';
import { RunningTurn } from '../../../proxy/src/ask/running-turn.ts';

const newTurn = ( id: string, conversationId = 'c' ) =>
	new RunningTurn( {
		id,
		conversationId,
		siteId: 'shop',
		visitorId: 'ada',
		user: undefined,
	} );

describe( 'a turn that has ended', () => {
	it( 'is found for a while, and then goes by itself', async () => {
		const ended = createEndedTurns( { keepMs: 40 } );
		const turn = newTurn( 'a' );
		ended.add( turn );
		expect( ended.find( 'a' ) ).toBe( turn );
		await expect.poll( () => ended.find( 'a' ) ).toBeUndefined();
	} );

	it( 'gives way to later ones when there are too many', () => {
		const ended = createEndedTurns( { maxEnded: 2 } );
		for ( const id of [ 'a', 'b', 'c' ] ) {
			ended.add( newTurn( id ) );
		}
		expect( ended.find( 'a' ) ).toBeUndefined();
		expect( ended.find( 'b' ) ).toBeDefined();
		expect( ended.find( 'c' ) ).toBeDefined();
	} );

	it( 'goes with its conversation, and with nobody else’s', () => {
		const ended = createEndedTurns();
		ended.add( newTurn( 'a', 'one' ) );
		ended.add( newTurn( 'b', 'other' ) );
		expect( ended.forget( 'shop', 'eve', 'one' ) ).toEqual( [] );
		expect( ended.forget( 'shop', 'ada', 'one' ) ).toHaveLength( 1 );
		expect( ended.find( 'a' ) ).toBeUndefined();
		expect( ended.find( 'b' ) ).toBeDefined();
	} );
} );

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { startRedis } from '../../support/redis/index.ts';
import { openLedger } from '../../support/redis/ledgers.ts';

const WORKER = fileURLToPath(
	new URL( './ledger-burst-worker.ts', import.meta.url )
);

it( '1,000 requests from four processes at once: exactly as many are taken as fit, and at rest nothing is held', async () => {
	const [ amount, limit ] = [ 7, 3_000 ];
	const server = await startRedis();
	const workers = Array.from( { length: 4 }, () =>
		spawn(
			process.execPath,
			[ WORKER, server.url, '250', String( amount ), String( limit ) ],
			{ stdio: [ 'pipe', 'pipe', 'inherit' ] }
		)
	);
	const ledger = await openLedger( server.url );
	try {
		const readers = workers.map( ( { stdout } ) =>
			createInterface( { input: stdout } )
		);
		const nextLines = () =>
			Promise.all(
				readers.map( async ( reader ) =>
					String( ( await once( reader, 'line' ) )[ 0 ] )
				)
			);
		const tell = ( word: string ) => {
			for ( const { stdin } of workers ) {
				stdin.write( word );
			}
		};
		await nextLines();
		const told = nextLines();
		tell( 'go' );
		const taken = ( await told ).reduce(
			( sum, line ) => sum + Number( line.split( ' ' )[ 1 ] ),
			0
		);
		// Overshoot 0, and no false refusal: another one would not have fitted.
		expect( taken ).toBe( Math.floor( limit / amount ) );
		expect( await ledger.store.balance( 'day' ) ).toEqual( {
			spent: 0,
			held: taken * amount,
		} );

		const ended = Promise.all(
			workers.map( ( worker ) => once( worker, 'exit' ) )
		);
		tell( 'settle' );
		await ended;
		expect( await ledger.store.balance( 'day' ) ).toEqual( {
			spent: taken * 3,
			held: 0,
		} );
		expect( await ledger.store.check() ).toEqual( {
			entries: 2 * taken,
			windows: 1,
			openReservations: 0,
			problems: [],
		} );
	} finally {
		for ( const worker of workers ) {
			worker.kill( 'SIGKILL' );
		}
		await ledger.close();
		await server.stop();
	}
} );

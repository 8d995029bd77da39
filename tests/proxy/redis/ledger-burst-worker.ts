/**
 * One of several processes that ask one Redis for money at the same moment: `node ledger-burst-worker.ts <url> <requests> <amount> <limit>`
 * begins when it is told `go`, and tells how many of its requests were taken.
 */
import {
	openLedger,
	requestFor,
	settlementOf,
} from '../../support/redis/ledgers.ts';

const [ url = '', requests = '0', amount = '0', limit = '0' ] =
	process.argv.slice( 2 );
const { store, close } = await openLedger( url, {} );
process.stdout.write( 'ready\n' );
await new Promise( ( resolve ) => process.stdin.once( 'data', resolve ) );
const taken = await Promise.all(
	Array.from( { length: Number( requests ) }, async () => {
		const request = requestFor( Number( amount ), {
			day: Number( limit ),
		} );
		const { kind } = await store.reserve( request );
		return kind === 'reserved' ? request : undefined;
	} )
);
const held = taken.filter( ( request ) => request !== undefined );
process.stdout.write( `taken ${ held.length }\n` );
await new Promise( ( resolve ) => process.stdin.once( 'data', resolve ) );
await Promise.all(
	held.map( ( request ) => store.settle( settlementOf( request, 3 ) ) )
);
await close();
process.stdin.destroy();

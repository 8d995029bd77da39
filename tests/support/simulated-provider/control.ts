/**
 * Lets another process read the bill and the journal and script faults: `GET /__bill`, `GET /__journal`, `POST /__script`, …
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Behaviour } from './behaviour.ts';
import type { Bill } from './bill.ts';
import type { Journal } from './journal.ts';

/** What the control routes act on. */
export interface Controls {
	bill: Bill;
	journal: Journal;
	script( ...behaviours: Behaviour[] ): void;
	setDefault( behaviour: Behaviour ): void;
	reset(): void;
}

/** Answers one control request; behaviours travel as JSON, so `when` and text functions cannot be sent. */
export async function answerControl(
	request: IncomingMessage,
	response: ServerResponse,
	controls: Controls
): Promise< void > {
	const parts: Buffer[] = [];
	for await ( const part of request ) {
		parts.push( part as Buffer );
	}
	const readBody = (): unknown =>
		JSON.parse( Buffer.concat( parts ).toString( 'utf8' ) );
	const send = ( status: number, value?: unknown ): void => {
		response.writeHead( status, { 'content-type': 'application/json' } );
		response.end( value === undefined ? '' : JSON.stringify( value ) );
	};
	switch ( `${ request.method } ${ request.url }` ) {
		case 'GET /__bill':
			send( 200, {
				totalNanoUsd: controls.bill.totalNanoUsd,
				entries: controls.bill.entries,
			} );
			return;
		case 'GET /__journal':
			send( 200, controls.journal.entries );
			return;
		case 'POST /__script':
			controls.script( ...( readBody() as Behaviour[] ) );
			send( 204 );
			return;
		case 'POST /__default':
			controls.setDefault( readBody() as Behaviour );
			send( 204 );
			return;
		case 'POST /__reset':
			controls.reset();
			send( 204 );
			return;
		default:
			send( 404, { error: 'No such control.' } );
	}
}

/**
 * Sends the site's content to the proxy, through the plugin's own REST routes, as the settings page does.
 */

export interface SyncReport {
	status: 'idle' | 'running' | 'stopped' | 'failed' | 'done';
	total: number;
	sent: number;
	failed: number;
	message: string;
}

/** Runs PHP in the site after `wp-load.php`; returns what it printed. */
export type RunPhp = ( code: string ) => Promise< string >;

/** What a REST route answered. */
export interface RouteAnswer< T > {
	status: number;
	data: T;
}

const asAdministrator =
	"wp_set_current_user( (int) get_users( array( 'role' => 'administrator', 'number' => 1, 'fields' => 'ID' ) )[0] );";

const printAnswer =
	"echo \"\\n\", wp_json_encode( array( 'status' => $response->get_status(), 'data' => rest_get_server()->response_to_data( $response, false ) ) );";

/** Calls one of the plugin's admin routes as the administrator. */
export async function callPlugin< T >(
	runPhp: RunPhp,
	method: 'GET' | 'POST' | 'PUT',
	route: string,
	body: Record< string, unknown > = {}
): Promise< RouteAnswer< T > > {
	const encoded = Buffer.from( JSON.stringify( body ) ).toString( 'base64' );
	return readAnswer(
		await runPhp( `
			${ asAdministrator }
			$request = new WP_REST_Request( '${ method }', '/docent/v1${ route }' );
			$request->set_header( 'content-type', 'application/json' );
			if ( 'GET' !== '${ method }' ) {
				$request->set_body( base64_decode( '${ encoded }' ) );
			}
			$response = rest_do_request( $request );
			${ printAnswer }
		` )
	);
}

/** Syncs until done; reports progress, and returns the last report. Rejects when the plugin refuses. */
export async function syncKnowledge(
	runPhp: RunPhp,
	report: ( detail: string ) => void = () => {}
): Promise< SyncReport > {
	let answer = await runSteps( runPhp, '/sync' );
	while ( answer.status < 400 && answer.data.status === 'running' ) {
		report( `${ answer.data.sent } of ${ answer.data.total }` );
		answer = await runSteps( runPhp, '/sync/step' );
	}
	if ( answer.status >= 400 ) {
		throw new Error(
			`The plugin answered ${ answer.status }: ${
				answer.data.message ?? 'no reason given'
			}`
		);
	}
	return answer.data;
}

/** Calls a route and then steps for about two seconds: loading WordPress takes longer than a step does. */
async function runSteps(
	runPhp: RunPhp,
	route: string
): Promise< RouteAnswer< SyncReport > > {
	return readAnswer(
		await runPhp( `
			${ asAdministrator }
			$until = microtime( true ) + 2;
			$response = rest_do_request( new WP_REST_Request( 'POST', '/docent/v1${ route }' ) );
			while ( ! $response->is_error() && 'running' === $response->get_data()['status'] && microtime( true ) < $until ) {
				$response = rest_do_request( new WP_REST_Request( 'POST', '/docent/v1/sync/step' ) );
			}
			${ printAnswer }
		` )
	);
}

/** Reads the last line: notices of plugins under development may come before it. */
function readAnswer< T >( printed: string ): RouteAnswer< T > {
	return JSON.parse( printed.trimEnd().split( '\n' ).at( -1 ) ?? '' );
}

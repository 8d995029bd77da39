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

/** Calls one of the plugin's admin routes as the administrator. */
export async function callPlugin< T >(
	runPhp: RunPhp,
	method: 'GET' | 'POST' | 'PUT',
	route: string,
	body: Record< string, unknown > = {}
): Promise< { status: number; data: T } > {
	const encoded = Buffer.from( JSON.stringify( body ) ).toString( 'base64' );
	const printed = await runPhp( `
		wp_set_current_user( (int) get_users( array( 'role' => 'administrator', 'number' => 1, 'fields' => 'ID' ) )[0] );
		$request = new WP_REST_Request( '${ method }', '/docent/v1${ route }' );
		$request->set_header( 'content-type', 'application/json' );
		${
			method === 'GET'
				? ''
				: `$request->set_body( base64_decode( '${ encoded }' ) );`
		}
		$response = rest_do_request( $request );
		echo "\\n", wp_json_encode( array( 'status' => $response->get_status(), 'data' => rest_get_server()->response_to_data( $response, false ) ) );
	` );
	return JSON.parse( printed.trimEnd().split( '\n' ).at( -1 ) ?? '' );
}

/** Syncs until done; reports progress, and returns the last report. Rejects when the plugin refuses. */
export async function syncKnowledge(
	runPhp: RunPhp,
	report: ( detail: string ) => void = () => {}
): Promise< SyncReport > {
	let { status, data } = await callPlugin< SyncReport >(
		runPhp,
		'POST',
		'/sync'
	);
	while ( status < 400 && data.status === 'running' ) {
		report( `${ data.sent } of ${ data.total }` );
		( { status, data } = await callPlugin< SyncReport >(
			runPhp,
			'POST',
			'/sync/step'
		) );
	}
	if ( status >= 400 ) {
		throw new Error(
			`The plugin answered ${ status }: ${ data.message ?? 'no reason given' }`
		);
	}
	return data;
}

/**
 * Reads figures from `docent/v1`.
 */
import apiFetch from '@wordpress/api-fetch';
import { addQueryArgs } from '@wordpress/url';
import type { CallFilter, CallPage, UsageReport } from './types.ts';

const root = '/docent/v1';

/** How many calls one page of the log shows. */
export const CALLS_PER_PAGE = 25;

/** Reads the sums of the days since `from` (`YYYY-MM-DD`) up to today, grouped. */
export function readUsageReport(
	from: string,
	by: ReadonlyArray< 'day' | 'model' | 'tier' | 'kind' | 'cache' >
): Promise< UsageReport > {
	return apiFetch( {
		path: addQueryArgs( `${ root }/usage`, {
			from,
			by: by.join( ',' ),
		} ),
	} );
}

/** Reads one page of the call log. */
export function readCalls(
	filter: CallFilter,
	cursor: string | undefined
): Promise< CallPage > {
	return apiFetch( {
		path: addQueryArgs( `${ root }/calls`, {
			...chosen( filter ),
			limit: CALLS_PER_PAGE,
			cursor,
		} ),
	} );
}

/** Fetches the whole log that fits the filter as a CSV file. */
export async function exportCalls( filter: CallFilter ): Promise< Blob > {
	const response = await apiFetch< Response, false >( {
		path: addQueryArgs( `${ root }/calls/export`, chosen( filter ) ),
		parse: false,
	} );
	return response.blob();
}

/** Leaves out what is not filtered by. */
function chosen( filter: CallFilter ): Partial< CallFilter > {
	return Object.fromEntries(
		Object.entries( filter ).filter( ( [ , value ] ) => value !== '' )
	);
}

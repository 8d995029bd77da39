/**
 * Reads from a page of the documentation which tests it names, and from the tests whether they are there.
 */
import { existsSync, readFileSync } from 'node:fs';

const ROOT = new URL( '../../', import.meta.url );

/** A test that a row of a table names in its last column, as `` `file`: name ``. */
export interface NamedTest {
	/** The first column. */
	row: string;
	file: string;
	name: string;
}

/** Reads a file of the project. */
export const readProjectFile = ( path: string ): string =>
	readFileSync( new URL( path, ROOT ), 'utf8' );

/** Reads the tests that a page names in rows whose first column is `row`, for example `S\d+`. A last column of another form gives an entry without a file. */
export function namedTests( page: string, row: string ): NamedTest[] {
	return [
		...readProjectFile( page ).matchAll(
			new RegExp( `^\\| (${ row }) \\|.*\\| (.*) \\|$`, 'gm' )
		),
	].flatMap( ( [ , number = '', shownBy = '' ] ) =>
		shownBy.split( ' · ' ).map( ( entry ) => {
			const [ , file = '', name = '' ] =
				/^`([^`]+)`: (.+)$/.exec( entry ) ?? [];
			return { row: number, file, name };
		} )
	);
}

/** Tells whether a test stands where the page says. */
export const isThere = ( { file, name }: NamedTest ): boolean =>
	file !== '' &&
	existsSync( new URL( file, ROOT ) ) &&
	readProjectFile( file ).includes( name );

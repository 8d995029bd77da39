/**
 * Reads a multipart form with the reader of Node itself.
 */

/** What the journal says of a file. */
export interface FormFile {
	name: string;
	type: string;
	size: number;
}

/** Splits a form into fields and files; fields named `x[]` are lists called `x`. What is no form at all is its text. */
export async function readForm(
	bytes: Buffer,
	contentType: string
): Promise< { body: unknown; files: Map< string, Uint8Array > } > {
	const files = new Map< string, Uint8Array >();
	const fields: Record< string, unknown > = {};
	let form: FormData;
	try {
		form = await new Response( Uint8Array.from( bytes ), {
			headers: { 'content-type': contentType },
		} ).formData();
	} catch {
		return { body: bytes.toString( 'latin1' ), files };
	}
	for ( const [ name, value ] of form ) {
		if ( typeof value !== 'string' ) {
			files.set( name, new Uint8Array( await value.arrayBuffer() ) );
			fields[ name ] = {
				name: value.name,
				type: value.type,
				size: value.size,
			} satisfies FormFile;
		} else if ( name.endsWith( '[]' ) ) {
			const list = ( fields[ name.slice( 0, -2 ) ] ??= [] ) as string[];
			list.push( value );
		} else {
			fields[ name ] = value;
		}
	}
	return { body: fields, files };
}

/**
 * Writes a form with a file in it (`multipart/form-data`, RFC 7578) in one piece, so that its length is known.
 */
import { randomUUID } from 'node:crypto';

/** A file in a form. */
export interface FormFile {
	/** The name of the field. */
	name: string;
	fileName: string;
	mimeType: string;
	bytes: Uint8Array;
}

/** A form as it is sent. */
export interface FormBody {
	contentType: string;
	body: Uint8Array;
}

/** Writes the fields in their order, then the file. The boundary is random, so that nothing inside can be taken for it. */
export function writeForm(
	fields: ReadonlyArray< readonly [ name: string, value: string ] >,
	file: FormFile
): FormBody {
	const boundary = `docent-${ randomUUID() }`;
	const head = fields
		.map(
			( [ name, value ] ) =>
				`--${ boundary }\r\nContent-Disposition: form-data; name="${ quoted( name ) }"\r\n\r\n${ value }\r\n`
		)
		.join( '' );
	return {
		contentType: `multipart/form-data; boundary=${ boundary }`,
		body: Buffer.concat( [
			Buffer.from(
				`${ head }--${ boundary }\r\nContent-Disposition: form-data; name="${ quoted( file.name ) }"; filename="${ quoted( file.fileName ) }"\r\nContent-Type: ${ file.mimeType }\r\n\r\n`
			),
			file.bytes,
			Buffer.from( `\r\n--${ boundary }--\r\n` ),
		] ),
	};
}

/** As browsers write names. */
function quoted( name: string ): string {
	return name
		.replaceAll( '\r', '%0D' )
		.replaceAll( '\n', '%0A' )
		.replaceAll( '"', '%22' );
}

/**
 * Reads where traces go, from OpenTelemetry's own variables.
 */

/** Where traces go. */
export interface TracesConfig {
	/** The collector's base address, such as `http://localhost:4318`. */
	endpoint: string;
	headers: Record< string, string >;
	serviceName: string;
}

const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/;
const HEADER_VALUE = /^[\x20-\x7e]*$/;

/** Makes the configuration; undefined without an endpoint, which is the default. Adds to `problems` what is wrong, never a value. */
export function readTracesConfig(
	{
		endpoint,
		headers = '',
		serviceName,
	}: {
		endpoint: string | undefined;
		/** `name=value,name=value`, the values percent-encoded. */
		headers: string | undefined;
		serviceName: string;
	},
	problems: string[]
): TracesConfig | undefined {
	if ( endpoint === undefined ) {
		return undefined;
	}
	const read: Record< string, string > = {};
	for ( const pair of headers.split( ',' ) ) {
		if ( pair.trim() === '' ) {
			continue;
		}
		const [ name = '', ...rest ] = pair.split( '=' );
		const value = decode( rest.join( '=' ).trim() );
		if (
			rest.length === 0 ||
			value === undefined ||
			! HEADER_NAME.test( name.trim() ) ||
			! HEADER_VALUE.test( value )
		) {
			problems.push(
				'OTEL_EXPORTER_OTLP_HEADERS: must be name=value pairs separated by commas, the values percent-encoded'
			);
			break;
		}
		read[ name.trim() ] = value;
	}
	return { endpoint, headers: read, serviceName };
}

function decode( text: string ): string | undefined {
	try {
		return decodeURIComponent( text );
	} catch {
		return undefined;
	}
}

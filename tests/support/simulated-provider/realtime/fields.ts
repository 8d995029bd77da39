/**
 * Reads the fields of events, as strictly as the API does.
 */
import { CallError } from './call-error.ts';

/** Fields of an object of the wire. */
export type Fields = Record< string, unknown >;

/** Returns the fields of a value, none when it is left out; throws {@link CallError} when it is no object. */
export function fieldsOf( value: unknown, where: string ): Fields {
	if ( value === undefined ) {
		return {};
	}
	if ( typeof value !== 'object' || value === null ) {
		throw new CallError(
			`Invalid type for '${ where }': expected an object.`,
			'invalid_type',
			where
		);
	}
	return value as Fields;
}

/** Refuses fields that are not known, as the API does. */
export function refuseUnknown(
	fields: Fields,
	known: readonly string[],
	where: string
): void {
	const unknown = Object.keys( fields ).find(
		( name ) => ! known.includes( name )
	);
	if ( unknown !== undefined ) {
		throw new CallError(
			`Unknown parameter: '${ where }.${ unknown }'.`,
			'unknown_parameter',
			`${ where }.${ unknown }`
		);
	}
}

/** Leaves out what has no value. */
export function given( fields: Fields ): Fields {
	return Object.fromEntries(
		Object.entries( fields ).filter(
			( [ , value ] ) => value !== undefined
		)
	);
}

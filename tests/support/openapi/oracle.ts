/**
 * Judges requests and replies against the provider's own OpenAPI description, which nobody here wrote.
 */
import { existsSync, readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

const DESCRIPTION = new URL(
	'../../../../shared/data/openai-openapi.json',
	import.meta.url
);
const PREFIX = '#/components/schemas/';

/** Printed by tests that go on without the description. */
export const ORACLE_LEFT_OUT =
	'LEFT OUT: the wire is not checked against the OpenAPI description, because ../shared/data/openai-openapi.json is not there.';

/** Names the faults of a value, one sentence each; an empty list means that the value is valid. */
export type Oracle = ( schema: string, value: unknown ) => string[];

type Json = Record< string, unknown >;

let loaded: Oracle | undefined;

/** Loads the description once; returns undefined, after saying so aloud, where it is absent. */
export function loadOracle(): Oracle | undefined {
	if ( ! existsSync( DESCRIPTION ) ) {
		process.stderr.write( `${ ORACLE_LEFT_OUT }\n` );
		return undefined;
	}
	loaded ??= createOracle(
		(
			JSON.parse( readFileSync( DESCRIPTION, 'utf8' ) ) as {
				components: { schemas: Record< string, Json > };
			}
		 ).components.schemas
	);
	return loaded;
}

/** Builds an oracle over a set of named schemas. */
export function createOracle( schemas: Record< string, Json > ): Oracle {
	const validators = new Map< string, ValidateFunction >();
	const validatorOf = ( name: string ): ValidateFunction => {
		let validate = validators.get( name );
		if ( ! validate ) {
			const ajv = new Ajv2020( {
				strict: false,
				allErrors: true,
				validateFormats: false,
			} );
			validate = ajv.compile( {
				$ref: PREFIX + name,
				components: { schemas: closure( schemas, name ) },
			} );
			validators.set( name, validate );
		}
		return validate;
	};
	return ( name, value ) => {
		const validate = validatorOf( name );
		const faults = validate( value )
			? []
			: ( validate.errors ?? [] ).map(
					( error ) =>
						`${ name }${ error.instancePath } ${ error.message ?? '' }`
				);
		return [ ...faults, ...unknownFields( schemas, name, value ) ];
	};
}

/** Collects a schema and everything it refers to, turned into plain JSON Schema. */
function closure(
	schemas: Record< string, Json >,
	root: string
): Record< string, unknown > {
	const found: Record< string, unknown > = {};
	const open = [ root ];
	for ( let name = open.pop(); name !== undefined; name = open.pop() ) {
		if ( name in found ) {
			continue;
		}
		found[ name ] = plainSchema( schemas[ name ], ( referred ) =>
			open.push( referred )
		);
	}
	return found;
}

/**
 * Rewrites what OpenAPI adds to JSON Schema: `nullable` becomes a union with null, and `oneOf` becomes `anyOf`, because
 * alternatives in the description overlap.
 */
function plainSchema(
	schema: unknown,
	onReference: ( name: string ) => void
): unknown {
	if ( Array.isArray( schema ) ) {
		return schema.map( ( item ) => plainSchema( item, onReference ) );
	}
	if ( typeof schema !== 'object' || schema === null ) {
		return schema;
	}
	const plain: Json = {};
	for ( const [ key, value ] of Object.entries( schema ) ) {
		if ( key === '$ref' && typeof value === 'string' ) {
			onReference( value.slice( PREFIX.length ) );
			plain.$ref = value;
		} else if ( key === 'properties' ) {
			// Names of properties are not keywords: one may be called `example` or `nullable`.
			plain.properties = Object.fromEntries(
				Object.entries( value as Json ).map( ( [ name, property ] ) => [
					name,
					plainSchema( property, onReference ),
				] )
			);
		} else if (
			! key.startsWith( 'x-' ) &&
			! [ 'nullable', 'discriminator', 'example', 'examples' ].includes(
				key
			)
		) {
			plain[ key === 'oneOf' ? 'anyOf' : key ] = [
				'enum',
				'default',
				'const',
				'required',
			].includes( key )
				? value
				: plainSchema( value, onReference );
		}
	}
	return ( schema as Json ).nullable === true
		? { anyOf: [ plain, { type: 'null' } ] }
		: plain;
}

/** The description tolerates unknown fields, the real API does not: a misspelt field at the top is a fault. */
function unknownFields(
	schemas: Record< string, Json >,
	name: string,
	value: unknown
): string[] {
	if (
		typeof value !== 'object' ||
		value === null ||
		Array.isArray( value )
	) {
		return [];
	}
	const known = propertyNames( schemas, schemas[ name ] );
	return known.size === 0
		? []
		: Object.keys( value )
				.filter( ( field ) => ! known.has( field ) )
				.map( ( field ) => `${ name } has no field ${ field }` );
}

function propertyNames(
	schemas: Record< string, Json >,
	schema: Json | undefined
): Set< string > {
	if ( ! schema ) {
		return new Set();
	}
	if ( typeof schema.$ref === 'string' ) {
		return propertyNames(
			schemas,
			schemas[ schema.$ref.slice( PREFIX.length ) ]
		);
	}
	return new Set( [
		...Object.keys( ( schema.properties as Json | undefined ) ?? {} ),
		...( ( schema.allOf as Json[] | undefined ) ?? [] ).flatMap(
			( part ) => [ ...propertyNames( schemas, part ) ]
		),
	] );
}

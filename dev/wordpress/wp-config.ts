/**
 * Writes a `wp-config.php`.
 */

import { createHash } from 'node:crypto';

export type ConstantValue = string | number | boolean;

export interface WpConfigOptions {
	database: { name: string; user: string; password: string; host: string };
	/** Unguessable text from which the eight keys and salts are derived. */
	saltSeed: string;
	constants: Record< string, ConstantValue >;
}

const saltNames = [ 'AUTH', 'SECURE_AUTH', 'LOGGED_IN', 'NONCE' ].flatMap(
	( name ) => [ `${ name }_KEY`, `${ name }_SALT` ]
);

/** Returns the source of a `wp-config.php` that defines these constants and loads WordPress. */
export function wpConfig( {
	database,
	saltSeed,
	constants,
}: WpConfigOptions ): string {
	const salts = saltNames.map( ( name ): [ string, string ] => [
		name,
		createHash( 'sha256' )
			.update( `${ saltSeed }:${ name }` )
			.digest( 'hex' ),
	] );
	const all: Record< string, ConstantValue > = {
		DB_NAME: database.name,
		DB_USER: database.user,
		DB_PASSWORD: database.password,
		DB_HOST: database.host,
		DB_CHARSET: 'utf8mb4',
		DB_COLLATE: '',
		...Object.fromEntries( salts ),
		...constants,
	};
	return [
		'<?php',
		...Object.entries( all ).map(
			( [ name, value ] ) =>
				`define( '${ name }', ${ phpLiteral( value ) } );`
		),
		"$table_prefix = 'wp_';",
		"defined( 'ABSPATH' ) || define( 'ABSPATH', __DIR__ . '/' );",
		"require_once ABSPATH . 'wp-settings.php';",
		'',
	].join( '\n' );
}

/** Writes a value as PHP source. */
export function phpLiteral( value: ConstantValue ): string {
	return typeof value === 'string'
		? `'${ value.replace( /[\\']/g, '\\$&' ) }'`
		: String( value );
}

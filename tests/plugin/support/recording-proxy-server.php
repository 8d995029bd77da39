<?php
/**
 * Plays the proxy at the wire, for PHP's built-in server: records every request as it came, keeps documents, answers as told.
 *
 * @package Docent
 */

declare(strict_types=1);

$docent_dir    = (string) getenv( 'DOCENT_RECORDING_DIR' );
$docent_body   = (string) file_get_contents( 'php://input' );
$docent_method = (string) $_SERVER['REQUEST_METHOD'];
$docent_path   = (string) strtok( (string) $_SERVER['REQUEST_URI'], '?' );

file_put_contents(
	$docent_dir . '/requests.jsonl',
	json_encode(
		array(
			'method'  => $docent_method,
			'target'  => $_SERVER['REQUEST_URI'],
			'headers' => array_change_key_case( getallheaders() ),
			'body'    => base64_encode( $docent_body ),
		)
	) . "\n",
	FILE_APPEND
);

$docent_read = static fn ( string $name ): array => is_file( $docent_dir . '/' . $name ) ? (array) json_decode( (string) file_get_contents( $docent_dir . '/' . $name ), true ) : array();
$docent_said = static function ( int $status, mixed $body, array $headers = array() ): void {
	http_response_code( $status );
	header( 'Content-Type: application/json' );
	header( 'Date: ' . gmdate( 'D, d M Y H:i:s' ) . ' GMT' );
	foreach ( $headers as $name => $value ) {
		header( $name . ': ' . $value );
	}
	echo is_string( $body ) ? $body : json_encode( $body );
};

$docent_answers = $docent_read( 'answers.json' );
foreach ( array( $docent_method . ' ' . $docent_path, $docent_method . ' *', '*' ) as $docent_key ) {
	if ( isset( $docent_answers[ $docent_key ] ) ) {
		$docent_answer = $docent_answers[ $docent_key ];
		usleep( 1000 * (int) ( $docent_answer['delayMs'] ?? 0 ) );
		$docent_said( (int) $docent_answer['status'], $docent_answer['body'] ?? '', $docent_answer['headers'] ?? array() );
		return true;
	}
}

$docent_documents = $docent_read( 'documents.json' );
$docent_given     = (array) json_decode( $docent_body, true );
if ( 'PUT' === $docent_method && '/v1/site/documents' === $docent_path ) {
	foreach ( $docent_given['documents'] as $docent_document ) {
		$docent_documents[ $docent_document['id'] ] = $docent_document;
	}
	file_put_contents( $docent_dir . '/documents.json', json_encode( $docent_documents ) );
	$docent_said( 200, array( 'accepted' => count( $docent_given['documents'] ), 'rejected' => array() ) );
} elseif ( 'DELETE' === $docent_method && str_starts_with( $docent_path, '/v1/site/documents/' ) ) {
	unset( $docent_documents[ rawurldecode( substr( $docent_path, strlen( '/v1/site/documents/' ) ) ) ] );
	file_put_contents( $docent_dir . '/documents.json', json_encode( (object) $docent_documents ) );
	http_response_code( 204 );
} elseif ( 'POST' === $docent_method && '/v1/site/documents/manifest' === $docent_path ) {
	$docent_hashes = array_column( $docent_given['documents'], 'hash', 'id' );
	$docent_stale  = static fn ( string $id ): bool => isset( $docent_documents[ $id ] ) && $docent_documents[ $id ]['hash'] !== $docent_hashes[ $id ];
	$docent_said(
		200,
		array(
			'missing' => array_values( array_diff( array_keys( $docent_hashes ), array_keys( $docent_documents ) ) ),
			'stale'   => array_values( array_filter( array_keys( $docent_hashes ), $docent_stale ) ),
			'extra'   => array_values( array_diff( array_keys( $docent_documents ), array_keys( $docent_hashes ) ) ),
		)
	);
} elseif ( '/v1/site/settings' === $docent_path ) {
	$docent_settings = array_replace_recursive(
		array(
			'assistant' => array(
				'name'         => 'Docent',
				'instructions' => 'Be brief.',
			),
			'limits'    => array(
				'siteDayNanoUsd'    => 1_000_000_000,
				'siteMonthNanoUsd'  => 20_000_000_000,
				'visitorDayNanoUsd' => 100_000_000,
			),
			'retention' => array( 'conversationHours' => 24 ),
		),
		$docent_read( 'settings.json' ),
		'PUT' === $docent_method ? $docent_given : array()
	);
	file_put_contents( $docent_dir . '/settings.json', json_encode( $docent_settings ) );
	$docent_said( 200, $docent_settings );
} elseif ( 'GET' === $docent_method && '/v1/site/health' === $docent_path ) {
	$docent_check = array(
		'id'      => 'provider',
		'status'  => 'warning',
		'message' => 'No provider is configured.',
		'remedy'  => 'Set OPENAI_API_KEY.',
	);
	$docent_said( 200, array( 'checks' => array( $docent_check ), 'documents' => count( $docent_documents ), 'version' => '1' ) );
} else {
	$docent_said( 404, array( 'error' => array( 'code' => 'not_found', 'message' => 'There is nothing here.', 'requestId' => '1' ) ) );
}
return true;

<?php
/**
 * Is the proxy's copy of the site's content: sends documents to it, removes them, compares the two sides.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent;

defined( 'ABSPATH' ) || exit;

/**
 * Wraps the proxy's three document routes.
 *
 * @phpstan-import-type Document_Data from Document
 */
final class Knowledge {

	private const MAX_DOCUMENTS = 50;
	private const MAX_BYTES     = 4 * MB_IN_BYTES;

	public function __construct( private readonly Proxy_Client $proxy ) {
	}

	/**
	 * Sends documents, in as many requests as their size needs.
	 *
	 * @param list<Document_Data> $documents Documents.
	 * @return array<string, string> Reasons by document id, of those the proxy did not take.
	 * @throws Proxy_Error When the proxy cannot be reached or does not accept this site.
	 */
	public function send( array $documents ): array {
		$rejected = array();
		foreach ( self::batches( $documents ) as $batch ) {
			$rejected += $this->send_batch( $batch );
		}
		return $rejected;
	}

	/**
	 * Removes a document; that it was not there is as good.
	 *
	 * @param string $id Document id.
	 * @throws Proxy_Error When the proxy cannot be reached or does not accept this site.
	 */
	public function remove( string $id ): void {
		try {
			$this->proxy->request( 'DELETE', '/v1/site/documents/' . rawurlencode( $id ) );
		} catch ( Proxy_Error $error ) {
			if ( 404 !== $error->status ) {
				throw $error;
			}
		}
	}

	/**
	 * Asks in what the proxy's copy differs.
	 *
	 * @param array<string, string> $hashes Hashes by document id: all that the proxy should have.
	 * @return array{ missing: list<string>, stale: list<string>, extra: list<string> } Document ids.
	 * @throws Proxy_Error When the proxy cannot be reached or does not accept this site.
	 */
	public function differences( array $hashes ): array {
		$documents = array();
		foreach ( $hashes as $id => $hash ) {
			$documents[] = array(
				'id'   => (string) $id,
				'hash' => $hash,
			);
		}
		$answer = $this->proxy->request( 'POST', '/v1/site/documents/manifest', array( 'documents' => $documents ), Proxy_Client::SYNC_SECONDS );
		$ids    = static fn ( string $key ): array => array_values( array_filter( (array) ( $answer[ $key ] ?? array() ), 'is_string' ) );
		return array(
			'missing' => $ids( 'missing' ),
			'stale'   => $ids( 'stale' ),
			'extra'   => $ids( 'extra' ),
		);
	}

	/**
	 * Sends one request; when the proxy refuses it as a whole, each document alone, so that one bad document stops no other.
	 *
	 * @param list<Document_Data> $batch Documents.
	 * @return array<string, string> Reasons by document id.
	 */
	private function send_batch( array $batch ): array {
		try {
			$answer = $this->proxy->request( 'PUT', '/v1/site/documents', array( 'documents' => $batch ), Proxy_Client::SYNC_SECONDS );
		} catch ( Proxy_Error $error ) {
			if ( ! in_array( $error->status, array( 400, 413, 422 ), true ) ) {
				throw $error;
			}
			if ( 1 === count( $batch ) ) {
				return array( $batch[0]['id'] => $error->getMessage() );
			}
			$rejected = array();
			foreach ( $batch as $document ) {
				$rejected += $this->send_batch( array( $document ) );
			}
			return $rejected;
		}
		$rejected = array();
		foreach ( (array) ( $answer['rejected'] ?? array() ) as $entry ) {
			if ( is_array( $entry ) && is_string( $entry['id'] ?? null ) ) {
				$rejected[ $entry['id'] ] = sanitize_text_field( (string) ( $entry['message'] ?? '' ) );
			}
		}
		return $rejected;
	}

	/**
	 * Cuts a list where a request would hold too many documents or bytes.
	 *
	 * @param list<Document_Data> $documents Documents.
	 * @return list<list<Document_Data>>
	 */
	private static function batches( array $documents ): array {
		$batches = array();
		$batch   = array();
		$bytes   = 0;
		foreach ( $documents as $document ) {
			$size = strlen( (string) wp_json_encode( $document, JSON_UNESCAPED_UNICODE | JSON_INVALID_UTF8_SUBSTITUTE ) ) + 1;
			if ( array() !== $batch && ( count( $batch ) >= self::MAX_DOCUMENTS || $bytes + $size > self::MAX_BYTES - KB_IN_BYTES ) ) {
				$batches[] = $batch;
				$batch     = array();
				$bytes     = 0;
			}
			$batch[] = $document;
			$bytes  += $size;
		}
		return array() === $batch ? $batches : array( ...$batches, $batch );
	}
}

<?php
/**
 * Stands for the proxy in the tests of the plugin: a server on loopback that records what arrives.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent\Tests;

/** Starts once a run; reset() before each test. */
final class Recording_Proxy {

	public const SITE_ID = 'test-site';
	public const SECRET  = 'sEcReT_of_the_test-site_0123456789abcdef';

	private static ?self $instance = null;

	private readonly string $dir;

	private readonly int $port;

	private ?Php_Server $server = null;

	private function __construct() {
		$this->dir = sys_get_temp_dir() . '/docent-recording-' . bin2hex( random_bytes( 6 ) );
		mkdir( $this->dir, 0700 );
		$this->port = Php_Server::free_port();
		$this->start();
		register_shutdown_function(
			function (): void {
				array_map( 'unlink', (array) glob( $this->dir . '/*' ) );
				rmdir( $this->dir );
			}
		);
	}

	/** Returns the one proxy of this run, running. */
	public static function instance(): self {
		self::$instance ??= new self();
		self::$instance->start();
		return self::$instance;
	}

	/** Starts the server if it was stopped. */
	public function start(): void {
		$this->server ??= new Php_Server( $this->port, $this->dir, __DIR__ . '/recording-proxy-server.php', array( 'DOCENT_RECORDING_DIR' => $this->dir ) );
	}

	/** Stops the server, so that connections are refused. */
	public function stop(): void {
		$this->server?->stop();
		$this->server = null;
	}

	/** Forgets what was recorded, kept and told. */
	public function reset(): void {
		array_map( 'unlink', (array) glob( $this->dir . '/*' ) );
	}

	/** Returns the address. */
	public function url(): string {
		return 'http://127.0.0.1:' . $this->port;
	}

	/** Returns the connection string of the test site. */
	public function connection_string(): string {
		return 'docent+http://' . self::SITE_ID . ':' . self::SECRET . '@127.0.0.1:' . $this->port;
	}

	/**
	 * Tells how to answer from now on.
	 *
	 * @param string               $what   `METHOD /path`, `METHOD *` or `*`.
	 * @param int                  $status HTTP status.
	 * @param mixed                $body   JSON value, or a string to send as it is.
	 * @param array<string, mixed> $more   `headers` and `delayMs`.
	 */
	public function answer( string $what, int $status, mixed $body = '', array $more = array() ): void {
		$answers          = $this->read( 'answers.json' );
		$answers[ $what ] = array(
			'status' => $status,
			'body'   => $body,
		) + $more;
		file_put_contents( $this->dir . '/answers.json', json_encode( $answers ) );
	}

	/** Answers as a proxy does again. */
	public function answer_normally(): void {
		file_put_contents( $this->dir . '/answers.json', '{}' );
	}

	/**
	 * Gives the proxy documents it has from earlier.
	 *
	 * @param array<string, array<string, string>> $documents Documents by id.
	 */
	public function keep( array $documents ): void {
		file_put_contents( $this->dir . '/documents.json', json_encode( $documents ) );
	}

	/**
	 * Returns the documents the proxy has.
	 *
	 * @return array<string, array<string, string>>
	 */
	public function documents(): array {
		return $this->read( 'documents.json' );
	}

	/**
	 * Returns the requests that arrived, oldest first.
	 *
	 * @param string $what Only those whose `METHOD target` begins so.
	 * @return list<array{ method: string, target: string, headers: array<string, string>, body: string }>
	 */
	public function requests( string $what = '' ): array {
		$lines    = is_file( $this->dir . '/requests.jsonl' ) ? (array) file( $this->dir . '/requests.jsonl', FILE_IGNORE_NEW_LINES ) : array();
		$requests = array();
		foreach ( $lines as $line ) {
			$request         = json_decode( (string) $line, true );
			$request['body'] = (string) base64_decode( $request['body'], true );
			if ( str_starts_with( $request['method'] . ' ' . $request['target'], $what ) ) {
				$requests[] = $request;
			}
		}
		return $requests;
	}

	/**
	 * Reads a file the server shares.
	 *
	 * @param string $name File name.
	 * @return array<string, mixed>
	 */
	private function read( string $name ): array {
		return is_file( $this->dir . '/' . $name ) ? (array) json_decode( (string) file_get_contents( $this->dir . '/' . $name ), true ) : array();
	}
}

<?php
/**
 * Runs PHP's built-in server for a test run and ends it by its own process handle.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent\Tests;

/** One server process on loopback. */
final class Php_Server {

	private const START_SECONDS = 10;

	/** The process. @var resource */
	private $process;

	/**
	 * Starts a server and waits until it listens.
	 *
	 * @param int                   $port        Port on 127.0.0.1.
	 * @param string                $root        Document root.
	 * @param string                $router      Router script.
	 * @param array<string, string> $environment Further environment variables.
	 */
	public function __construct( public readonly int $port, string $root, string $router, array $environment = array() ) {
		if ( self::listens( $port ) ) {
			throw new \RuntimeException( "Port $port is taken: end what listens there." );
		}
		$process = proc_open(
			array( PHP_BINARY, '-d', 'opcache.enable_cli=1', '-S', '127.0.0.1:' . $port, '-t', $root, $router ),
			array( array( 'file', '/dev/null', 'r' ), array( 'file', '/dev/null', 'w' ), array( 'file', '/dev/null', 'w' ) ),
			$pipes,
			$root,
			// One process, so that ending it ends the server.
			$environment + array_diff_key( getenv(), array( 'PHP_CLI_SERVER_WORKERS' => '' ) )
		);
		if ( false === $process ) {
			throw new \RuntimeException( 'The PHP server could not be started.' );
		}
		$this->process = $process;
		register_shutdown_function( array( $this, 'stop' ) );
		$until = microtime( true ) + self::START_SECONDS;
		while ( ! self::listens( $port ) ) {
			if ( microtime( true ) > $until ) {
				throw new \RuntimeException( "The PHP server on port $port did not start." );
			}
			usleep( 20_000 );
		}
	}

	/** Ends the server. */
	public function stop(): void {
		if ( is_resource( $this->process ) ) {
			proc_terminate( $this->process );
			proc_close( $this->process );
		}
	}

	/** Returns a port nobody listens on. */
	public static function free_port(): int {
		$socket = stream_socket_server( 'tcp://127.0.0.1:0' );
		$name   = false === $socket ? '' : (string) stream_socket_get_name( $socket, false );
		if ( false !== $socket ) {
			fclose( $socket );
		}
		return (int) substr( (string) strrchr( $name, ':' ), 1 );
	}

	/**
	 * Says whether something listens on a port.
	 *
	 * @param int $port Port on 127.0.0.1.
	 */
	public static function listens( int $port ): bool {
		$socket = @fsockopen( '127.0.0.1', $port, $code, $message, 0.2 );
		if ( false === $socket ) {
			return false;
		}
		fclose( $socket );
		return true;
	}
}

<?php
/**
 * Tests how often one address may get a token, and whose address counts.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent\Tests;

use Docent\Atomic_Option;
use Docent\Client_Address;
use Docent\Mint_Limit;

/** Passes the time in, so that no minute turns by chance. */
final class Mint_Limit_Test extends Test_Case {

	private const NOW = 1_800_000_010;

	public function test_allows_thirty_a_minute_and_then_names_the_wait(): void {
		$limit = new Mint_Limit();
		for ( $i = 0; $i < 30; $i++ ) {
			$this->assertSame( 0, $limit->count( '198.51.100.7', self::NOW ) );
		}
		$this->assertSame( 50, $limit->count( '198.51.100.7', self::NOW ) );
		$this->assertSame( 0, $limit->count( '198.51.100.8', self::NOW ), 'Another address is not punished.' );
		$this->assertSame( 0, $limit->count( '198.51.100.7', self::NOW + 50 ), 'The next minute begins anew.' );
	}

	public function test_counts_a_household_of_ipv6_addresses_as_one(): void {
		add_filter( 'docent_mint_limit', array( self::class, 'two' ) );
		$limit = new Mint_Limit();
		$limit->count( '2001:db8:1:2::1', self::NOW );
		$limit->count( '2001:db8:1:2:ffff::2', self::NOW );
		$third = $limit->count( '2001:db8:1:2:aaaa::3', self::NOW );
		$other = $limit->count( '2001:db8:1:3::1', self::NOW );
		remove_filter( 'docent_mint_limit', array( self::class, 'two' ) );
		$this->assertGreaterThan( 0, $third );
		$this->assertSame( 0, $other );
	}

	public static function two(): int {
		return 2;
	}

	public function test_counts_in_the_object_cache_where_that_outlives_the_request(): void {
		$before = wp_using_ext_object_cache( true );
		$limit  = new Mint_Limit();
		for ( $i = 0; $i < 30; $i++ ) {
			$limit->count( '198.51.100.7', self::NOW );
		}
		$wait = $limit->count( '198.51.100.7', self::NOW );
		wp_using_ext_object_cache( (bool) $before );
		$this->assertSame( 50, $wait );
		$this->assertSame( array(), Atomic_Option::beginning_with( Mint_Limit::ROW_PREFIX, 10 ) );
	}

	public function test_keeps_no_address_and_forgets_past_minutes(): void {
		$limit = new Mint_Limit();
		$limit->count( '198.51.100.7', self::NOW - 60 );
		$limit->count( '198.51.100.7', self::NOW );
		$limit->count( '198.51.100.9', self::NOW );
		$names = array_keys( Atomic_Option::beginning_with( Mint_Limit::ROW_PREFIX, 10 ) );
		$this->assertStringNotContainsString( '198.51', implode( ' ', $names ) );
		$limit->forget_past( self::NOW );
		$this->assertCount( 2, Atomic_Option::beginning_with( Mint_Limit::ROW_PREFIX, 10 ) );
		$limit->forget_past( self::NOW + 600 );
		$this->assertSame( array(), Atomic_Option::beginning_with( Mint_Limit::ROW_PREFIX, 10 ) );
	}

	/**
	 * Only listed proxies may forward.
	 *
	 * @dataProvider forwardings
	 */
	public function test_believes_a_forwarded_address_only_from_a_listed_proxy( array $trusted, string $peer, string $forwarded, string $expected ): void {
		$trust   = static fn (): array => $trusted;
		add_filter( 'docent_trusted_proxies', $trust );
		$address = Client_Address::of(
			array(
				'REMOTE_ADDR'          => $peer,
				'HTTP_X_FORWARDED_FOR' => $forwarded,
				'HTTP_CLIENT_IP'       => '192.0.2.66',
			)
		);
		remove_filter( 'docent_trusted_proxies', $trust );
		$this->assertSame( $expected, $address );
	}

	public static function forwardings(): array {
		return array(
			'nobody listed'             => array( array(), '203.0.113.5', '192.0.2.1', '203.0.113.5' ),
			'another peer'              => array( array( '10.0.0.1' ), '203.0.113.5', '192.0.2.1', '203.0.113.5' ),
			'listed'                    => array( array( '10.0.0.1' ), '10.0.0.1', '192.0.2.1', '192.0.2.1' ),
			'listed, visitor lies too'  => array( array( '10.0.0.1' ), '10.0.0.1', '192.0.2.1, 198.51.100.4', '198.51.100.4' ),
			'two listed'                => array( array( '10.0.0.1', '10.0.0.2' ), '10.0.0.1', '198.51.100.4, 10.0.0.2', '198.51.100.4' ),
			'listed, rubbish forwarded' => array( array( '10.0.0.1' ), '10.0.0.1', '<script>', '10.0.0.1' ),
			'no address'                => array( array(), '', '192.0.2.1', '' ),
		);
	}
}

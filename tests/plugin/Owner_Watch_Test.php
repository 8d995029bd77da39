<?php
/**
 * Tests what the owner is told without asking: once by e-mail, and in wp-admin until it is over.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent\Tests;

use Docent\Owner_Notice;
use Docent\Owner_Watch;
use Docent\Plugin;

/** Looks at a proxy that has something to say. */
final class Owner_Watch_Test extends Test_Case {

	/** Messages that WordPress was asked to send. @var list<array<string, mixed>> */
	private array $mails = array();

	protected function setUp(): void {
		parent::setUp();
		delete_option( Owner_Watch::OPTION );
		add_filter( 'pre_wp_mail', array( $this, 'note_mail' ), 10, 2 );
	}

	protected function tearDown(): void {
		remove_filter( 'pre_wp_mail', array( $this, 'note_mail' ) );
		delete_option( Owner_Watch::OPTION );
		parent::tearDown();
	}

	public function note_mail( mixed $is_sent, array $mail ): bool {
		$this->mails[] = $mail;
		return true;
	}

	private function look( array ...$checks ): void {
		$this->proxy->answer( 'GET /v1/site/health', 200, array( 'checks' => $checks ) );
		do_action( Owner_Watch::EVENT );
	}

	private static function soft_limit(): array {
		return array(
			'id'       => 'limit',
			'status'   => 'warning',
			'message'  => '80 % of this month’s limit is spent.',
			'remedy'   => 'Raise it, or leave it.',
			'occasion' => 'soft-limit:2026-11',
		);
	}

	private static function bad_key(): array {
		return array(
			'id'      => 'provider',
			'status'  => 'error',
			'message' => 'The key is not accepted.',
		);
	}

	private static function printed(): string {
		ob_start();
		Owner_Notice::print();
		return (string) ob_get_clean();
	}

	public function test_writes_once_about_a_limit_and_again_in_the_next_month(): void {
		$this->look( self::soft_limit() );
		$this->look( self::soft_limit() );
		$this->look();
		$this->look( self::soft_limit() );
		$this->assertCount( 1, $this->mails );
		$this->assertSame( get_option( 'admin_email' ), $this->mails[0]['to'] );
		$this->assertStringContainsString( '80 % of this month’s limit is spent. Raise it, or leave it.', $this->mails[0]['message'] );
		$this->look( array( 'occasion' => 'soft-limit:2026-12' ) + self::soft_limit() );
		$this->assertCount( 2, $this->mails );
	}

	public function test_writes_about_a_fault_once_and_anew_when_it_comes_back(): void {
		$this->look( self::bad_key() );
		$this->look( self::bad_key() );
		$this->assertCount( 1, $this->mails );
		$this->look();
		$this->assertSame( array(), Owner_Watch::problems() );
		$this->look( self::bad_key() );
		$this->assertCount( 2, $this->mails );
	}

	public function test_leaves_warnings_without_an_occasion_to_the_connection_test(): void {
		do_action( Owner_Watch::EVENT );
		$this->assertSame( array(), Owner_Watch::problems(), 'A proxy without a provider may be what the owner wants.' );
		$this->assertSame( array(), $this->mails );
	}

	public function test_bears_with_a_proxy_that_is_away_for_a_moment(): void {
		$this->proxy->stop();
		do_action( Owner_Watch::EVENT );
		$this->assertSame( array(), $this->mails );
		do_action( Owner_Watch::EVENT );
		$this->assertCount( 1, $this->mails );
		do_action( Owner_Watch::EVENT );
		$this->assertCount( 1, $this->mails );
		$this->proxy->start();
	}

	public function test_writes_to_whom_the_filter_names_or_to_nobody(): void {
		$nobody = static fn (): string => '';
		add_filter( 'docent_owner_email', $nobody );
		$this->look( self::bad_key() );
		remove_filter( 'docent_owner_email', $nobody );
		$this->assertSame( array(), $this->mails );
		$this->assertCount( 1, Owner_Watch::problems(), 'The notice stays.' );
	}

	public function test_shows_a_notice_to_administrators_until_it_is_put_away(): void {
		$this->look( self::soft_limit(), array( 'message' => '<img src=x onerror=alert(1)>Bad key' ) + self::bad_key() );
		set_current_screen( 'dashboard' );
		$this->sign_in_as( 'editor' );
		$this->assertSame( '', self::printed() );
		$this->sign_in_as( 'administrator' );
		$notice = self::printed();
		$this->assertStringContainsString( 'notice-error', $notice );
		$this->assertStringContainsString( '80 % of this month’s limit is spent.', $notice );
		$this->assertStringContainsString( 'Bad key', $notice );
		$this->assertStringNotContainsString( '<img', $notice );
		set_current_screen( 'edit-post' );
		$this->assertSame( '', self::printed() );

		Owner_Watch::dismiss();
		set_current_screen( 'dashboard' );
		$this->assertSame( '', self::printed() );
		$this->look( array( 'occasion' => 'hard-limit:2026-11' ) + self::soft_limit() );
		$this->assertNotSame( '', self::printed(), 'What is new comes up again.' );
		set_current_screen( 'front' );
	}

	public function test_is_scheduled_hourly_and_ends_with_the_plugin(): void {
		wp_clear_scheduled_hook( Owner_Watch::EVENT );
		Plugin::instance()->activate();
		$this->assertSame( 'hourly', wp_get_schedule( Owner_Watch::EVENT ) );
		Plugin::instance()->deactivate();
		$this->assertFalse( wp_next_scheduled( Owner_Watch::EVENT ) );
	}

	public function test_forgets_everything_on_a_site_that_is_not_connected(): void {
		$this->look( self::bad_key() );
		$this->rest_disconnect();
		do_action( Owner_Watch::EVENT );
		$this->assertFalse( get_option( Owner_Watch::OPTION ) );
	}

	private function rest_disconnect(): void {
		$this->sign_in_as( 'administrator' );
		$this->rest( 'DELETE', '/connection' );
	}
}

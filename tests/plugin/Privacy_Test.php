<?php
/**
 * Tests that WordPress's privacy tools reach what the proxy keeps of a person, and say so when they cannot.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent\Tests;

use Docent\Pseudonym;

/** Calls exporter and eraser the way Tools → Export and Erase Personal Data do. */
final class Privacy_Test extends Test_Case {

	public function test_exports_what_the_proxy_keeps_of_a_person(): void {
		$user_id = $this->user( 'subscriber' );
		$this->proxy->answer(
			'GET /v1/site/people/' . Pseudonym::of( $user_id ),
			200,
			array(
				'conversations' => array(
					array(
						'id'    => 'c1',
						'turns' => array( array( 'question' => 'Is <b>this</b> waterproof?', 'answer' => 'Yes.' ) ),
					),
				),
			)
		);
		$result = $this->exporter()( get_userdata( $user_id )->user_email, 1 );
		$this->assertTrue( $result['done'] );
		$this->assertCount( 1, $result['data'] );
		$this->assertSame( 'docent', $result['data'][0]['group_id'] );
		$values = array_column( $result['data'][0]['data'], 'value', 'name' );
		$this->assertSame( 'c1', $values['id'] );
		$this->assertSame( 'Is &lt;b&gt;this&lt;/b&gt; waterproof?', $values['turns 1 question'] );
		$request = $this->proxy->requests()[0];
		$this->assertSame( self::expected_signature( $request ), $request['headers']['x-docent-signature'] );
	}

	public function test_a_person_the_proxy_does_not_know_has_nothing_to_export_or_erase(): void {
		$email = get_userdata( $this->user( 'subscriber' ) )->user_email;
		$this->assertSame( array( 'data' => array(), 'done' => true ), $this->exporter()( $email, 1 ) );
		$this->assertSame( array( 'items_removed' => false, 'items_retained' => false, 'messages' => array(), 'done' => true ), $this->eraser()( $email, 1 ) );
		$this->assertCount( 2, $this->proxy->requests() );
		$this->exporter()( 'nobody@example.com', 1 );
		$this->eraser()( 'nobody@example.com', 1 );
		$this->assertCount( 2, $this->proxy->requests(), 'Of an unknown address nothing is said to the proxy.' );
	}

	public function test_erases_what_the_proxy_keeps_of_a_person(): void {
		$user_id = $this->user( 'subscriber' );
		$this->proxy->answer( 'DELETE *', 200, array( 'erasedConversations' => 2 ) );
		$result = $this->eraser()( get_userdata( $user_id )->user_email, 1 );
		$this->assertTrue( $result['items_removed'] );
		$this->assertTrue( $result['done'] );
		$this->assertCount( 1, $this->proxy->requests( 'DELETE /v1/site/people/' . Pseudonym::of( $user_id ) ) );
	}

	public function test_does_not_claim_to_have_erased_what_was_not_there(): void {
		$this->proxy->answer( 'DELETE *', 200, array( 'erasedConversations' => 0 ) );
		$this->proxy->answer( 'GET *', 200, array( 'turns' => array() ) );
		$email = get_userdata( $this->user( 'subscriber' ) )->user_email;
		$this->assertFalse( $this->eraser()( $email, 1 )['items_removed'] );
		$this->assertSame( array(), $this->exporter()( $email, 1 )['data'] );
	}

	public function test_says_so_when_the_proxy_cannot_be_reached(): void {
		$email = get_userdata( $this->user( 'subscriber' ) )->user_email;
		$this->proxy->stop();
		$exported = $this->exporter()( $email, 1 );
		$erased   = $this->eraser()( $email, 1 );
		$this->proxy->start();
		$this->assertInstanceOf( \WP_Error::class, $exported );
		$this->assertFalse( $erased['items_removed'] );
		$this->assertTrue( $erased['items_retained'] );
		$this->assertStringContainsString( 'could not erase', $erased['messages'][0] );
	}

	public function test_suggests_a_policy_text_with_the_true_retention(): void {
		\Docent\Assistant_View::note_settings( array( 'limits' => array(), 'retention' => array( 'conversationHours' => 48 ) ) );
		$text     = '';
		$doing_it = static function () use ( &$text ): void {
			\Docent\Privacy::suggest_policy();
			$texts = array_column( \WP_Privacy_Policy_Content::get_suggested_policy_text(), 'policy_text', 'plugin_name' );
			$text  = $texts['Docent'];
		};
		// WordPress takes suggestions only in the admin, while admin_init runs.
		set_current_screen( 'dashboard' );
		remove_all_actions( 'admin_init' );
		add_action( 'admin_init', $doing_it );
		do_action( 'admin_init' );
		$GLOBALS['current_screen'] = null;
		$this->assertStringContainsString( 'AI system', $text );
		$this->assertStringContainsString( '48 hours', $text );
		$this->assertStringContainsString( 'no cookies', $text );
	}

	private function exporter(): callable {
		return apply_filters( 'wp_privacy_personal_data_exporters', array() )['docent']['callback'];
	}

	private function eraser(): callable {
		return apply_filters( 'wp_privacy_personal_data_erasers', array() )['docent']['callback'];
	}
}

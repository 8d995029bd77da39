<?php
/**
 * Tests how the owner's choices about voice reach the proxy, and what of them pages, the privacy policy and support get to know.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent\Tests;

use Docent\Assistant_View;
use Docent\Connection_Store;
use Docent\Owner_Watch;
use Docent\Settings;

/** Plays a proxy that speaks. */
final class Voice_Test extends Test_Case {

	private const ROLE = array(
		'id'           => 'storyteller',
		'name'         => 'Storyteller',
		'voice'        => 'ballad',
		'instructions' => 'Slow and warm.',
	);

	private const MODEL = array(
		'model'               => 'gpt-x',
		'heardMinuteNanoUsd'  => 4_500_000,
		'spokenMinuteNanoUsd' => null,
	);

	protected function setUp(): void {
		parent::setUp();
		$this->sign_in_as( 'administrator' );
	}

	/**
	 * Lets the proxy answer settings with these differences.
	 *
	 * @param array<string, mixed> $changes Sections, merged into what the proxy keeps.
	 */
	private function keep( array $changes = array() ): void {
		$settings = array_replace_recursive( self::settings(), $changes );
		foreach ( array( 'GET', 'PUT' ) as $method ) {
			$this->proxy->answer( $method . ' /v1/site/settings', 200, $settings );
		}
	}

	/**
	 * What the proxy keeps for a site whose owner changed nothing, as proxy/src/settings.ts has it.
	 *
	 * @return array<string, mixed>
	 */
	private static function settings(): array {
		return array(
			'assistant'  => array( 'instructions' => '', 'voice' => 'alloy' ),
			'limits'     => array( 'siteDayNanoUsd' => 1, 'siteMonthNanoUsd' => 1, 'visitorDayNanoUsd' => 1, 'softShare' => 0.8, 'voiceSecondsDay' => 1800, 'imagesDay' => 40 ),
			'rateLimits' => array( 'visitorPerMinute' => 5, 'addressPerMinute' => 6, 'sitePerMinute' => 7 ),
			'retention'  => array( 'conversationHours' => 24, 'callDays' => 30 ),
			'modalities' => array( 'voice' => true, 'images' => true, 'video' => true, 'realtime' => false ),
			'voice'      => array(
				'instructions'         => '',
				'roles'                => array( self::ROLE ),
				'speech'               => 'provider',
				'expressive'           => false,
				'browserTranscription' => false,
				'maxQuestionSeconds'   => 60,
				'liveMaxSeconds'       => 600,
				'showSpent'            => false,
				'readAloud'            => true,
				'download'             => false,
			),
			'abilities'  => array_fill_keys( array( 'transcription', 'speech', 'audioChat', 'realtime' ), self::MODEL ),
		);
	}

	/** What pages know after the owner opened the settings. */
	private function seen( array $changes = array() ): array {
		$this->keep( $changes );
		$this->rest( 'GET', '/settings' );
		return Assistant_View::config()['voice'];
	}

	public function test_shows_voice_as_one_object_with_what_a_minute_costs(): void {
		$this->keep();
		$data = $this->rest( 'GET', '/settings' )->get_data();
		$this->assertSame(
			array( 'enabled' => true, 'realtime' => false, 'voice' => 'alloy', 'voiceSecondsDay' => 1800, 'instructions' => '', 'roles' => array( self::ROLE ), 'speech' => 'provider', 'expressive' => false ),
			array_slice( $data['voice'], 0, 8 )
		);
		$this->assertSame( self::MODEL, $data['voice']['abilities']['transcription'] );
		$this->assertSame( 40, $data['limits']['imagesDay'] );
		$this->assertSame( array( 'visitorPerMinute' => 5, 'addressPerMinute' => 6, 'sitePerMinute' => 7 ), $data['rateLimits'] );
		$this->assertSame( array( 'conversationHours' => 24, 'callDays' => 30 ), $data['retention'] );
		$this->assertSame( array( 'isMadeAhead' => false ), $data['readAloud'] );
	}

	public function test_a_proxy_without_voice_shows_none_and_pages_offer_none(): void {
		$data = $this->rest( 'GET', '/settings' )->get_data();
		$this->assertNull( $data['voice'] );
		$this->assertArrayNotHasKey( 'limitsError', $data );
		$this->assertFalse( Assistant_View::config()['voice']['isOffered'] );
	}

	public function test_a_change_goes_to_the_sections_of_the_proxy(): void {
		$this->keep();
		$response = $this->rest(
			'PUT',
			'/settings',
			array(
				'voice'      => array( 'enabled' => true, 'realtime' => true, 'voice' => 'nova', 'voiceSecondsDay' => 600, 'roles' => array(), 'speech' => 'browser' ),
				'limits'     => array( 'imagesDay' => 0 ),
				'rateLimits' => array( 'visitorPerMinute' => 9 ),
				'retention'  => array( 'callDays' => 14 ),
				'readAloud'  => array( 'isMadeAhead' => true ),
			)
		);
		$this->assertSame( 200, $response->get_status() );
		$this->assertSame(
			array(
				'limits'     => array( 'imagesDay' => 0, 'voiceSecondsDay' => 600, 'timeZone' => wp_timezone_string() ),
				'rateLimits' => array( 'visitorPerMinute' => 9 ),
				'retention'  => array( 'callDays' => 14 ),
				'modalities' => array( 'voice' => true, 'realtime' => true ),
				'assistant'  => array( 'voice' => 'nova' ),
				'voice'      => array( 'roles' => array(), 'speech' => 'browser' ),
			),
			json_decode( $this->proxy->requests( 'PUT /v1/site/settings' )[0]['body'], true )
		);
		$this->assertTrue( Settings::all()['speechIsMadeAhead'] );
		$this->assertTrue( $response->get_data()['readAloud']['isMadeAhead'] );
	}

	public function test_what_is_only_of_this_site_does_not_ask_the_proxy_to_change(): void {
		$this->keep();
		$this->rest( 'PUT', '/settings', array( 'readAloud' => array( 'isMadeAhead' => true ) ) );
		$this->assertSame( array(), $this->proxy->requests( 'PUT' ) );
	}

	/**
	 * The schema keeps out what the proxy would refuse.
	 *
	 * @dataProvider bad_choices
	 */
	public function test_refuses_what_the_proxy_would_refuse( array $data ): void {
		$this->assertSame( 400, $this->rest( 'PUT', '/settings', $data )->get_status() );
		$this->assertSame( array(), $this->proxy->requests() );
	}

	public static function bad_choices(): array {
		$role = static fn ( array $changes ): array => array( 'voice' => array( 'roles' => array( array_merge( self::ROLE, $changes ) ) ) );
		return array(
			'unknown choice'      => array( array( 'voice' => array( 'loud' => true ) ) ),
			'abilities'           => array( array( 'voice' => array( 'abilities' => array() ) ) ),
			'who speaks'          => array( array( 'voice' => array( 'speech' => 'parrot' ) ) ),
			'no voice'            => array( array( 'voice' => array( 'voice' => ' ' ) ) ),
			'short question'      => array( array( 'voice' => array( 'maxQuestionSeconds' => 4 ) ) ),
			'long question'       => array( array( 'voice' => array( 'maxQuestionSeconds' => 121 ) ) ),
			'long conversation'   => array( array( 'voice' => array( 'liveMaxSeconds' => 7201 ) ) ),
			'less than no voice'  => array( array( 'voice' => array( 'voiceSecondsDay' => -1 ) ) ),
			'long instructions'   => array( array( 'voice' => array( 'instructions' => str_repeat( 'x', 1001 ) ) ) ),
			'id of a role'        => array( $role( array( 'id' => 'Über uns' ) ) ),
			'name of a role'      => array( $role( array( 'name' => ' ' ) ) ),
			'more in a role'      => array( $role( array( 'pitch' => 2 ) ) ),
			'less in a role'      => array( array( 'voice' => array( 'roles' => array( array( 'id' => 'a', 'name' => 'A' ) ) ) ) ),
			'many roles'          => array( array( 'voice' => array( 'roles' => array_fill( 0, 21, self::ROLE ) ) ) ),
			'questions a minute'  => array( array( 'rateLimits' => array( 'visitorPerMinute' => 0 ) ) ),
			'unknown rate'        => array( array( 'rateLimits' => array( 'moonPerMinute' => 1 ) ) ),
			'days of the log'     => array( array( 'retention' => array( 'callDays' => 0 ) ) ),
			'pictures'            => array( array( 'limits' => array( 'imagesDay' => -1 ) ) ),
			'made ahead, perhaps' => array( array( 'readAloud' => array( 'isMadeAhead' => 'perhaps' ) ) ),
		);
	}

	public function test_pages_know_what_is_offered_without_asking_anybody(): void {
		global $wpdb;
		$voice = $this->seen( array( 'modalities' => array( 'realtime' => true ), 'voice' => array( 'maxQuestionSeconds' => 30, 'download' => true ) ) );
		$this->assertSame(
			array( 'isOffered' => true, 'kinds' => array( 'cascade', 'live' ), 'maxSeconds' => 30, 'browserTranscription' => false, 'speech' => 'provider', 'readAloud' => true, 'download' => true, 'showSpent' => false, 'roles' => array( array( 'id' => 'storyteller', 'name' => 'Storyteller' ) ), 'hears' => true ),
			$voice
		);
		wp_cache_flush();
		wp_load_alloptions();
		$before = $wpdb->num_queries;
		$asked  = count( $this->proxy->requests() );
		$config = Assistant_View::config();
		$this->assertSame( $before, $wpdb->num_queries );
		$this->assertCount( $asked, $this->proxy->requests() );
		$this->assertSame( $voice, $config['voice'] );
		$this->assertStringEndsWith( '/docent/build/worklets/', $config['workletUrl'] );
		$this->assertSame( \Docent\VERSION, $config['workletVersion'] );
		$this->assertStringNotContainsString( 'Slow and warm', (string) wp_json_encode( $config ), 'How a role speaks is between owner and model.' );
	}

	/**
	 * A microphone that can only fail is worse than none.
	 *
	 * @dataProvider offers
	 */
	public function test_a_kind_counts_when_it_is_switched_on_and_has_a_model_and_a_key( array $changes, array $kinds ): void {
		$voice = $this->seen( $changes );
		$this->assertSame( $kinds, $voice['kinds'] );
		$this->assertSame( array() !== $kinds, $voice['isOffered'] );
	}

	public static function offers(): array {
		$no_key = array( 'abilities' => array_fill_keys( array( 'transcription', 'speech', 'audioChat', 'realtime' ), null ) );
		$all_on = array( 'modalities' => array( 'realtime' => true ), 'voice' => array( 'expressive' => true ) );
		return array(
			'voice alone'              => array( array(), array( 'cascade' ) ),
			'everything'               => array( $all_on, array( 'cascade', 'expressive', 'live' ) ),
			'everything but voice'     => array( array_replace_recursive( $all_on, array( 'modalities' => array( 'voice' => false ) ) ), array() ),
			'no key'                   => array( $all_on + $no_key, array() ),
			'nobody to write it down'  => array( array_replace_recursive( $all_on, array( 'abilities' => array( 'transcription' => null ) ) ), array() ),
			'no live model'            => array( array_replace_recursive( $all_on, array( 'abilities' => array( 'realtime' => null ) ) ), array( 'cascade', 'expressive' ) ),
		);
	}

	public function test_a_proxy_that_does_not_tell_of_keys_is_taken_at_the_owners_word(): void {
		$settings = self::settings();
		unset( $settings['abilities'] );
		$this->proxy->answer( 'GET /v1/site/settings', 200, $settings );
		$this->assertNull( $this->rest( 'GET', '/settings' )->get_data()['voice']['abilities'] );
		$this->assertSame( array( 'cascade' ), Assistant_View::config()['voice']['kinds'] );
		$this->assertNull( Assistant_View::config()['voice']['hears'] );
	}

	public function test_without_a_model_that_speaks_the_browser_does(): void {
		$voice = $this->seen( array( 'abilities' => array( 'speech' => null ) ) );
		$this->assertSame( 'browser', $voice['speech'] );
		$this->assertFalse( $voice['readAloud'] );
		$this->assertTrue( $voice['isOffered'] );
	}

	public function test_where_the_browser_speaks_it_reads_pages_too(): void {
		$voice = $this->seen( array( 'voice' => array( 'speech' => 'browser' ) ) );
		$this->assertSame( 'browser', $voice['speech'] );
		$this->assertFalse( $voice['readAloud'] );
	}

	public function test_nothing_is_offered_without_a_connection_and_all_again_with_it(): void {
		$this->seen();
		$connection = ( new Connection_Store() )->load();
		( new Connection_Store() )->forget();
		Assistant_View::refresh();
		$this->assertFalse( Assistant_View::config()['voice']['isOffered'] );
		( new Connection_Store() )->save( $connection );
		Assistant_View::refresh();
		$this->assertTrue( Assistant_View::config()['voice']['isOffered'] );
	}

	public function test_what_changed_at_the_proxy_reaches_pages_within_the_hour(): void {
		$this->seen();
		$this->keep( array( 'modalities' => array( 'voice' => false ), 'retention' => array( 'conversationHours' => 3 ) ) );
		do_action( Owner_Watch::EVENT );
		$this->assertFalse( Assistant_View::config()['voice']['isOffered'] );
		$this->assertSame( 3, Assistant_View::config()['retentionHours'] );

		$this->keep();
		$this->proxy->stop();
		do_action( Owner_Watch::EVENT );
		$this->proxy->start();
		$this->assertFalse( Assistant_View::config()['voice']['isOffered'], 'Nobody told otherwise.' );
		do_action( Owner_Watch::EVENT );
		$this->assertTrue( Assistant_View::config()['voice']['isOffered'] );
	}

	public function test_damaged_choices_offer_nothing(): void {
		foreach ( array( 'rubbish', array( 'voice' => 'yes' ), array( 'voice' => array( 'isOffered' => true, 'kinds' => array( 'telepathy' ), 'maxSeconds' => -1, 'roles' => array( 'x', array( 'id' => 3 ) ) ) ) ) as $damage ) {
			update_option( Assistant_View::OPTION, $damage );
			$voice = Assistant_View::config()['voice'];
			$this->assertFalse( $voice['isOffered'] );
			$this->assertContains( $voice['maxSeconds'], array( 5, 60 ) );
			$this->assertSame( array(), $voice['roles'] );
		}
	}

	public function test_a_block_without_voice_has_no_microphone_and_the_launcher_has_one(): void {
		$this->seen();
		$html = static fn ( string $attributes ): string => do_blocks( '<!-- wp:docent/assistant ' . $attributes . ' /-->' );
		$this->assertStringContainsString( 'data-docent="microphone"', $html( '{}' ) );
		$this->assertStringContainsString( 'data-docent="microphone"', $html( '{"display":"launcher"}' ) );
		$this->assertStringNotContainsString( 'data-docent="microphone"', $html( '{"modalities":["text"]}' ) );
		$this->seen( array( 'modalities' => array( 'voice' => false ) ) );
		$this->assertStringNotContainsString( 'data-docent="microphone"', $html( '{}' ) );
	}

	public function test_the_privacy_policy_tells_of_voice_where_it_is_offered(): void {
		$this->seen( array( 'modalities' => array( 'realtime' => true ), 'voice' => array( 'browserTranscription' => true ) ) );
		$text = $this->policy();
		$this->assertStringContainsString( 'The recording is not stored; the words are kept', $text );
		$this->assertStringContainsString( 'In a live conversation', $text );
		$this->assertStringContainsString( 'on your own device', $text );
		$this->assertStringContainsString( '30 days', $text, 'As long as the log of calls is kept.' );
		$this->seen( array( 'modalities' => array( 'voice' => false ) ) );
		$this->assertStringNotContainsString( 'microphone', $this->policy() );
	}

	public function test_support_sees_whether_there_is_a_key_to_hear_with_and_what_is_offered(): void {
		$line = static fn (): string => apply_filters( 'debug_information', array() )['docent']['fields']['voice']['value'];
		$this->seen();
		$this->assertSame( 'key to hear with: yes, kinds: cascade, speech: provider, read aloud: provider', $line() );
		$this->seen( array( 'abilities' => array_fill_keys( array( 'transcription', 'speech', 'audioChat', 'realtime' ), null ) ) );
		$this->assertSame( 'key to hear with: no, kinds: none, speech: browser, read aloud: browser', $line() );
	}

	/** Returns the suggested text, of which WordPress takes notice only in the admin, while admin_init runs. */
	private function policy(): string {
		$text     = '';
		$doing_it = static function () use ( &$text ): void {
			\Docent\Privacy::suggest_policy();
			$texts = array_column( \WP_Privacy_Policy_Content::get_suggested_policy_text(), 'policy_text', 'plugin_name' );
			$text  = $texts['Docent'];
		};
		set_current_screen( 'dashboard' );
		remove_all_actions( 'admin_init' );
		add_action( 'admin_init', $doing_it );
		do_action( 'admin_init' );
		$GLOBALS['current_screen'] = null;
		return $text;
	}
}

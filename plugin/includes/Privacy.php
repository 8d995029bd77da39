<?php
/**
 * Connects Docent with WordPress's privacy tools: policy text, export and erasure of what the proxy keeps of a person.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent;

defined( 'ABSPATH' ) || exit;

/**
 * Reaches the proxy's data of signed-in people by their pseudonym. Guests cannot be told apart, so nothing of theirs can be found. Of what was
 * spoken only the words are kept, so they are exported and erased with what was typed.
 *
 * @phpstan-import-type Voice from Voice_View
 */
final class Privacy {

	private const ID = 'docent';

	public function __construct( private readonly Connection_Store $connections, private readonly Proxy_Client $proxy ) {
	}

	/** Suggests a text for the privacy policy. */
	public static function suggest_policy(): void {
		$config     = Assistant_View::config();
		$hours      = $config['retentionHours'];
		$days       = Assistant_View::call_days();
		$paragraphs = array(
			__( 'This site has an assistant that answers questions from the content of this site. It is an AI system, not a person.', 'docent' ),
			__( 'When you ask it something, your question, the page you are on and, if you agree to it, your voice or pictures are sent to a server that the operator of this site runs or rents, and from there to the provider of the AI model. The answer comes back the same way.', 'docent' ),
			sprintf(
				/* translators: %d: number of hours. */
				_n( 'Questions and answers are kept for %d hour, so that you can go on with a conversation, and are then deleted. Recordings and pictures are not kept.', 'Questions and answers are kept for %d hours, so that you can go on with a conversation, and are then deleted. Recordings and pictures are not kept.', $hours, 'docent' ),
				$hours
			),
			...self::voice_paragraphs( $config['voice'] ),
			sprintf(
				/* translators: %d: number of days. */
				_n( 'When you asked, which AI model answered and what that cost is kept for %d day, without your words and under a pseudonym.', 'When you asked, which AI model answered and what that cost is kept for %d days, without your words and under a pseudonym.', $days, 'docent' ),
				$days
			),
			__( 'The assistant sets no cookies. Until you close the tab, your browser keeps the conversation and a random number that stands for you. If you are signed in, a pseudonym that only this site can resolve goes with your questions, so that your data can be exported and erased on request.', 'docent' ),
		);
		wp_add_privacy_policy_content( __( 'Docent', 'docent' ), wp_kses_post( '<p>' . implode( '</p><p>', $paragraphs ) . '</p>' ) );
	}

	/**
	 * Writes what is to be said of voice where it is offered.
	 *
	 * @param Voice $voice What pages know of voice.
	 * @return list<string>
	 */
	private static function voice_paragraphs( array $voice ): array {
		if ( ! $voice['isOffered'] ) {
			return array();
		}
		$paragraphs = array( __( 'You can also speak with the assistant. The microphone is asked for when you press its button, and only after you agreed. Your voice is then sent to that server and from there to the provider of the AI model, which writes down what you said. The recording is not stored; the words are kept like a question that you typed.', 'docent' ) );
		if ( in_array( 'live', $voice['kinds'], true ) ) {
			$paragraphs[] = __( 'In a live conversation your voice is sent as long as the conversation lasts and the microphone is not muted. It is not recorded; what both sides said is kept as text.', 'docent' );
		}
		if ( $voice['browserTranscription'] ) {
			$paragraphs[] = __( 'If your browser can write down speech on your own device, it does so, and only the words are sent.', 'docent' );
		}
		return $paragraphs;
	}

	/**
	 * Adds the exporter.
	 *
	 * @param array<string, array<string, mixed>> $exporters Exporters by id.
	 * @return array<string, array<string, mixed>>
	 */
	public function add_exporter( array $exporters ): array {
		$exporters[ self::ID ] = array(
			'exporter_friendly_name' => __( 'Docent conversations, typed and spoken', 'docent' ),
			'callback'               => array( $this, 'export' ),
		);
		return $exporters;
	}

	/**
	 * Adds the eraser.
	 *
	 * @param array<string, array<string, mixed>> $erasers Erasers by id.
	 * @return array<string, array<string, mixed>>
	 */
	public function add_eraser( array $erasers ): array {
		$erasers[ self::ID ] = array(
			'eraser_friendly_name' => __( 'Docent conversations, typed and spoken', 'docent' ),
			'callback'             => array( $this, 'erase' ),
		);
		return $erasers;
	}

	/**
	 * Exports what the proxy keeps of a person.
	 *
	 * @param string $email Address of the person.
	 * @return array{ data: list<array<string, mixed>>, done: bool }|\WP_Error
	 */
	public function export( string $email ): array|\WP_Error {
		$target = $this->target( $email );
		if ( null === $target ) {
			return array(
				'data' => array(),
				'done' => true,
			);
		}
		try {
			$answer = $this->proxy->request( 'GET', $target, null, Proxy_Client::SYNC_SECONDS );
		} catch ( Proxy_Error $error ) {
			if ( 404 !== $error->status ) {
				return $error->to_wp_error();
			}
			$answer = array();
		}
		$data   = array();
		$number = 0;
		foreach ( $answer as $kind => $records ) {
			foreach ( is_array( $records ) && array_is_list( $records ) ? $records : array( $records ) as $record ) {
				++$number;
				$fields = self::fields( is_array( $record ) ? $record : array( (string) $kind => $record ) );
				if ( array() !== $fields ) {
					$data[] = array(
						'group_id'    => self::ID,
						'group_label' => __( 'Docent conversations', 'docent' ),
						'item_id'     => self::ID . '-' . sanitize_key( (string) $kind ) . '-' . $number,
						'data'        => $fields,
					);
				}
			}
		}
		return array(
			'data' => $data,
			'done' => true,
		);
	}

	/**
	 * Erases what the proxy keeps of a person.
	 *
	 * @param string $email Address of the person.
	 * @return array{ items_removed: bool, items_retained: bool, messages: list<string>, done: bool }
	 */
	public function erase( string $email ): array {
		$target = $this->target( $email );
		$result = array(
			'items_removed'  => false,
			'items_retained' => false,
			'messages'       => array(),
			'done'           => true,
		);
		if ( null === $target ) {
			return $result;
		}
		try {
			$answer = $this->proxy->request( 'DELETE', $target, null, Proxy_Client::SYNC_SECONDS );
			return array_merge( $result, array( 'items_removed' => 0 !== ( $answer['erasedConversations'] ?? null ) ) );
		} catch ( Proxy_Error $error ) {
			if ( 404 === $error->status ) {
				return $result;
			}
			/* translators: %s: reason. */
			$message = sprintf( __( 'Docent could not erase the conversations kept at the proxy: %s', 'docent' ), $error->getMessage() );
			return array_merge(
				$result,
				array(
					'items_retained' => true,
					'messages'       => array( esc_html( $message ) ),
				)
			);
		}
	}

	/** Returns the proxy's route of a person, null when there is nobody to ask about or nobody to ask. */
	private function target( string $email ): ?string {
		$user = get_user_by( 'email', $email );
		if ( ! $user instanceof \WP_User || null === $this->connections->load_usable() ) {
			return null;
		}
		return '/v1/site/people/' . Pseudonym::of( $user->ID );
	}

	/**
	 * Writes a record as names and values.
	 *
	 * @param array<mixed> $record Part of the proxy's answer.
	 * @param string       $path   Names above it.
	 * @return list<array{ name: string, value: string }>
	 */
	private static function fields( array $record, string $path = '' ): array {
		$fields = array();
		foreach ( $record as $name => $value ) {
			$label = '' === $path ? (string) $name : $path . ' ' . ( is_int( $name ) ? $name + 1 : $name );
			if ( is_array( $value ) ) {
				array_push( $fields, ...self::fields( $value, $label ) );
			} elseif ( null !== $value && '' !== $value ) {
				$fields[] = array(
					'name'  => esc_html( $label ),
					'value' => esc_html( is_bool( $value ) ? ( $value ? 'true' : 'false' ) : (string) $value ),
				);
			}
		}
		return $fields;
	}
}

<?php
/**
 * Answers POST docent/v1/token: gives a visitor's browser the token with which it speaks to the proxy.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent;

defined( 'ABSPATH' ) || exit;

/**
 * The one public route. It takes no nonce, because pages are cached for longer than a nonce lives; it reads the visitor's
 * login only to add a pseudonym, sets no cookie, and tells every cache to keep away.
 */
final class Token_Route {

	public function __construct( private readonly Connection_Store $connections, private readonly Mint_Limit $limit ) {
	}

	/** Registers the route. */
	public function register(): void {
		register_rest_route(
			Plugin::REST_NAMESPACE,
			'/token',
			array(
				'methods'             => 'POST',
				'callback'            => array( $this, 'answer' ),
				// Anyone who reads the site may ask it something; answer() checks the origin and the rate instead.
				'permission_callback' => '__return_true',
				'args'                => array(
					'consent'  => array(
						'description' => __( 'What the visitor agreed to send; nothing, for listening.', 'docent' ),
						'type'        => 'array',
						'required'    => true,
						'uniqueItems' => true,
						'items'       => array(
							'type' => 'string',
							'enum' => Visitor_Token::MODALITIES,
						),
					),
					'previous' => array(
						'description' => __( 'The earlier token, so that the conversation goes on.', 'docent' ),
						'type'        => 'string',
						'maxLength'   => 4096,
					),
				),
			)
		);
	}

	/**
	 * Checks who asks, then issues a token.
	 *
	 * @param \WP_REST_Request<array<string, mixed>> $request Request with `consent` and perhaps `previous`.
	 */
	public function answer( \WP_REST_Request $request ): \WP_REST_Response {
		$origin = (string) $request->get_header( 'origin' );
		if ( ! in_array( $origin, Site_Origin::all(), true ) ) {
			return self::refusal( 'docent_wrong_origin', __( 'This assistant answers only on its own site.', 'docent' ), 403 );
		}

		$connection = Off_Switch::is_off() ? null : $this->connections->load_usable();
		if ( null === $connection ) {
			return self::refusal( 'docent_not_connected', __( 'The assistant is not available right now.', 'docent' ), 503 );
		}

		$now  = time();
		$wait = $this->limit->count( Client_Address::of( $_SERVER ), $now );
		if ( $wait > 0 ) {
			$refusal = self::refusal( 'docent_rate_limited', __( 'Too many requests from your network. Please try again in a minute.', 'docent' ), 429 );
			$refusal->header( 'Retry-After', (string) $wait );
			return $refusal;
		}

		$tokens   = new Visitor_Token( $connection );
		$user     = self::signed_in_pseudonym();
		$previous = $request->get_param( 'previous' );
		$earlier  = is_string( $previous ) ? $tokens->renewable( $previous, $now ) : null;
		// A guest who signs in keeps the conversation; whoever comes after a signed-in person on the same browser does not.
		$keeps      = null !== $earlier && ( null === $earlier['user'] || $earlier['user'] === $user );
		$visitor_id = $keeps ? $earlier['visitorId'] : Visitor_Token::new_visitor_id();

		return new \WP_REST_Response( $tokens->issue( $visitor_id, $origin, array_values( (array) $request['consent'] ), $user, $now ) );
	}

	/** Reads the login cookie itself: without a nonce WordPress treats a REST request as a guest's. */
	private static function signed_in_pseudonym(): ?string {
		$user_id = wp_validate_auth_cookie( '', 'logged_in' );
		return false === $user_id ? null : Pseudonym::of( $user_id );
	}

	private static function refusal( string $code, string $message, int $status ): \WP_REST_Response {
		return rest_convert_error_to_response( new \WP_Error( $code, $message, array( 'status' => $status ) ) );
	}
}

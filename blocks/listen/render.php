<?php
/**
 * Renders the player that reads an article aloud: the same bytes for everyone, so that a page cache may keep them.
 *
 * @package Docent
 *
 * @var array<string, mixed> $attributes Attributes of the block.
 * @var WP_Block             $block      The block.
 */

declare( strict_types=1 );

// A feed reader has a voice of its own, or none.
if ( ! class_exists( '\Docent\Assistant_View' ) || is_feed() ) {
	return;
}

$docent_config  = \Docent\Assistant_View::config();
$docent_post    = get_post( (int) ( $block->context['postId'] ?? get_queried_object_id() ) );
$docent_section = 'section' === ( $attributes['what'] ?? '' );
$docent_label   = is_string( $attributes['label'] ?? null ) ? trim( $attributes['label'] ) : '';
if ( '' === $docent_label ) {
	$docent_label = $docent_section ? __( 'Listen to this section', 'docent' ) : __( 'Listen to this article', 'docent' );
}
$docent_role = is_string( $attributes['voiceRole'] ?? null ) ? $attributes['voiceRole'] : '';
// Without a recording to be had the visitor's browser reads what stands on the page.
$docent_is_recorded = $docent_config['isConnected'] && $docent_config['voice']['readAloud'] && $docent_post instanceof \WP_Post && \Docent\Public_Content::includes( $docent_post );
$docent_id          = wp_unique_id( 'docent-listen-' );

$docent_shapes = array(
	'play'     => 'M7 4.5v15l12-7.5Z',
	'pause'    => 'M7 5h3.5v14H7zM13.5 5H17v14h-3.5z',
	'previous' => 'M6 5.5v13M19 6 9 12l10 6Z',
	'next'     => 'M18 5.5v13M5 6l10 6-10 6Z',
	'download' => 'M12 4v11m-5-4.5 5 5 5-5M5 19.5h14',
	'close'    => 'm6.5 6.5 11 11m0-11-11 11',
);
$docent_icon   = static fn ( string $name ): string => sprintf(
	'<svg class="docent-listen__icon docent-listen__icon--%1$s" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" focusable="false"><path d="%2$s"/></svg>',
	$name,
	$docent_shapes[ $name ]
);
$docent_tool   = static fn ( string $name, string $label ): string => sprintf(
	'<button type="button" class="docent-listen__tool" data-docent="%1$s" aria-label="%2$s">%3$s</button>',
	esc_attr( $name ),
	esc_attr( $label ),
	$docent_icon( $name )
);

// One set of words and addresses for all players of a page, printed as JSON, which no content policy minds.
if ( ! wp_interactivity_config( 'docent/listen' ) ) {
	wp_interactivity_config(
		'docent/listen',
		array(
			'tokenUrl'   => $docent_config['tokenUrl'],
			'proxyUrl'   => $docent_config['proxyUrl'],
			'workletUrl' => add_query_arg( 'ver', $docent_config['workletVersion'], $docent_config['workletUrl'] ),
			'siteName'   => $docent_config['siteName'],
			'strings'    => array(
				'pause'          => __( 'Pause', 'docent' ),
				'goOn'           => __( 'Continue', 'docent' ),
				'again'          => __( 'Listen again', 'docent' ),
				'loading'        => __( 'Getting ready…', 'docent' ),
				'paused'         => __( 'Paused.', 'docent' ),
				'ended'          => __( 'That was all.', 'docent' ),
				'blocked'        => __( 'The browser holds the sound back. Tap the button once more.', 'docent' ),
				'failed'         => __( 'This cannot be read aloud here. Your browser has no voice for it.', 'docent' ),
				'nothing'        => __( 'There is no text here to read.', 'docent' ),
				'recordedVoice'  => __( 'Read by an AI voice.', 'docent' ),
				'browserVoice'   => __( 'Read by your browser’s own voice.', 'docent' ),
				'fallback'       => __( 'The recording is not available right now, so your browser’s own voice reads.', 'docent' ),
				'resumed'        => __( 'Continued where you stopped.', 'docent' ),
				'silentSwitch'   => __( 'No sound? Check the silent switch and the volume.', 'docent' ),
				/* translators: 1: number of the sentence, 2: number of all sentences, 3: time, such as 1:05, 4: whole time. */
				'position'       => __( 'Sentence %1$s of %2$s, %3$s of %4$s', 'docent' ),
				'downloading'    => __( 'Putting the recording together…', 'docent' ),
				'downloadFailed' => __( 'The recording is not complete at the moment. Please try again later.', 'docent' ),
			),
		)
	);
}

$docent_wrapper = array(
	'class'                => 'docent-listen wp-exclude-emoji',
	'data-wp-interactive'  => 'docent/listen',
	'data-wp-context'      => (string) wp_json_encode(
		array(
			'documentId' => $docent_is_recorded ? \Docent\Document::id( $docent_post->ID ) : '',
			'title'      => $docent_post instanceof \WP_Post ? wp_strip_all_tags( get_the_title( $docent_post ) ) : '',
			'what'       => $docent_section ? 'section' : 'article',
			'voiceRole'  => $docent_role,
		),
		JSON_HEX_TAG | JSON_HEX_APOS | JSON_HEX_QUOT | JSON_HEX_AMP
	),
	'data-wp-on--click'    => 'actions.press',
	'data-wp-on--input'    => 'actions.move',
	'data-wp-on--change'   => 'actions.change',
	'role'                 => 'group',
	'aria-label'           => $docent_label,
);

// phpcs:disable WordPress.Security.EscapeOutput.OutputNotEscaped -- The wrapper is escaped by WordPress, icons and tools are built above.
?>
<div <?php echo get_block_wrapper_attributes( $docent_wrapper ); ?>>
	<div class="docent-listen__bar">
		<button type="button" class="docent-listen__play wp-element-button" data-docent="play" aria-describedby="<?php echo esc_attr( $docent_id ); ?>"><?php echo $docent_icon( 'play' ) . $docent_icon( 'pause' ); ?><span class="docent-listen__label"><?php echo esc_html( $docent_label ); ?></span></button>
		<div class="docent-listen__controls" hidden>
			<?php echo $docent_tool( 'previous', __( 'Previous sentence', 'docent' ) ) . $docent_tool( 'next', __( 'Next sentence', 'docent' ) ); ?>
			<input type="range" class="docent-listen__range" data-docent="range" min="0" max="0" step="1" value="0" aria-label="<?php esc_attr_e( 'Position', 'docent' ); ?>">
			<span class="docent-listen__time" data-docent="time" dir="ltr" aria-hidden="true"></span>
			<?php if ( $attributes['hasSpeed'] ?? true ) : ?>
			<select class="docent-listen__speed" data-docent="speed" dir="ltr" aria-label="<?php esc_attr_e( 'Speed', 'docent' ); ?>">
				<?php foreach ( array( 0.75, 1, 1.25, 1.5, 1.75, 2 ) as $docent_speed ) : ?>
				<option value="<?php echo esc_attr( (string) $docent_speed ); ?>"<?php selected( $docent_speed, 1 ); ?>><?php echo esc_html( number_format_i18n( $docent_speed, strlen( rtrim( substr( sprintf( '%.2F', $docent_speed ), 2 ), '0' ) ) ) ); ?>×</option>
				<?php endforeach; ?>
			</select>
			<?php endif; ?>
			<?php
			if ( $docent_is_recorded && $docent_config['voice']['download'] ) {
				echo $docent_tool( 'download', __( 'Download the recording', 'docent' ) );
			}
			echo $docent_tool( 'close', __( 'Stop listening', 'docent' ) );
			?>
		</div>
	</div>
	<p class="docent-listen__note" id="<?php echo esc_attr( $docent_id ); ?>"><span data-docent="voice"><?php echo esc_html( $docent_is_recorded ? __( 'Read by an AI voice. Nothing that you write or say is sent.', 'docent' ) : __( 'Read by your browser’s own voice.', 'docent' ) ); ?></span> <span data-docent="state" role="status"></span> <button type="button" class="docent-listen__offer" data-docent="restart" hidden><?php esc_html_e( 'Start from the beginning', 'docent' ); ?></button></p>
	<noscript><p class="docent-listen__note"><?php esc_html_e( 'Listening needs JavaScript.', 'docent' ); ?></p></noscript>
</div>

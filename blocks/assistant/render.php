<?php
/**
 * Renders the assistant for a visitor: the same bytes for everyone, so that a page cache may keep them.
 *
 * @package Docent
 *
 * @var array<string, mixed> $attributes Attributes of the block; `display` is also `launcher` for the site-wide button.
 * @var WP_Block             $block      The block.
 */

declare( strict_types=1 );

if ( ! class_exists( '\Docent\Assistant_View' ) ) {
	return;
}

$docent_config  = \Docent\Assistant_View::config();
$docent_display = in_array( $attributes['display'] ?? '', array( 'button', 'launcher' ), true ) ? $attributes['display'] : 'inline';

// A launcher that can answer nothing would only be in the way.
if ( ! $docent_config['isConnected'] && 'launcher' === $docent_display ) {
	return;
}

$docent_text = static fn ( string $name ): string => is_string( $attributes[ $name ] ?? null ) ? trim( $attributes[ $name ] ) : '';

$docent_name        = $docent_text( 'name' ) ?: ( $docent_config['assistantName'] ?: __( 'Assistant', 'docent' ) );
$docent_is_floating = 'inline' !== $docent_display;
$docent_id          = wp_unique_id( 'docent-' );
/* translators: %s: name of the site. */
$docent_greeting    = $docent_text( 'greeting' ) ?: sprintf( __( 'Hello. Ask anything about %s.', 'docent' ), $docent_config['siteName'] ?: __( 'this site', 'docent' ) );
$docent_placeholder = $docent_text( 'placeholder' ) ?: __( 'Ask a question', 'docent' );
$docent_open_label  = __( 'Ask a question', 'docent' );
$docent_suggestions = array_slice( array_filter( array_map( 'trim', array_filter( (array) ( $attributes['suggestions'] ?? array() ), 'is_string' ) ) ), 0, 6 );
$docent_max_height  = min( 1200, max( 320, (int) ( $attributes['maxHeight'] ?? 560 ) ) );
$docent_post_id     = (int) ( $block->context['postId'] ?? get_queried_object_id() );
$docent_scope       = null;
if ( 'page' === ( $attributes['scope'] ?? '' ) && $docent_post_id > 0 && get_post( $docent_post_id ) ) {
	$docent_scope = array(
		'postId' => $docent_post_id,
		'url'    => (string) get_permalink( $docent_post_id ),
		'title'  => wp_strip_all_tags( get_the_title( $docent_post_id ) ),
	);
}

$docent_voice     = $docent_config['voice'] ?? array();
$docent_has_voice = true === ( $docent_voice['isOffered'] ?? false ) && in_array( 'voice', (array) ( $attributes['modalities'] ?? array() ), true );

$docent_has_live = in_array( 'live', (array) ( $docent_voice['kinds'] ?? array() ), true );

$docent_shapes = array(
	'chat'  => 'M5 5.5h14a1.5 1.5 0 0 1 1.5 1.5v8.5A1.5 1.5 0 0 1 19 17h-7l-4.5 3.5V17H5a1.5 1.5 0 0 1-1.5-1.5V7A1.5 1.5 0 0 1 5 5.5Z',
	'down'  => 'm6 9.5 6 6 6-6',
	'more'  => 'M5.5 12h.01M12 12h.01M18.5 12h.01',
	'close' => 'm6.5 6.5 11 11m0-11-11 11',
	'send'  => 'M12 19V5.5M6 11.5l6-6 6 6',
	'stop'  => 'M8 8h8v8H8z',
	'live'  => 'M4 10.500v3M8 7.500v9M12 4.500v15M16 7.500v9M20 10.500v3',
	'mic'   => 'M12 3.5a2.5 2.5 0 0 1 2.5 2.5v5.500a2.500 2.500 0 0 1-5 0V6A2.500 2.500 0 0 1 12 3.500ZM6.500 11v.500a5.500 5.500 0 0 0 11 0V11M12 17v3.500',
);
$docent_icon   = static fn ( string $name ): string => sprintf(
	'<svg class="docent-icon docent-icon--%1$s" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" focusable="false"><path d="%2$s"/></svg>',
	$name,
	$docent_shapes[ $name ]
);

// One set of words and addresses for all panels of a page, printed as JSON, which no content policy minds.
if ( $docent_config['isConnected'] && ! wp_interactivity_config( 'docent' ) ) {
	$docent_hours = (int) $docent_config['retentionHours'];
	/* translators: %s: number of hours. */
	$docent_kept = $docent_hours > 0 ? sprintf( _n( 'The conversation is kept for %s hour and then deleted. Please leave out personal details.', 'The conversation is kept for %s hours and then deleted. Please leave out personal details.', $docent_hours, 'docent' ), number_format_i18n( $docent_hours ) ) : __( 'The conversation is not kept. Please leave out personal details.', 'docent' );
	wp_interactivity_config(
		'docent',
		array(
			'tokenUrl'   => $docent_config['tokenUrl'],
			'proxyUrl'   => $docent_config['proxyUrl'],
			'privacyUrl' => $docent_config['privacyUrl'],
			'workletUrl' => ( $docent_config['workletUrl'] ?? '' ) . '?ver=' . ( $docent_config['workletVersion'] ?? '' ),
			'voice'      => array(
				'isOffered'            => true === ( $docent_voice['isOffered'] ?? false ),
				'kinds'                => $docent_voice['kinds'] ?? array(),
				'maxSeconds'           => (int) ( $docent_voice['maxSeconds'] ?? 60 ),
				'browserTranscription' => true === ( $docent_voice['browserTranscription'] ?? false ),
				'speech'               => $docent_voice['speech'] ?? 'browser',
			),
			'strings'    => array(
				'agree'                => __( 'Agree and ask', 'docent' ),
				'notNow'               => __( 'Not now', 'docent' ),
				'consentTitle'         => __( 'Before your first question', 'docent' ),
				'privacyTitle'         => __( 'Privacy', 'docent' ),
				/* translators: %s: host name of the assistant service. */
				'consentSent'          => sprintf( __( 'You are writing to an AI. Your questions go to %s and may be passed on to an AI provider to write the answer. Answers can be wrong.', 'docent' ), (string) wp_parse_url( $docent_config['proxyUrl'], PHP_URL_HOST ) ),
				'consentKept'          => $docent_kept,
				'privacyPolicy'        => __( 'Privacy policy', 'docent' ),
				'withdraw'             => __( 'Withdraw agreement and delete the conversation', 'docent' ),
				'done'                 => __( 'Done', 'docent' ),
				'send'                 => __( 'Send', 'docent' ),
				'stop'                 => __( 'Stop', 'docent' ),
				'opening'              => __( 'One moment…', 'docent' ),
				'searching'            => __( 'Looking through the site…', 'docent' ),
				'reconnecting'         => __( 'The connection was lost. Picking up where it stopped…', 'docent' ),
				'waitingOnline'        => __( 'You are offline. This goes on when you are back.', 'docent' ),
				'stopped'              => __( 'Stopped.', 'docent' ),
				/* translators: %s: name of the assistant. */
				'isAnswering'          => __( '%s is answering.', 'docent' ),
				'isComplete'           => __( 'Answer complete.', 'docent' ),
				/* translators: %s: number of pages. */
				'sourcesCount'         => __( 'Pages linked: %s.', 'docent' ),
				'youAsked'             => __( 'You asked:', 'docent' ),
				'sources'              => __( 'From these pages', 'docent' ),
				'nearest'              => __( 'Pages that come close', 'docent' ),
				'newAnswer'            => __( 'New answer', 'docent' ),
				'copy'                 => __( 'Copy', 'docent' ),
				'copied'               => __( 'Copied', 'docent' ),
				'copyFailed'           => __( 'The browser did not allow copying. Select the text and copy it.', 'docent' ),
				'thumbUp'              => __( 'Good answer', 'docent' ),
				'thumbDown'            => __( 'Poor answer', 'docent' ),
				'thanks'               => __( 'Thank you. Noted.', 'docent' ),
				'retry'                => __( 'Try again', 'docent' ),
				'startedOver'          => __( 'The conversation was deleted.', 'docent' ),
				/* translators: %s: number of characters. */
				'tooLong'              => __( 'That is %s characters too long. Please shorten your question.', 'docent' ),
				'consentVoiceTitle'    => __( 'Before you speak', 'docent' ),
				/* translators: %s: host name of the assistant service. */
				'consentVoice'         => sprintf( __( 'What you say goes to %s and may be passed on to an AI provider, which writes it down. No recording is kept, only the words. The microphone is open only while you speak with the assistant.', 'docent' ), (string) wp_parse_url( $docent_config['proxyUrl'], PHP_URL_HOST ) ),
				'consentVoiceFirst'    => sprintf(
					/* translators: 1: host name of the assistant service, 2: how long conversations are kept, a sentence. */
					__( 'You are talking to an AI, and its answers can be wrong. What you say or write goes to %1$s and may be passed on to an AI provider, which writes it down and answers. No recording is kept, only the words. %2$s The microphone is open only while you speak with the assistant.', 'docent' ),
					(string) wp_parse_url( $docent_config['proxyUrl'], PHP_URL_HOST ),
					$docent_kept
				),
				'agreeAndSpeak'        => __( 'Agree and speak', 'docent' ),
				'micOpening'           => __( 'Opening the microphone…', 'docent' ),
				'micMuted'             => __( 'The microphone is muted.', 'docent' ),
				'micAllowed'           => __( 'The microphone is allowed now. Tap it to speak.', 'docent' ),
				'recording'            => __( 'Recording', 'docent' ),
				'recordingCancelled'   => __( 'Recording cancelled.', 'docent' ),
				'recordAgain'          => __( 'Record again', 'docent' ),
				'voiceCancel'          => __( 'Cancel recording', 'docent' ),
				'voiceDone'            => __( 'Done, send recording', 'docent' ),
				/* translators: %s: number of seconds. */
				'secondsLeft'          => __( '%s seconds left', 'docent' ),
				'writingDown'          => __( 'Writing down what you said…', 'docent' ),
				'spokenQuestion'       => __( 'Spoken question', 'docent' ),
				'correct'              => __( 'Correct what was heard', 'docent' ),
				'listen'               => __( 'Listen', 'docent' ),
				'pauseSpeech'          => __( 'Pause', 'docent' ),
				'soundBlocked'         => __( 'The browser holds the sound back. Tap Listen to hear the answer.', 'docent' ),
				'silentSwitch'         => __( 'No sound? Check the silent switch and the volume.', 'docent' ),
				'noSpeech'             => __( 'This device cannot read the answer aloud.', 'docent' ),
				'live'                 => __( 'Live conversation', 'docent' ),
				'live_connecting'      => __( 'Connecting…', 'docent' ),
				'live_restoring'       => __( 'The connection is being restored…', 'docent' ),
				'live_listening'       => _x( 'Listening', 'state of a live conversation', 'docent' ),
				'live_hearing'         => __( 'Hearing you', 'docent' ),
				'live_thinking'        => __( 'Thinking', 'docent' ),
				'live_speaking'        => _x( 'Speaking', 'state of a live conversation', 'docent' ),
				'live_muted'           => __( 'Muted', 'docent' ),
				'liveMute'             => __( 'Mute', 'docent' ),
				'liveUnmute'           => __( 'Unmute', 'docent' ),
				'liveEnd'              => _x( 'End', 'end the live conversation', 'docent' ),
				'liveTalk'             => __( 'Hold to talk', 'docent' ),
				'livePush'             => __( 'Only while I hold a button', 'docent' ),
				'liveHeadphones'       => __( 'I wear headphones', 'docent' ),
				'liveLate'             => __( 'The connection is slow. Some of what you said was lost.', 'docent' ),
				'live_end_client'      => __( 'The live conversation has ended.', 'docent' ),
				'live_end_idle'        => __( 'Nothing was said for a while, so the live conversation has ended.', 'docent' ),
				'live_end_time'        => __( 'The time for a live conversation is over.', 'docent' ),
				'live_end_limit'       => __( 'Today’s limit for live conversations is reached.', 'docent' ),
				'live_end_busy'        => __( 'Many people are in live conversations right now.', 'docent' ),
				'live_end_unavailable' => __( 'A live conversation is not possible right now.', 'docent' ),
				'live_end_lost'        => __( 'The connection was lost and could not be restored.', 'docent' ),
				'live_end_elsewhere'   => __( 'A live conversation has begun in another tab or panel, so this one has ended.', 'docent' ),
				'live_end_unplugged'   => __( 'The microphone was disconnected, so the live conversation has ended.', 'docent' ),
				'live_then_cascade'    => __( 'You can go on here with the microphone or in writing.', 'docent' ),
				'live_then_text'       => __( 'You can go on here in writing.', 'docent' ),
				'notice_live_time_nearly_over' => __( 'The live conversation ends in about half a minute.', 'docent' ),
				'notice_live_limit_nearly_reached' => __( 'Today’s limit for live conversations is nearly reached.', 'docent' ),
				'notice_live_limit_reached' => __( 'Today’s limit for live conversations is reached.', 'docent' ),
				'notice_live_reconnecting' => __( 'The assistant was cut off. One moment, please.', 'docent' ),
				'notice_live_economy'  => __( 'A live conversation is not possible right now.', 'docent' ),
				'mic_dismissed'        => __( 'The microphone was not allowed. Tap it to be asked again, or type.', 'docent' ),
				'mic_blocked'          => __( 'The microphone is blocked for this site. Allow it in the address bar, or type.', 'docent' ),
				'mic_blocked_by_system' => __( 'This device keeps the microphone from the browser. Allow it in the device’s privacy settings, or type.', 'docent' ),
				'mic_no_device'        => __( 'No microphone was found. Connect one and tap again, or type.', 'docent' ),
				'mic_busy'             => __( 'The microphone cannot be opened. Another program may be using it: close that and tap again, or type.', 'docent' ),
				'mic_elsewhere'        => __( 'Another panel or tab of this site is recording. Finish there first, or type.', 'docent' ),
				'mic_insecure'         => __( 'Browsers allow the microphone only on secure pages (https). Please type your question.', 'docent' ),
				'mic_policy'           => __( 'This page does not allow the microphone. Please type your question.', 'docent' ),
				'mic_unsupported'      => __( 'This browser cannot record. Please type your question, or use a newer browser.', 'docent' ),
				'mic_unreachable'      => __( 'The recorder could not be loaded. Check the connection and tap again, or type.', 'docent' ),
				'notice_limit_reached' => __( 'Today’s limit for new answers is reached. Here is what the site says:', 'docent' ),
				'notice_answered_from_site' => __( 'This is quoted from the site:', 'docent' ),
				'notice_shortened'     => __( 'This answer was kept short.', 'docent' ),
				'notice_economy'       => __( 'Answers are kept short at the moment.', 'docent' ),
				'notice_no_speech'     => __( 'The assistant’s own voice is not available right now. If your browser has a voice, it reads.', 'docent' ),
				'notice_conversation_expired' => __( 'The earlier conversation has ended. This is a new one.', 'docent' ),
				'failure_offline'      => __( 'You seem to be offline. Your question is kept; try again when the connection is back.', 'docent' ),
				'failure_unreachable'  => __( 'The assistant cannot be reached right now. Please try again in a moment.', 'docent' ),
				'failure_refused'      => __( 'The assistant could not confirm this visit. Reload the page and try again.', 'docent' ),
				'failure_rate_limited' => __( 'Many questions came in a short time. Please wait a moment, then try again.', 'docent' ),
				/* translators: %s: number of seconds. */
				'failure_rate_limited_wait' => __( 'Many questions came in a short time. You can try again in %s seconds.', 'docent' ),
				'failure_busy'         => __( 'The assistant is busy right now. Please try again in a moment.', 'docent' ),
				'failure_storage_away' => __( 'The assistant cannot take questions for a moment. Please try again in a minute.', 'docent' ),
				'failure_conversation_busy' => __( 'An earlier answer in this conversation is still being written. Please try again in a moment.', 'docent' ),
				'failure_not_found'    => __( 'This answer can no longer be picked up. Try again to ask anew.', 'docent' ),
				'failure_consent_required' => __( 'Your agreement is needed before this can be asked.', 'docent' ),
				'failure_not_connected' => __( 'The assistant is not available right now.', 'docent' ),
				'failure_question_too_long' => __( 'The question is too long. Please shorten it.', 'docent' ),
				'failure_question_empty' => __( 'Please write a question first.', 'docent' ),
				'failure_too_large'    => __( 'That is too much to send at once. Please send less.', 'docent' ),
				'failure_sent_before'  => __( 'This question got mixed up with an earlier one. Please try again.', 'docent' ),
				'failure_outdated'     => __( 'This page is out of date. Reload it and ask again.', 'docent' ),
				'failure_audio_empty'  => __( 'Nothing was recorded. Please record again, or type.', 'docent' ),
				'failure_audio_too_short' => __( 'That was too short. Hold the button while you speak, or tap once to begin and once more to send.', 'docent' ),
				'failure_audio_too_long' => __( 'That was too long. Please say it more briefly, or type.', 'docent' ),
				'failure_audio_silent' => __( 'The microphone picked up no sound. Check that it is not muted, then record again, or type.', 'docent' ),
				'failure_audio_unreadable' => __( 'The recording could not be read. Please record again, or type.', 'docent' ),
				'failure_nothing_heard' => __( 'No words could be made out. Please say it again, or type.', 'docent' ),
				'failure_recording_lost' => __( 'The recording was lost before it could be sent. Please record again, or type.', 'docent' ),
				'failure_voice_unavailable' => __( 'Spoken questions cannot be understood right now. Please type your question.', 'docent' ),
				'failure_voice_off'    => __( 'This site takes no spoken questions at the moment. Please type your question.', 'docent' ),
				'failure_interrupted'  => __( 'The connection was lost before the answer was complete.', 'docent' ),
				'failure_failed'       => __( 'The answer could not be written. Please try again.', 'docent' ),
			),
		)
	);
}

$docent_wrapper = array(
	// Emoji in the owner's words stay text too; WordPress would ask another host for pictures of them.
	'class' => 'docent wp-exclude-emoji docent--' . $docent_display . ( 'launcher' === $docent_display && 'start' === ( $docent_config['launcherPosition'] ?? 'end' ) ? ' docent--start' : '' ),
	'style' => '--docent-max-height:' . $docent_max_height . 'px',
);
if ( $docent_config['isConnected'] ) {
	$docent_wrapper += array(
		'data-wp-interactive'      => 'docent',
		'data-wp-context'          => (string) wp_json_encode(
			array(
				'display'   => $docent_display,
				'name'      => $docent_name,
				'scope'     => $docent_scope,
				'voiceRole' => $docent_text( 'voiceRole' ),
				'isOpen'    => false,
			),
			JSON_HEX_TAG | JSON_HEX_APOS | JSON_HEX_QUOT | JSON_HEX_AMP
		),
		'data-wp-init'             => 'callbacks.start',
		'data-wp-on--pointerenter' => 'actions.prepare',
		'data-wp-on--focusin'      => 'actions.prepare',
		'data-wp-on--click'        => 'actions.press',
		'data-wp-on--keydown'      => 'actions.type',
	);
}
$docent_panel_tag = $docent_is_floating ? 'dialog' : 'section';

?>
<div <?php echo get_block_wrapper_attributes( $docent_wrapper ); // phpcs:ignore WordPress.Security.EscapeOutput.OutputNotEscaped -- escaped by WordPress. ?>>
<?php if ( ! $docent_config['isConnected'] ) : ?>
	<p class="docent-notice" data-docent="notice"><?php esc_html_e( 'The assistant is not available right now.', 'docent' ); ?></p>
<?php else : ?>
	<?php if ( $docent_is_floating ) : ?>
	<button type="button" class="docent-launcher wp-element-button" data-docent="launcher" aria-haspopup="dialog" aria-expanded="false" aria-controls="<?php echo esc_attr( $docent_id ); ?>" data-wp-bind--aria-expanded="context.isOpen">
		<?php if ( 'launcher' === $docent_display ) : ?>
			<?php echo $docent_icon( 'chat' ) . $docent_icon( 'down' ); // phpcs:ignore WordPress.Security.EscapeOutput.OutputNotEscaped -- built above. ?>
		<?php endif; ?>
		<span class="docent-launcher__label"><?php echo esc_html( $docent_open_label ); ?></span>
	</button>
	<?php endif; ?>
	<<?php echo tag_escape( $docent_panel_tag ); ?> id="<?php echo esc_attr( $docent_id ); ?>" class="docent-panel" data-docent="panel" aria-labelledby="<?php echo esc_attr( $docent_id ); ?>-name" aria-describedby="<?php echo esc_attr( $docent_id ); ?>-about">
		<div class="docent-header">
			<div class="docent-title">
				<p class="docent-name" id="<?php echo esc_attr( $docent_id ); ?>-name"><?php echo esc_html( $docent_name ); ?></p>
				<p class="docent-about" id="<?php echo esc_attr( $docent_id ); ?>-about"><?php esc_html_e( 'AI assistant, answers from this site', 'docent' ); ?></p>
			</div>
			<button type="button" class="docent-tool" data-docent="menu" aria-expanded="false" aria-controls="<?php echo esc_attr( $docent_id ); ?>-menu" aria-label="<?php esc_attr_e( 'Options', 'docent' ); ?>"><?php echo $docent_icon( 'more' ); // phpcs:ignore WordPress.Security.EscapeOutput.OutputNotEscaped -- built above. ?></button>
			<?php if ( $docent_is_floating ) : ?>
			<button type="button" class="docent-tool" data-docent="close" aria-label="<?php esc_attr_e( 'Close', 'docent' ); ?>"><?php echo $docent_icon( 'close' ); // phpcs:ignore WordPress.Security.EscapeOutput.OutputNotEscaped -- built above. ?></button>
			<?php endif; ?>
			<div class="docent-menu" id="<?php echo esc_attr( $docent_id ); ?>-menu" hidden>
				<button type="button" class="docent-menu__item" data-docent="start-over"><?php esc_html_e( 'Start over', 'docent' ); ?></button>
				<button type="button" class="docent-menu__item" data-docent="text-size" aria-pressed="false"><?php esc_html_e( 'Larger text', 'docent' ); ?></button>
				<?php if ( $docent_has_voice ) : ?>
				<button type="button" class="docent-menu__item docent-menu__item--voice" data-docent="read-aloud" aria-pressed="false"><?php esc_html_e( 'Read answers aloud', 'docent' ); ?></button>
				<button type="button" class="docent-menu__item" data-docent="text-only" aria-pressed="false"><?php esc_html_e( 'Voice off: text only', 'docent' ); ?></button>
				<?php endif; ?>
				<button type="button" class="docent-menu__item" data-docent="privacy"><?php esc_html_e( 'Privacy', 'docent' ); ?></button>
			</div>
		</div>
		<div class="docent-log" data-docent="log" role="log" aria-live="off" aria-label="<?php esc_attr_e( 'Conversation', 'docent' ); ?>">
			<p class="docent-greeting" dir="auto"><?php echo esc_html( $docent_greeting ); ?></p>
			<div class="docent-turns"></div>
		</div>
		<?php if ( $docent_suggestions ) : ?>
		<ul class="docent-suggestions" aria-label="<?php esc_attr_e( 'Suggested questions', 'docent' ); ?>">
			<?php foreach ( $docent_suggestions as $docent_suggestion ) : ?>
			<li><button type="button" class="docent-chip" data-docent="suggestion" dir="auto"><?php echo esc_html( $docent_suggestion ); ?></button></li>
			<?php endforeach; ?>
		</ul>
		<?php endif; ?>
		<div class="docent-foot">
			<div class="docent-composer">
				<textarea class="docent-field" data-docent="composer" rows="1" dir="auto" enterkeyhint="send" autocomplete="off" placeholder="<?php echo esc_attr( $docent_placeholder ); ?>" aria-label="<?php esc_attr_e( 'Your question', 'docent' ); ?>"></textarea>
				<?php if ( $docent_has_voice ) : ?>
				<button type="button" class="docent-tool docent-microphone" data-docent="microphone" aria-pressed="false" aria-label="<?php esc_attr_e( 'Ask by voice', 'docent' ); ?>" title="<?php esc_attr_e( 'Ask by voice', 'docent' ); ?>"><?php echo $docent_icon( 'mic' ); // phpcs:ignore WordPress.Security.EscapeOutput.OutputNotEscaped -- built above. ?></button>
					<?php if ( $docent_has_live ) : ?>
				<button type="button" class="docent-tool docent-live-button" data-docent="live" aria-label="<?php esc_attr_e( 'Live conversation', 'docent' ); ?>" title="<?php esc_attr_e( 'Live conversation', 'docent' ); ?>"><?php echo $docent_icon( 'live' ); // phpcs:ignore WordPress.Security.EscapeOutput.OutputNotEscaped -- built above. ?></button>
					<?php endif; ?>
				<?php endif; ?>
				<button type="button" class="docent-send wp-element-button" data-docent="send" aria-label="<?php esc_attr_e( 'Send', 'docent' ); ?>"><?php echo $docent_icon( 'send' ) . $docent_icon( 'stop' ); // phpcs:ignore WordPress.Security.EscapeOutput.OutputNotEscaped -- built above. ?></button>
			</div>
			<noscript><p class="docent-notice"><?php esc_html_e( 'The assistant needs JavaScript.', 'docent' ); ?></p></noscript>
		</div>
		<div class="docent-announcer" data-docent="announcer" aria-live="polite"></div>
	</<?php echo tag_escape( $docent_panel_tag ); ?>>
<?php endif; ?>
</div>

<?php
/**
 * Says why a connection string cannot be used. The message is for the owner and never holds the secret.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent;

defined( 'ABSPATH' ) || exit;

/** Thrown by Connection when a string or a constant is not a usable connection. */
final class Invalid_Connection extends \InvalidArgumentException {
}

<?php
/**
 * Tells PHPStan of the constants that WordPress and the plugin define while they start.
 *
 * @package Docent
 */

declare(strict_types=1);

define( 'ABSPATH', '/' );
define( 'KB_IN_BYTES', 1024 );
define( 'MB_IN_BYTES', 1024 * KB_IN_BYTES );
define( 'MINUTE_IN_SECONDS', 60 );
define( 'HOUR_IN_SECONDS', 60 * MINUTE_IN_SECONDS );
define( 'DAY_IN_SECONDS', 24 * HOUR_IN_SECONDS );

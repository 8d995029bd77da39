<?php
/**
 * Starts the plugin: checks what it needs, then hands over to Docent\Plugin, which lists every hook.
 *
 * Plugin Name:       Docent
 * Description:       Answers your visitors from your own content, with links to the pages it rests on, and never spends more than you allowed.
 * Version:           0.1.0
 * Requires at least: 6.8
 * Requires PHP:      8.1
 * Author:            Docent contributors
 * License:           GPL-2.0-or-later
 * License URI:       https://www.gnu.org/licenses/gpl-2.0.html
 * Text Domain:       docent
 * Domain Path:       /languages
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent;

defined( 'ABSPATH' ) || exit;

const VERSION     = '0.1.0';
const PLUGIN_FILE = __FILE__;
const PLUGIN_DIR  = __DIR__;

require_once __DIR__ . '/includes/autoload.php';

Plugin::instance()->register();

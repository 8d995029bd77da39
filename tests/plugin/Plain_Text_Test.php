<?php
/**
 * Tests how HTML becomes plain text that keeps its structure.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent\Tests;

use Docent\Plain_Text;
use PHPUnit\Framework\TestCase;

/** Compares whole texts. */
final class Plain_Text_Test extends TestCase {

	/**
	 * Structure is kept, everything else goes.
	 *
	 * @dataProvider pages
	 */
	public function test_keeps_the_structure_and_only_the_text( string $html, string $expected ): void {
		$this->assertSame( $expected, Plain_Text::from_html( $html ) );
	}

	public static function pages(): array {
		return array(
			'nothing'             => array( '', '' ),
			'only markup'         => array( '<p> </p><div><br></div><!-- note -->', '' ),
			'headings'            => array( '<h1>Shop</h1><h2>Returns &amp; <em>refunds</em></h2><p>30 days.</p><h3>How</h3>', "# Shop\n\n## Returns & refunds\n\n30 days.\n\n### How" ),
			'heading with break'  => array( '<h2>Opening<br>hours</h2>', "## Opening\n## hours" ),
			'inline'              => array( '<p>A <b>bold</b>, <a href="/x">linked</a>  word' . "\n" . 'and a<br>break.</p>', "A bold, linked word and a\nbreak." ),
			'bullets'             => array( '<ul><li>One</li><li>Two <ul><li>Deep</li></ul></li></ul><p>After</p>', "- One\n- Two\n  - Deep\n\nAfter" ),
			'numbers'             => array( '<ol><li>First</li><li>Second</li></ol>', "1. First\n2. Second" ),
			'items of paragraphs' => array( '<ul><li><p>One</p><p>more</p></li><li><p>Two</p></li></ul>', "- One\n  more\n- Two" ),
			'table'               => array(
				'<figure><table><thead><tr><th>Size</th><th>Chest</th></tr></thead><tbody><tr><td>S</td><td><p>88 <b>cm</b></p></td></tr><tr><td></td><td></td></tr><tr><td>M|L</td><td>96<br>cm</td></tr></tbody></table><figcaption>Sizes</figcaption></figure>',
				"Size | Chest\nS | 88 cm\nM/L | 96 cm\n\nSizes",
			),
			'list in a cell'      => array( '<table><tr><td>Colours</td><td><ul><li>red</li><li>blue</li></ul></td></tr></table>', 'Colours | red blue' ),
			'definitions'         => array( '<dl><dt>Monday</dt><dd>9–17</dd></dl>', "Monday\n9–17" ),
			'preformatted'        => array( "<pre>a\n  b\n</pre>", "a\n  b" ),
			'details'             => array( '<details><summary>Is it waterproof?</summary><p>Yes.</p></details>', "Is it waterproof?\n\nYes." ),
			'picture'             => array( '<p>Look: <img src="a.jpg" alt="A blue tent"> and <img src="b.jpg" alt=""></p>', 'Look: [A blue tent] and' ),
			'scripts'             => array( '<p>Text</p><script>alert("x")</script><style>p{}</style><noscript>No</noscript><template>t</template>', 'Text' ),
			'controls'            => array( '<nav><a>Menu</a></nav><form><label>Mail</label><input><button>Go</button></form><p>Text</p><svg><title>Icon</title><path/></svg>', 'Text' ),
			'shown markup'        => array( '<p>&lt;script&gt;alert(1)&lt;/script&gt; and &amp;amp;</p>', '<script>alert(1)</script> and &amp;' ),
			'broken markup'       => array( '<p>One<div>Two</p><b>Three<table><tr><td>x</b>', "One\n\nTwo\n\nThree\n\nx" ),
			'chinese'             => array( '<h2>退货政策</h2><p>自收货之日起三十天内可以退货。</p>', "## 退货政策\n\n自收货之日起三十天内可以退货。" ),
			'right to left'       => array( '<h2 dir="rtl">سياسة الإرجاع</h2><p>خلال <b>30</b> يومًا</p>', "## سياسة الإرجاع\n\nخلال 30 يومًا" ),
			'emoji and spaces'    => array( "<p>Tent\u{00A0}⛺\u{200B} 2&nbsp;kg 👩🏽‍🚀</p>", 'Tent ⛺ 2 kg 👩🏽‍🚀' ),
			'bad bytes'           => array( "<p>Good \xC3\x28 text</p>", 'Good ( text' ),
		);
	}

	public function test_reads_what_the_full_parser_gives_up_on(): void {
		$this->assertStringContainsString( 'kept', Plain_Text::from_html( '<table>misplaced text<tr><td>kept</td></tr></table>' ) );
		$this->assertStringContainsString( 'kept', Plain_Text::from_html( '<b><p>x</b>kept</p><frameset><plaintext>' ) );
	}

	public function test_reads_a_long_page_in_reasonable_time(): void {
		$html  = str_repeat( '<h2>Heading</h2><p>Some words of a <b>paragraph</b> that goes on.</p><ul><li>a</li><li>b</li></ul>', 2000 );
		$start = hrtime( true );
		$text  = Plain_Text::from_html( $html );
		$this->assertStringEndsWith( '- b', $text );
		$this->assertLessThan( 5e9, hrtime( true ) - $start );
	}
}

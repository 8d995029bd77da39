/**
 * The language of a message, guessed from its script.
 */
import { expect, it } from 'vitest';
import { messageLanguage } from '../../../blocks/shared/message-language.ts';

it.each( [
	[ '靴子可以退货吗？', 'en-US', 'zh' ],
	[ '靴子可以退货吗？', 'zh-CN', undefined ],
	[ '靴を返品できますか', 'en', 'ja' ],
	[ 'هل يمكنني الإرجاع؟', 'en', 'ar' ],
	[ 'آیا می‌توانم برگردانم؟', 'fa-IR', undefined ],
	[ 'Можно вернуть?', 'uk', undefined ],
	[ 'Can I return boots?', 'en', undefined ],
	[ 'The 靴 model GTX-100 in size 42', 'en', undefined ],
	[ '', 'en', undefined ],
	[ '42 €', '', undefined ],
] )( 'of %j on a page in %j is %s', ( text, page, expected ) => {
	expect( messageLanguage( text, page ) ).toBe( expected );
} );

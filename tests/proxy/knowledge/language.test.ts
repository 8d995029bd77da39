/**
 * Tells languages apart, and says so when it cannot.
 */
import { describe, expect, it } from 'vitest';
import {
	baseLanguage,
	detectLanguage,
} from '../../../proxy/src/knowledge/language.ts';

describe( 'detectLanguage', () => {
	it.each( [
		[ 'en', 'What is the weight of the tent?' ],
		[ 'en', 'Do you ship to São Paulo?' ],
		[ 'de', 'Wie lange dauert die Lieferung nach Österreich?' ],
		[ 'fr', 'Quel est le prix de la tente ?' ],
		[ 'es', '¿Cuánto cuesta el envío?' ],
		[ 'it', 'Quando arriva il pacco che ho ordinato?' ],
		[ 'pt', 'Vocês enviam para os Açores e não para a Madeira?' ],
		[ 'nl', 'Hoe lang duurt het voordat mijn pakket er is?' ],
		[ 'zh', '帐篷有多重？' ],
		[ 'zh', 'Serra 3 帐篷的价格是多少' ],
		[ 'ja', 'テントの重さはどのくらいですか' ],
		[ 'ja', '返品について教えてください' ],
		[ 'ko', '텐트 무게가 어떻게 되나요?' ],
		[ 'ar', 'كم وزن الخيمة؟' ],
		[ 'fa', 'وزن چادر چقدر است؟' ],
		[ 'he', 'כמה שוקל האוהל?' ],
		[ 'ru', 'Сколько весит палатка?' ],
		[ 'uk', 'Скільки коштує намет і ця річ?' ],
		[ 'el', 'Πόσο ζυγίζει η σκηνή;' ],
		[ 'th', 'เต็นท์หนักเท่าไหร่' ],
		[ 'hi', 'टेंट का वजन कितना है?' ],
	] )( 'takes for %s: %s', ( language, text ) => {
		expect( detectLanguage( text ) ).toBe( language );
	} );

	it.each( [
		'',
		'X-200',
		'tent',
		'123',
		'Serra 3 Müller',
		'⛺',
		'ok',
		'?!',
	] )( 'does not guess from %j', ( text ) => {
		expect( detectLanguage( text ) ).toBeUndefined();
	} );

	it( 'is not led astray by one foreign name', () => {
		expect(
			detectLanguage(
				'Is the 山脊 tent the same as the Serra tent in your shop?'
			)
		).toBe( 'en' );
	} );
} );

describe( 'baseLanguage', () => {
	it.each( [
		[ 'zh-Hans-CN', 'zh' ],
		[ 'en_GB', 'en' ],
		[ 'PT', 'pt' ],
		[ '', '' ],
		[ '-x-', '' ],
	] )( 'of %j is %j', ( tag, base ) => {
		expect( baseLanguage( tag ) ).toBe( base );
	} );
} );

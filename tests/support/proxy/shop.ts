/**
 * Holds a small shop's pages, enough to ask about.
 */
import { createHash } from 'node:crypto';
import type { SiteDocument } from '../../../proxy/src/types.ts';

/** Makes a document with its hash; `text` holds Markdown headings. */
export function page(
	id: number,
	title: string,
	text: string,
	language = 'en'
): SiteDocument {
	const url = `http://127.0.0.1:8888/?page_id=${ id }`;
	return {
		id: `post-${ id }`,
		url,
		title,
		language,
		type: 'page',
		modifiedAt: '2026-11-01T10:00:00Z',
		hash: createHash( 'sha256' )
			.update( [ title, url, language, text ].join( '\n' ) )
			.digest( 'hex' ),
		text,
	};
}

export const SHOP: SiteDocument[] = [
	page(
		11,
		'Shipping',
		'## Delivery times\nOrders within Germany arrive in two to three working days. Deliveries to Austria and France take four to six working days.\n\n## Shipping costs\nShipping costs 4.90 euros. Orders above 80 euros are delivered free of charge.'
	),
	page(
		12,
		'Returns',
		'## How long\nYou can return unused gear within 60 days of delivery.\n\n## Refunds\nThe refund reaches your account within five working days after the parcel has arrived at our warehouse.'
	),
	page(
		13,
		'Ridgeline 2 tent',
		'## Specifications\nThe Ridgeline 2 tent weighs 1.9 kg and sleeps two people. Its flysheet withstands a water column of 3,000 mm.'
	),
	page(
		14,
		'配送',
		'## 配送时间\n中国大陆的订单通常在五到七个工作日内送达。\n\n## 运费\n订单满三百元免运费。',
		'zh-CN'
	),
];

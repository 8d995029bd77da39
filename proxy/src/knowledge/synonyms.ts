/**
 * Lists words that visitors and sites use for the same thing. Search treats them as weaker forms of the word asked for.
 */
import { stem } from './stem.ts';

/** Words of one line stand for one another; characters of scripts without spaces in pairs or alone. Each line is one idea that shops, clubs and practices write about. */
const GROUPS: Readonly< Record< string, readonly string[] > > = {
	en: [
		'ship shipping deliver delivery dispatch postage',
		'price cost fee charge rate',
		'refund reimburse reimbursement money',
		'return exchange',
		'warranty guarantee',
		'weigh weight heavy',
		'size dimension measurement big',
		'tall height high',
		'wide width',
		'deep depth',
		'open close',
		'hour time',
		'phone telephone call',
		'email mail contact',
		'address location located directions where',
		'christmas december holiday',
		'collect pick pickup',
		'privacy data personal',
		'founded established',
		'buy purchase order',
		'pay payment',
		'repair fix mend',
		'broken damaged defective faulty',
		'colour color',
		'material fabric made',
		'staff team employee',
		'job career vacancy',
		'shop store',
		'waterproof watertight rainproof',
		'wash clean care',
		'hire rent rental',
		'discount sale voucher coupon',
	],
	zh: [
		'寄到 邮寄 寄送 配送 发货 送货 运送 快递',
		'价格 价钱 费用 多少 售价',
		'退货 退回 退换',
		'退款 退钱',
		'保修 质保 保质',
		'营业 开门 关门 开放',
		'地址 位置',
		'电话 联系',
		'付款 支付',
		'重量 多重 重',
		'尺寸 尺码 大小',
		'损坏 坏了 质量',
		'维修 修理',
		'取消 撤销',
		'防水 防雨',
		'打折 折扣 优惠 促销',
		'送达 送到 到达 到货',
		'鞋子 鞋类 鞋',
	],
};

/** What an answer to a question word holds: these stand for the question word, but not for one another. */
const ANSWERS: Readonly<
	Record< string, Readonly< Record< string, string > > >
> = {
	en: {
		long: 'length day week month year hour minute',
		much: 'price cost fee',
	},
	zh: {
		多久: '天 日 小时 分钟 周',
		多长: '天 日 小时 长度',
		期限: '天 日 月 年',
		钱: '价格 元',
		多少钱: '价格 价钱 费用 售价 元',
		哪里: '地址 位置',
		哪儿: '地址 位置',
	},
};

type Stems = ReadonlyMap< string, readonly string[] >;

/** The stems that mean the same as a stem, by language. */
export const SYNONYMS: Readonly< Record< string, Stems > > = byLanguage(
	GROUPS,
	readGroups
);

/** The stems that answer a question word, by language. */
export const ANSWERING: Readonly< Record< string, Stems > > = byLanguage(
	ANSWERS,
	readAnswers
);

function byLanguage< T >(
	lists: Readonly< Record< string, T > >,
	read: ( list: T, language: string ) => Stems
): Record< string, Stems > {
	return Object.fromEntries(
		Object.entries( lists ).map( ( [ language, list ] ) => [
			language,
			read( list, language ),
		] )
	);
}

function readGroups(
	groups: readonly string[],
	language: string
): Map< string, string[] > {
	const synonyms = new Map< string, string[] >();
	for ( const group of groups ) {
		const stems = [
			...new Set(
				group.split( ' ' ).map( ( word ) => stem( word, language ) )
			),
		];
		for ( const own of stems ) {
			const others = stems.filter( ( other ) => other !== own );
			synonyms.set( own, [
				...new Set( [ ...( synonyms.get( own ) ?? [] ), ...others ] ),
			] );
		}
	}
	return synonyms;
}

function readAnswers(
	answers: Readonly< Record< string, string > >,
	language: string
): Map< string, string[] > {
	return new Map(
		Object.entries( answers ).map( ( [ word, held ] ) => [
			stem( word, language ),
			held.split( ' ' ).map( ( other ) => stem( other, language ) ),
		] )
	);
}

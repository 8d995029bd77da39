/**
 * A knowledge base of the size of the demo shop: policies, products and articles, made the same way every time.
 */

const PRODUCTS: Array< [ name: string, kind: string, weightG: number ] > = [
	[ 'Nordwand 45', 'backpack', 1_480 ],
	[ 'Tarn 2', 'tent', 2_150 ],
	[ 'Skua', 'rain jacket', 320 ],
	[ 'Fell Runner', 'trail shoe', 265 ],
	[ 'Ember', 'camping stove', 92 ],
	[ 'Drift', 'sleeping bag', 980 ],
	[ 'Cairn', 'trekking pole', 410 ],
	[ 'Lantern 300', 'head torch', 88 ],
	[ 'Loch', 'dry bag', 140 ],
	[ 'Moraine', 'sleeping mat', 455 ],
];

const POLICIES: Record< string, string > = {
	Shipping:
		'## Delivery times\nParcels within the country arrive in two to three working days. Parcels abroad take five to nine days.\n\n## Costs\nShipping is free from an order value of 80 euros on. Below that we charge 4.90 euros.',
	Returns:
		'## Returning goods\nYou may return anything within 30 days, unused and with its label. Worn boots cannot be returned.\n\n## Refunds\nWe refund within five working days after the parcel has arrived.',
	Warranty:
		'## Two years\nEvery product carries two years of warranty against faults in material and making.\n\n## Repairs\nOur workshop mends zips, seams and poles. Repairs take about ten days.',
	'Opening hours':
		'The shop in the old mill is open Tuesday to Friday from 10 to 18 and on Saturday from 10 to 16. We are closed on Sunday and Monday.',
	'About us':
		'Four climbers founded the shop in 2009. We test everything we sell on our own trips, and we do not sell what we would not carry.',
};

const ARTICLES: Array< [ title: string, subject: string ] > = [
	[ 'Pitching a tent in wind', 'tent' ],
	[ 'Caring for a down sleeping bag', 'sleeping bag' ],
	[ 'Packing a backpack well', 'backpack' ],
	[ 'Cooking above the tree line', 'camping stove' ],
	[ 'Keeping things dry', 'dry bag' ],
];

/** Pages by title. */
export function knowledgePages(): Record< string, string > {
	const pages = { ...POLICIES };
	for ( const [ name, kind, weightG ] of PRODUCTS ) {
		pages[ `${ name } ${ kind }` ] = [
			`The ${ name } is our ${ kind } for long days outside.`,
			`## Specifications\nWeight | ${ weightG } g\nColour | moss, slate\nPrice | ${ Math.round( weightG / 9 ) + 40 } euros\nMade in | Portugal`,
			`## Use\nTake the ${ name } on tours of ${ 2 + ( weightG % 5 ) } days. It has proven itself in rain, in snow and in the wind above the tree line.`,
			`## Care\nClean the ${ kind } with lukewarm water and let it dry in the shade. Never put it into a tumble dryer.`,
		].join( '\n\n' );
	}
	for ( const [ title, subject ] of ARTICLES ) {
		pages[ title ] = Array.from(
			{ length: 8 },
			( _value, step ) =>
				`## Step ${ step + 1 }\nBefore step ${ step + 2 } look at the ${ subject } once more. A good ${ subject } forgives haste, but a careful walker checks seams, straps and buckles in daylight, while the weather still leaves a choice.`
		).join( '\n\n' );
	}
	return pages;
}

const QUESTIONS = [
	( name: string, kind: string ) =>
		`What does the ${ name } ${ kind } weigh?`,
	( name: string, kind: string ) => `How do I clean the ${ name } ${ kind }?`,
	( name: string, kind: string ) =>
		`What is the price of the ${ name } ${ kind }?`,
	( name: string, kind: string ) =>
		`In which colour is the ${ name } ${ kind } made?`,
	( name: string, kind: string ) =>
		`Has the ${ name } ${ kind } proven itself in snow and wind?`,
];

/** Returns the n-th question; no two are alike, and the site has an answer to each. */
export function questionAt( n: number ): string {
	const [ name, kind ] = PRODUCTS[ n % PRODUCTS.length ] as [
		string,
		string,
		number,
	];
	const ask =
		QUESTIONS[ Math.floor( n / PRODUCTS.length ) % QUESTIONS.length ];
	return `Our group calls itself ${ nameOf( n ) } and is looking for gear. ${ ( ask as NonNullable< typeof ask > )( name, kind ) }`;
}

/** Turns a number into a name of letters: questions with long numbers count as personal and are treated in another way. */
function nameOf( n: number ): string {
	return [ ...n.toString( 26 ) ]
		.map( ( digit ) =>
			String.fromCharCode( 97 + Number.parseInt( digit, 26 ) )
		)
		.join( '' );
}

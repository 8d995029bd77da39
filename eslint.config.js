/**
 * Lints everything that runs as JavaScript with WordPress's rules, and keeps the architecture's promises.
 */
import wordpress from '@wordpress/eslint-plugin';

const root = import.meta.dirname;

/** What a sentence in a doc comment says is enough; TypeScript already says the types. */
const documentation = {
	files: [ '**/*.ts', '**/*.tsx', '**/*.js', '**/*.mjs' ],
	rules: {
		'jsdoc/require-param': 'off',
		'jsdoc/require-param-type': 'off',
		'jsdoc/require-returns-check': 'off',
		'jsdoc/require-returns-type': 'off',
		'jsdoc/require-property': 'off',
		'jsdoc/require-property-description': 'off',
		'jsdoc/require-property-type': 'off',
		'jsdoc/no-undefined-types': 'off',
		'jsdoc/check-line-alignment': 'off',
		'jsdoc/tag-lines': 'off',
	},
};

/** Functions and classes that the product exports carry a doc comment; tests and configuration speak for themselves. */
const documentedExports = {
	files: [ 'proxy/src/**/*.ts', 'blocks/**/*.{ts,tsx}' ],
	ignores: [ '**/*.d.ts' ],
	rules: {
		'jsdoc/require-jsdoc': [
			'error',
			{
				publicOnly: { esm: true, cjs: false, window: false },
				require: { FunctionDeclaration: true, ClassDeclaration: true },
				enableFixer: false,
			},
		],
	},
};

/** What an import names must be declared; what the proxy runs with, in the proxy's own package. */
const developmentImports = {
	rules: {
		'import/no-extraneous-dependencies': [
			'error',
			{ packageDir: [ root, `${ root }/proxy` ], devDependencies: true },
		],
	},
};
const productionImports = {
	files: [ 'proxy/src/**' ],
	rules: {
		'import/no-extraneous-dependencies': [
			'error',
			{ packageDir: [ `${ root }/proxy` ], devDependencies: false },
		],
	},
};

/** What is not known is `unknown`. An interface reads best when its methods look like methods. */
const types = {
	files: [ '**/*.ts', '**/*.tsx' ],
	rules: {
		'@typescript-eslint/no-explicit-any': 'error',
		'@typescript-eslint/method-signature-style': 'off',
		// A function further down is no surprise; a value further up is.
		'@typescript-eslint/no-shadow': [ 'error', { hoist: 'never' } ],
	},
};

/** A promise nobody waits for hides its failure; in the proxy that failure may be about money. */
const promises = {
	files: [ 'proxy/src/**/*.ts', 'blocks/**/*.{ts,tsx}' ],
	languageOptions: {
		parserOptions: { projectService: true, tsconfigRootDir: root },
	},
	rules: {
		'@typescript-eslint/no-floating-promises': 'error',
		'@typescript-eslint/await-thenable': 'error',
	},
};

/** Prettier looks at the format of every kind of file by itself. */
const format = { rules: { 'prettier/prettier': 'off' } };

/** A value may be named before an early return; a name says more than the moment it costs. */
const names = {
	rules: { '@wordpress/no-unused-vars-before-return': 'off' },
};

/** The proxy's folders from the door to the ground: each may import from those after it, never from those before. */
const floors = [
	[ 'routes', 'middleware' ],
	[ 'ask' ],
	[ 'answers', 'models', 'ledger', 'knowledge', 'images', 'voice' ],
	[ 'stores', 'upstream' ],
];
const direction = floors.slice( 1 ).map( ( floor, index ) => ( {
	files: floor.map( ( folder ) => `proxy/src/${ folder }/**/*.ts` ),
	rules: {
		'@typescript-eslint/no-restricted-imports': [
			'error',
			{
				patterns: [
					{
						group: floors
							.slice( 0, index + 1 )
							.flat()
							.map( ( folder ) => `**/${ folder }/**` ),
						allowTypeImports: true,
						message: 'Imports go from routes down to stores.',
					},
				],
			},
		],
	},
} ) );

/** Bytes, hashes and audio need bit operators. */
const bytes = {
	files: [ 'proxy/**', 'blocks/shared/**', 'tests/**', 'dev/**' ],
	rules: { 'no-bitwise': 'off' },
};

/** Text from visitors, models and pages becomes text nodes, and nothing outlives the tab. */
const browser = {
	files: [ 'blocks/**/*.{ts,tsx}' ],
	rules: {
		'no-restricted-globals': [
			'error',
			{
				name: 'localStorage',
				message: 'Nothing of a visitor outlives the tab.',
			},
		],
		'no-restricted-properties': [
			'error',
			{ property: 'innerHTML', message: 'Build text nodes.' },
			{ property: 'outerHTML', message: 'Build text nodes.' },
			{ property: 'insertAdjacentHTML', message: 'Build text nodes.' },
			{ object: 'window', property: 'localStorage' },
			{ object: 'document', property: 'cookie' },
			{ object: 'document', property: 'write' },
		],
		'react/no-danger': 'error',
	},
};

/** What visitors get runs in one document of its own; only the editor draws into a frame. */
const visitor = {
	files: [ 'blocks/assistant/view.ts', 'blocks/assistant/view/**' ],
	rules: { '@wordpress/no-global-active-element': 'off' },
};

/** WordPress calls these experimental, but they are how its own blocks build a sidebar, from 6.8 to 7.1. */
const editor = {
	files: [ 'blocks/**' ],
	rules: {
		'@wordpress/no-unsafe-wp-apis': [
			'error',
			{
				'@wordpress/components': [
					'__experimentalToolsPanel',
					'__experimentalToolsPanelItem',
				],
			},
		],
	},
};

/** Only the start hands the environment over, and only the configuration reads it. */
const proxy = {
	files: [ 'proxy/src/**/*.ts' ],
	ignores: [ 'proxy/src/config.ts', 'proxy/src/main.ts' ],
	rules: {
		'no-restricted-properties': [
			'error',
			{
				object: 'process',
				property: 'env',
				message: 'Read the environment in config.ts only.',
			},
		],
	},
};

/** Programs for a developer's terminal print. */
const terminal = {
	files: [ 'dev/**', 'tests/**' ],
	rules: { 'no-console': 'off' },
};

export default [
	{
		ignores: [
			'plugin/**',
			'**/node_modules/**',
			'vendor/**',
			'.docent/**',
			'coverage/**',
			'dist/**',
			'tests/**/fixtures/**',
		],
	},
	...wordpress.configs.recommended,
	{
		rules: {
			'@wordpress/i18n-text-domain': [
				'error',
				{ allowedTextDomain: 'docent' },
			],
		},
	},
	documentation,
	documentedExports,
	developmentImports,
	productionImports,
	types,
	...direction,
	names,
	format,
	promises,
	bytes,
	browser,
	visitor,
	editor,
	proxy,
	terminal,
];

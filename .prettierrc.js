/**
 * The one house format: WordPress's own (tabs, spaces inside parentheses).
 */
export { default } from '@wordpress/prettier-config';

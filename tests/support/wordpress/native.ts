/**
 * Gives tests a real WordPress: native PHP and MariaDB, newest and oldest supported release.
 */

export { startNativeWordPress } from '../../../dev/wordpress/native.ts';
export type {
	NativeWordPress,
	NativeWordPressOptions,
} from '../../../dev/wordpress/native.ts';
export {
	newestBranch,
	oldestBranch,
} from '../../../dev/wordpress/obtain-wordpress.ts';
export type { WordPressBranch } from '../../../dev/wordpress/obtain-wordpress.ts';

/**
 * Names the keys of a site in Redis. All keys of one site share a slot, so that one script may change any of them.
 */

/** Returns the key of a site with this name; with an empty name, what all its keys begin with. */
export function siteKey( siteId: string, name = '' ): string {
	return `docent:{${ siteId }}:${ name }`;
}

/**
 * Measures speed and memory of the proxy beside others, and the weight of the page: `npm run bench [-- --quick]`.
 */

// The bench lives with the tests. It is loaded by address, so that the tools of this folder do not depend on the tests.
await import( new URL( '../tests/bench/main.ts', import.meta.url ).href );

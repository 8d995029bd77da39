/**
 * Gives functions that run inside the browser the browser's types.
 */
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/// <reference lib="dom.asynciterable" />

/**
 * Says what a store of sites' documents can do: keep them, find the passages that hold a word, and change them in one step
 * with the answers that rest on them.
 */
import type { SiteDocument } from '../types.ts';
import type { Postings } from './postings.ts';

/** What there is of one site. A site that never sent a document has version 0. */
export interface SiteIndex {
	/** Rises with every change of the site's documents. */
	version: number;
	/** Another one means that everything was lost, and versions begin anew; absent where that cannot happen. */
	epoch?: string;
	passageCount: number;
	documentCount: number;
	/** Base languages of the site's documents. */
	languages: string[];
}

/** A passage ready to be stored. */
export interface IndexedPassage {
	headingPath: string[];
	text: string;
	/** How much the passage is about each of its words, from 1 to `MAX_IMPACT`. */
	impacts: ReadonlyMap< string, number >;
}

/** A document cut and read. */
export interface IndexedDocument extends Omit< SiteDocument, 'text' > {
	/** Base language that its words were read in. */
	baseLanguage: string;
	/** Tells documents read by an earlier version of the word rules, which have to be sent again. */
	wordsVersion: number;
	passages: IndexedPassage[];
}

/** A stored passage with its document. */
export interface StoredPassage {
	number: number;
	documentId: string;
	documentHash: string;
	url: string;
	title: string;
	language: string;
	headingPath: string[];
	text: string;
}

/** A cached answer as far as a change of documents must know it. */
export interface CachedQuestion {
	answerId: string;
	/** What the question asks about, as `questionTerms` wrote it. */
	terms: string;
}

/** Statistics of a site in the middle of a change. */
export interface SiteStatistics {
	passageCount: number;
	/** Base languages of the site's documents. */
	languages: readonly string[];
	/** How many passages of documents in one of `languages` hold a word. */
	passagesWith( word: string, languages: readonly string[] ): number;
}

/** Picks, among a site's cached answers, those that the changed documents might answer differently. */
export type FindOutdated = (
	changed: readonly IndexedDocument[],
	questions: readonly CachedQuestion[],
	site: SiteStatistics
) => string[];

/** A change of a site's documents. */
export interface KnowledgeChange {
	put: readonly IndexedDocument[];
	remove: readonly string[];
	findOutdated: FindOutdated;
}

/** What a change did. */
export interface KnowledgeChangeResult {
	version: number;
	/** Documents that were new or different. */
	changed: string[];
	/** Documents that were there and are gone. */
	removed: string[];
	/** Cached answers that fell. */
	fallenAnswers: number;
}

/** Which documents of a site a search is limited to: those with one of the ids or one of the addresses. */
export interface DocumentSelection {
	ids: readonly string[];
	urls: readonly string[];
}

/** A hash with the version of the word rules it was read by. */
export interface StoredHash {
	hash: string;
	wordsVersion: number;
}

/** Something read in one step, with the site's version it belongs to. */
export interface Snapshot< T > {
	version: number;
	value: T;
}

/** Keeps the documents of all sites, each site apart. */
export interface KnowledgeStore {
	site( siteId: string ): Promise< SiteIndex >;
	/** Returns the postings of each word, in the order of `words`. */
	postings(
		siteId: string,
		words: readonly string[]
	): Promise< Snapshot< Postings[][] > >;
	/** Returns passages by number; numbers that are gone are left out. */
	passages(
		siteId: string,
		numbers: readonly number[]
	): Promise< Snapshot< StoredPassage[] > >;
	/** Returns the numbers of the passages of the selected documents, in the order of the text. */
	passageNumbers(
		siteId: string,
		selection: DocumentSelection
	): Promise< Snapshot< number[] > >;
	/** Returns hashes by document id: of the documents with one of `ids`, or of all documents of the site. */
	hashes(
		siteId: string,
		ids?: readonly string[]
	): Promise< Map< string, StoredHash > >;
	/**
	 * Applies a change as a whole or not at all. In the same step the site's version rises, and cached answers go that rest
	 * on a changed or removed document or that `findOutdated` names. A change that changes nothing leaves the version alone.
	 */
	change(
		siteId: string,
		change: KnowledgeChange
	): Promise< KnowledgeChangeResult >;
}

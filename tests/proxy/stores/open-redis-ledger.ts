/**
 * Opens the ledger in a Redis for a process of its own.
 */
import { openLedger as openRedisLedger } from '../../support/redis/ledgers.ts';
import type { OpenLedger } from './ledger-worker.ts';

export const openLedger: OpenLedger = ( url ) => openRedisLedger( url, {} );

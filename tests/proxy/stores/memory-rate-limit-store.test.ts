import { createMemoryRateLimitStore } from '../../../proxy/src/stores/memory/memory-rate-limit-store.ts';
import { describeRateLimitStore } from './rate-limit-store-contract.ts';

describeRateLimitStore( 'memory', async () => createMemoryRateLimitStore() );

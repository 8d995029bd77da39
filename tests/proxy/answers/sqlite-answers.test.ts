/**
 * Puts the SQLite store through the contract of answers.
 */
import { openInMemory } from '../knowledge/open-sqlite.ts';
import { describeAnswers } from './answers-contract.ts';

describeAnswers( 'SQLite', openInMemory );

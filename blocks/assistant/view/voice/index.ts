/**
 * What a page fetches of voice at the first tap on the microphone or a speaker.
 */
export { startRecorder } from './recorder.ts';

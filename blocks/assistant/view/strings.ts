/**
 * Names the words of the panel, which WordPress translates and the page prints.
 */

/** Notices, failures, refusals of the microphone and what becomes of live conversations are looked up by their code. */
export type Strings = Record<
	| `notice_${ string }`
	| `failure_${ string }`
	| `mic_${ string }`
	| `live_${ string }`,
	string | undefined
> &
	Record<
		| 'agree'
		| 'notNow'
		| 'consentTitle'
		| 'privacyTitle'
		| 'consentSent'
		| 'consentKept'
		| 'privacyPolicy'
		| 'withdraw'
		| 'done'
		| 'send'
		| 'stop'
		| 'opening'
		| 'searching'
		| 'reconnecting'
		| 'waitingOnline'
		| 'stopped'
		| 'isAnswering'
		| 'isComplete'
		| 'sourcesCount'
		| 'youAsked'
		| 'sources'
		| 'nearest'
		| 'newAnswer'
		| 'copy'
		| 'copied'
		| 'copyFailed'
		| 'thumbUp'
		| 'thumbDown'
		| 'thanks'
		| 'retry'
		| 'startedOver'
		| 'tooLong'
		| 'consentVoiceTitle'
		| 'consentVoice'
		| 'consentVoiceFirst'
		| 'agreeAndSpeak'
		| 'micOpening'
		| 'micMuted'
		| 'micAllowed'
		| 'recording'
		| 'recordingCancelled'
		| 'recordAgain'
		| 'voiceCancel'
		| 'voiceDone'
		| 'secondsLeft'
		| 'writingDown'
		| 'spokenQuestion'
		| 'correct'
		| 'listen'
		| 'pauseSpeech'
		| 'soundBlocked'
		| 'silentSwitch'
		| 'noSpeech'
		| 'live'
		| 'liveMute'
		| 'liveUnmute'
		| 'liveEnd'
		| 'liveTalk'
		| 'livePush'
		| 'liveHeadphones'
		| 'liveLate',
		string
	>;

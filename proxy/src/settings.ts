/**
 * Says what a site's owner can set (`GET`, `PUT /v1/site/settings`), with limits and defaults.
 */
import { z } from 'zod';
import { TIERS } from './models/catalog.ts';

const nanoUsd = z.number().int().min( 0 ).max( 1_000_000_000_000_000 );

const assistantSchema = z.strictObject( {
	name: z.string().max( 80 ),
	instructions: z.string().max( 4_000 ),
	/** BCP 47 tag of the site; the assistant still answers in the visitor's language. */
	language: z.string().max( 35 ),
	voice: z.string().max( 40 ),
} );

const limitsSchema = z.strictObject( {
	siteDayNanoUsd: nanoUsd,
	siteMonthNanoUsd: nanoUsd,
	visitorDayNanoUsd: nanoUsd,
	/** Speech heard and spoken in a day, in seconds; 0 allows none. */
	voiceSecondsDay: z.number().int().min( 0 ).max( 1_000_000_000 ),
	/** Pictures looked at in a day; 0 allows none. */
	imagesDay: z.number().int().min( 0 ).max( 1_000_000_000 ),
	/** Share of a site limit at which economy begins, from 0 to 1. */
	softShare: z.number().min( 0 ).max( 1 ),
	timeZone: z
		.string()
		.refine( isTimeZone, 'is not a time zone such as Europe/Berlin' ),
} );

const rateLimitsSchema = z.strictObject( {
	visitorPerMinute: z.number().int().min( 1 ).max( 1_000_000 ),
	addressPerMinute: z.number().int().min( 1 ).max( 1_000_000 ),
	/** Questions of all visitors together. */
	sitePerMinute: z.number().int().min( 1 ).max( 10_000_000 ),
} );

const modalitiesSchema = z.strictObject( {
	voice: z.boolean(),
	images: z.boolean(),
	video: z.boolean(),
	realtime: z.boolean(),
} );

const cacheSchema = z.strictObject( {
	enabled: z.boolean(),
	semantic: z.boolean(),
	/** How many different visitors must have asked before an answer is shared by meaning. */
	distinctVisitors: z.number().int().min( 1 ).max( 1_000 ),
	ttlSeconds: z.number().int().min( 0 ).max( 31_536_000 ),
} );

const retentionSchema = z.strictObject( {
	conversationHours: z.number().int().min( 1 ).max( 8_760 ),
	/** How long single calls stay in the call log; their sums by day stay. */
	callDays: z.number().int().min( 1 ).max( 3_650 ),
} );

/** The voices of OpenAI's speech, audio chat and realtime models all have these, November 2026; others are taken as they are. */
const voiceName = z.string().trim().min( 1 ).max( 40 );
const voiceInstructions = z.string().max( 1_000 );

const voiceSchema = z.strictObject( {
	/** How the assistant's own voice speaks, in words for the model. */
	instructions: voiceInstructions,
	/** Other voices with a manner of their own, which a block can ask for by `id`. */
	roles: z
		.array(
			z.strictObject( {
				id: z.string().regex( /^[a-z0-9-]{1,40}$/ ),
				name: z.string().trim().min( 1 ).max( 80 ),
				voice: voiceName,
				instructions: voiceInstructions,
			} )
		)
		.max( 20 ),
	/** Who speaks answers: a model of the provider, or the visitor's browser, which is free. */
	speech: z.enum( [ 'provider', 'browser' ] ),
	/** Whether spoken questions are answered by an audio chat model, which hears the visitor and speaks itself. */
	expressive: z.boolean(),
	/** Whether a browser that can write down speech on the device itself may do so. */
	browserTranscription: z.boolean(),
	/** The longest spoken question, in seconds. */
	maxQuestionSeconds: z.number().int().min( 5 ).max( 120 ),
	/** The longest live conversation, in seconds. */
	liveMaxSeconds: z.number().int().min( 60 ).max( 7_200 ),
	/** Whether a live conversation says what it has cost so far. */
	showSpent: z.boolean(),
	/** Whether articles are spoken by the provider once and stored, and not by the browser. */
	readAloud: z.boolean(),
	/** Whether visitors may download what was read aloud. */
	download: z.boolean(),
} );

const tier = z.enum( TIERS );

const routingSchema = z.strictObject( {
	/** The tiers that may be used at all. */
	tiers: z.array( tier ).min( 1 ).max( TIERS.length ),
	/** No question goes higher, whatever asks for it. */
	maxTier: tier,
	/** Whether a cheaper model may pass a question up to the next tier, instead of answering it. */
	passUp: z.boolean(),
	/** The first rule whose words a question contains decides its tier. */
	rules: z
		.array(
			z.strictObject( {
				containing: z
					.array( z.string().trim().min( 1 ).max( 80 ) )
					.min( 1 )
					.max( 20 ),
				tier,
			} )
		)
		.max( 50 ),
	/** The tier for questions in a language, by the base of its tag (`de`, `zh`). */
	languageTiers: z.record(
		z.string().regex( /^[a-z]{2,3}$/, 'is not a language such as de' ),
		tier
	),
	/** Asks a model which tier a question needs where the rules are in doubt. */
	decisionModel: z.boolean(),
	/** The most that one such decision may cost, in nano-dollars. */
	decisionMaxNanoUsd: nanoUsd,
} );

/** A part of the settings, as `PUT /v1/site/settings` merges it. */
export const settingsPatchSchema = z.strictObject( {
	assistant: assistantSchema.partial().optional(),
	limits: limitsSchema.partial().optional(),
	rateLimits: rateLimitsSchema.partial().optional(),
	modalities: modalitiesSchema.partial().optional(),
	cache: cacheSchema.partial().optional(),
	retention: retentionSchema.partial().optional(),
	routing: routingSchema.partial().optional(),
	voice: voiceSchema.partial().optional(),
} );

export type SettingsPatch = z.infer< typeof settingsPatchSchema >;

/** All settings of a site, complete. */
export interface Settings {
	assistant: z.infer< typeof assistantSchema >;
	limits: z.infer< typeof limitsSchema >;
	rateLimits: z.infer< typeof rateLimitsSchema >;
	modalities: z.infer< typeof modalitiesSchema >;
	cache: z.infer< typeof cacheSchema >;
	retention: z.infer< typeof retentionSchema >;
	routing: z.infer< typeof routingSchema >;
	voice: z.infer< typeof voiceSchema >;
}

/** What holds until an owner says otherwise: small limits, so that a forgotten setting costs little. */
export const DEFAULT_SETTINGS: Settings = {
	assistant: {
		name: 'Docent',
		instructions: '',
		language: 'en',
		voice: 'alloy',
	},
	limits: {
		siteDayNanoUsd: 1_000_000_000,
		siteMonthNanoUsd: 20_000_000_000,
		visitorDayNanoUsd: 100_000_000,
		voiceSecondsDay: 1_800,
		imagesDay: 200,
		softShare: 0.8,
		timeZone: 'UTC',
	},
	rateLimits: {
		visitorPerMinute: 20,
		addressPerMinute: 60,
		sitePerMinute: 600,
	},
	modalities: { voice: true, images: true, video: true, realtime: false },
	cache: {
		enabled: true,
		semantic: true,
		distinctVisitors: 3,
		ttlSeconds: 7 * 86_400,
	},
	retention: { conversationHours: 24, callDays: 90 },
	routing: {
		tiers: [ ...TIERS ],
		maxTier: 'premium',
		passUp: true,
		rules: [],
		languageTiers: {},
		decisionModel: false,
		decisionMaxNanoUsd: 200_000,
	},
	voice: {
		instructions: '',
		roles: [],
		speech: 'provider',
		expressive: false,
		browserTranscription: false,
		maxQuestionSeconds: 60,
		liveMaxSeconds: 600,
		showSpent: false,
		readAloud: true,
		download: false,
	},
};

/** Lays a part over complete settings; what the part leaves out stays. */
export function mergeSettings(
	base: Settings,
	patch: SettingsPatch
): Settings {
	const merged: Record< string, object > = {};
	for ( const section of Object.keys( base ) as Array< keyof Settings > ) {
		merged[ section ] = { ...base[ section ], ...patch[ section ] };
	}
	return merged as unknown as Settings;
}

function isTimeZone( name: string ): boolean {
	try {
		new Intl.DateTimeFormat( 'en', { timeZone: name } );
		return true;
	} catch {
		return false;
	}
}

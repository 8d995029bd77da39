/**
 * Asks one target after another until one answers: in the order of the plan, within the money, and only while nothing was shown.
 */
import { boundInputTokens } from '../ledger/pricing.ts';
import { TIERS, type Tier } from '../models/catalog.ts';
import { keepFeatures, type RoutingFeatures } from '../models/features.ts';
import {
	createPlan,
	MAX_ATTEMPTS,
	orderTargets,
	type Target,
} from '../models/plan.ts';
import type { Route } from '../models/router.ts';
import type { ModelAnswer, ModelQuestion } from './answer-with-model.ts';
import { reserveAnswer, saveSettlement } from './answer-money.ts';
import { makeCall } from './make-call.ts';
import type { ModelServices } from './model-services.ts';
import { readyTargets, targetAgain } from './ready-targets.ts';
import {
	recordAttempt,
	recordNoMoney,
	type CallContext,
} from './record-attempt.ts';
import { modelsFor } from './route.ts';

/** So many calls of one turn may be paid for without an answer; then the site's own words cost less. */
const MAX_PAID_FAILURES = 2;

/** What holds for all calls of one turn. */
export interface Run {
	route: Route;
	features: RoutingFeatures;
	/** The tiers that may be used, from the cheapest. */
	usable: readonly Tier[];
	/** Aborts when the visitor stops the answer, and when there is no more time for its first words. */
	signal: AbortSignal;
	onFirstWords(): void;
}

/** Returns the first answer, or what became of the question without one. */
export async function askTargets(
	services: ModelServices,
	question: ModelQuestion,
	run: Run
): Promise< ModelAnswer > {
	const { turn, settings } = question;
	const { signal } = run;
	const isEconomy = run.route.reason === 'economy_mode';
	const features = keepFeatures( run.features );
	const plan = createPlan( targetsFrom( services, run, run.route.tier ) );
	let { reason } = run.route;
	let costNanoUsd = 0;
	let failures = 0;
	let paidFailures = 0;
	let hasPassedUp = false;
	let failed: Target | undefined;
	let again: Target | undefined;

	for ( let number = 1; number <= MAX_ATTEMPTS; number++ ) {
		const ready = await readyTargets( services.health, plan, {
			again,
			chance: services.random(),
			signal,
		} );
		const [ wanted ] = ready;
		if ( ! wanted || signal.aborted ) {
			break;
		}
		if ( failed && wanted !== failed ) {
			reason = 'fallback';
		}
		// After a failure, or with little money, nothing is asked twice.
		const tierAbove =
			failures > 0 || hasPassedUp || isEconomy
				? undefined
				: nextTierUp( question, run, wanted );
		const messages = question.messages( {
			mayPassUp: tierAbove !== undefined,
			isShort: isEconomy,
		} );
		const inputBound = boundInputTokens( messages );
		const context: CallContext = {
			turn,
			requestId: question.requestId,
			target: wanted,
			reason,
			features,
			attempt: number,
		};

		const fitted = await reserveAnswer( services, {
			turn,
			limits: settings.limits,
			targets: [ wanted, ...ready.slice( 1 ) ],
			inputBound,
			isEconomy,
			signal,
		} );
		if ( fitted === undefined ) {
			break;
		}
		if ( fitted.kind === 'refused' ) {
			recordNoMoney( services, context );
			// After a failed call the failure is what the visitor meets, not the limit.
			return {
				kind: failures > 0 ? 'unavailable' : 'limit_reached',
				costNanoUsd,
			};
		}
		const watched = signal.aborted
			? undefined
			: services.health.begin( fitted.target.model );
		if ( ! watched ) {
			// The visitor left, or somebody else's call became the probe of a target that rests.
			await saveSettlement(
				services,
				turn,
				fitted.reservation.release()
			);
			continue;
		}
		if ( fitted.isFitted ) {
			context.target = fitted.target;
			context.reason = 'fitted_to_limit';
		}

		const made = await makeCall( services, question, run, {
			fitted,
			messages: fitted.isFitted
				? question.messages( { mayPassUp: false, isShort: true } )
				: messages,
			inputBound,
			mayPassUp: tierAbove !== undefined && ! fitted.isFitted,
			watched,
		} );
		costNanoUsd += made.settled.costNanoUsd;
		const saved = saveSettlement( services, turn, made.settled );
		recordAttempt( services, context, fitted.reservation, made );
		again = undefined;

		const { end } = made;
		switch ( end.kind ) {
			case 'answered':
				return {
					...end,
					tier: fitted.target.tier,
					reason: context.reason,
					costNanoUsd,
				};
			case 'passed_up':
				hasPassedUp = true;
				reason = 'passed_up';
				if ( tierAbove ) {
					services.raised.set( turn.conversationId, tierAbove );
					plan.replace( targetsFrom( services, run, tierAbove ) );
				}
				break;
			case 'failed':
				failed = fitted.target;
				failures++;
				paidFailures += made.settled.costNanoUsd > 0 ? 1 : 0;
				if ( end.text !== '' ) {
					return { kind: 'cut', text: end.text, costNanoUsd };
				}
				if ( paidFailures >= MAX_PAID_FAILURES ) {
					return { kind: 'unavailable', costNanoUsd };
				}
				again = await targetAgain( plan, {
					target: failed,
					error: end.error,
					failures,
					chance: services.random(),
					signal,
				} );
		}
		// What the call held must be free, and its cost counted, before the next one reserves.
		await saved;
	}
	return { kind: 'unavailable', costNanoUsd };
}

/** Lists the targets for a tier. Money that is getting short is no reason to go up. */
function targetsFrom(
	services: ModelServices,
	{ route, features, usable }: Run,
	tier: Tier
): Target[] {
	return orderTargets( {
		tier,
		usable,
		targetsOf: ( one ) => modelsFor( services, one, features.modality ),
		mayRise: route.reason !== 'economy_mode',
	} );
}

/** Returns the tier to which a target may pass a question up. What is spoken has no time for that. */
function nextTierUp(
	{ settings }: ModelQuestion,
	{ features, usable }: Run,
	{ tier }: Target
): Tier | undefined {
	const isSpoken =
		features.modality === 'voice' || features.modality === 'realtime';
	return settings.routing.passUp && ! isSpoken
		? usable.find(
				( other ) => TIERS.indexOf( other ) > TIERS.indexOf( tier )
			)
		: undefined;
}
